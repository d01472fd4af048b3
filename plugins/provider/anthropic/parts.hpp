// SPDX-License-Identifier: Apache-2.0
// Content parts as the API's content blocks.  Functions without state: any thread.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// An error for what the API cannot express, with the client's field.
Error no_place(std::string message, std::string param);

/// Whether the API takes `text` as a block: it refuses blocks of blanks.
bool says_something(std::string_view text);

/// The text of a part that is text of some kind; nothing: it is something else.
std::optional<std::string_view> text_in(const Part& part);

void write_text_block(JsonWriter& json, std::string_view text, std::string_view cache_control = {},
                      std::string_view citations = {});

/// An image, a file or a block of Anthropic's own.  `where` is its place in the client's
/// request, `cache_control` JSON or empty.  `begin` is called before the block is
/// written, if one is: nothing is, of a part that is refused.
Result<void> write_block(JsonWriter& json, const Part& part, const std::string& where,
                         std::string_view cache_control, const std::function<void()>& begin);

}  // namespace gatehouse::anthropic
