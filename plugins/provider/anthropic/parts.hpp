// SPDX-License-Identifier: Apache-2.0
// Writes content parts as the API's content blocks.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Makes an error for a client's field that the API cannot express.
Error no_place(std::string message, std::string param);

/// Whether the API accepts `text` as a block.  It refuses blocks of blanks.
bool says_something(std::string_view text);

/// The text of a textual part.  Returns nothing for other parts.
std::optional<std::string_view> text_in(const Part& part);

/// Whether `thought` may be sent: it was issued, and signed or encrypted, by this API.
bool is_returnable(const Thought& thought);

/// Settings for the members of a part.
struct BlockStyle {
    std::string_view cache_control = {};  // JSON, for a part without its own; may be empty
    bool native = false;                  // the client's words are Anthropic's: all are sent
};

void write_text_block(JsonWriter& json, std::string_view text);

/// Writes `text`, the text of `part`, as a block.
void write_text_part(JsonWriter& json, const Part& part, std::string_view text, const BlockStyle& style);

/// Writes an image, a file, a thought or one of Anthropic's own blocks.  `where` is its path
/// in the client's request.  Calls `begin` before it writes the block.  Writes nothing if the
/// part is refused, or is a thought that the API does not accept.
Result<void> write_block(JsonWriter& json, const Part& part, const std::string& where,
                         const BlockStyle& style, const std::function<void()>& begin);

}  // namespace gatehouse::anthropic
