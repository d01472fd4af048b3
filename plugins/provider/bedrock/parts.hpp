// SPDX-License-Identifier: Apache-2.0
// Parts of a message as content blocks (Amazon Bedrock API Reference, ContentBlock).
#pragma once

#include "plugins/provider/bedrock/model.hpp"

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::bedrock {

/// The names of the documents of a request, which must differ and have few characters.  The same
/// conversation gives the same names.  One thread at a time.
class DocumentNames {
public:
    std::string add(std::string_view filename);

private:
    std::map<std::string, std::size_t> taken_;
};

/// A field without which the answer would be wrong.
[[gnu::cold]] Error no_place(std::string message, std::string param);

bool is_system(Role role);
/// Whether `text` is not blank.  Converse refuses blank texts.
bool says_something(std::string_view text);
void write_text(JsonWriter& json, std::string_view text);

/// Writes the block for cache_control in `extra`, if it has one and the model caches prompts.
/// `ttl` "1h" is kept.
void write_cache_point(JsonWriter& json, const JsonText& extra, const Model& model);

/// Writes `part`, with a cache point behind it.  Calls `begin` before a block.  Skips blank texts and
/// thoughts of other vendors.  `where`: its path, for the error's param.  Returns whether the block is a
/// document.
Result<bool> write_part(JsonWriter& json, const Part& part, const std::string& where, const Model& model,
                        DocumentNames& names, const std::function<void()>& begin);
/// REQUIRES: the thought is returnable.
void write_thought(JsonWriter& json, const Thought& thought);

}  // namespace gatehouse::bedrock
