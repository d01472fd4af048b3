// SPDX-License-Identifier: Apache-2.0
// Code that all request bodies share: an object with a model.
// Functions without state.  [any thread]
#pragma once

#include "plugins/common/client/reader.hpp"
#include "plugins/common/json/surrogates.hpp"

#include <gatehouse/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::client {

/// "the body must be a JSON object; got an array"
Error not_an_object(json::Type type);

/// The member `model`.
bool read_model(Reader& reader, json::Value& value, const Where& where, std::string& model);

inline std::string& text_of(std::string& body) { return body; }
inline std::string& text_of(const std::shared_ptr<std::string>& body) { return *body; }

/// The grammar of JSON allows half a surrogate pair.  U+FFFD replaces it.
template <typename Body>
Result<json::Document> parse_mended(Body& body, std::size_t max_depth, std::optional<Error>& huge) {
    auto document = json::Document::parse(body, max_depth, &huge);
    if (document || !json::mend_surrogates(text_of(body))) return document;
    return json::Document::parse(body, max_depth, &huge);
}

/// Parses `body`, then calls read(json::Object& top), which returns false if `reader` has an
/// error.  `body` is a string whose capacity may grow, or a pointer to a string that
/// JsonStrings may share.
template <typename Body, typename Read>
Result<void> read_body(Body& body, std::size_t max_depth, const Reader& reader, Read&& read) {
    std::optional<Error> huge;  // the error names the field of the number if the parser reads that field
    auto document = parse_mended(body, max_depth, huge);
    if (!document) return document.error();
    auto top = document->object();
    if (!top) return not_an_object(json::type_of(document->top()));
    if (read(*top)) return huge ? Result<void>(*std::move(huge)) : Result<void>();
    if (!reader.error().message.empty()) return reader.error();
    return Error{ErrorKind::bad_request, "the body is not valid JSON"};
}

}  // namespace gatehouse::client
