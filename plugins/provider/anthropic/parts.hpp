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

void write_text_block(JsonWriter& json, std::string_view text, std::string_view cache_control = {},
                      std::string_view citations = {});

/// Writes an image, a file or one of Anthropic's own blocks.  `where` is its path in the
/// client's request.  `cache_control` is JSON or empty.  Calls `begin` before it writes the
/// block.  Writes nothing if the part is refused.
Result<void> write_block(JsonWriter& json, const Part& part, const std::string& where,
                         std::string_view cache_control, const std::function<void()>& begin);

}  // namespace gatehouse::anthropic
