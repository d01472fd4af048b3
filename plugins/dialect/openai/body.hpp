// SPDX-License-Identifier: Apache-2.0
// What the bodies of all operations have in common: an object that names a model.
// Functions without state.  [any thread]
#pragma once

#include "plugins/dialect/openai/reader.hpp"

#include <gatehouse/result.hpp>

#include <optional>
#include <string>
#include <utility>

namespace gatehouse::openai_dialect {

/// "the body must be a JSON object; got an array"
Error not_an_object(json::Type type);

/// The member `model`.
bool read_model(Reader& reader, json::Value& value, const Where& where, std::string& model);

/// Reads `body`, a string whose capacity may grow, or a pointer to one that JsonStrings
/// may keep, by read(json::Object& top), which returns false when `reader` has noted an error.
template <typename Body, typename Read>
Result<void> read_body(Body& body, std::size_t max_depth, const Reader& reader, Read&& read) {
    std::optional<Error> huge;  // a field that has such a number is named, if it is one that we read
    auto document = json::Document::parse(body, max_depth, &huge);
    if (!document) return document.error();
    auto top = document->object();
    if (!top) return not_an_object(json::type_of(document->top()));
    if (read(*top)) return huge ? Result<void>(*std::move(huge)) : Result<void>();
    if (!reader.error().message.empty()) return reader.error();
    return Error{ErrorKind::bad_request, "the body is not valid JSON"};
}

}  // namespace gatehouse::openai_dialect
