// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/simulated_stream.hpp"

#include "plugins/common/text/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::oci {

namespace {

constexpr std::size_t word_bytes = 16;
constexpr std::size_t max_pieces = 4096;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Calls each(piece) for all pieces of `text`.  A long text gets longer pieces, so
/// that their number is bounded.
template <typename Each>
void cut(std::string_view text, Each&& each) {
    const std::size_t least = text.size() / max_pieces;
    while (!text.empty()) {
        const std::string_view piece = next_piece(text, least, least + word_bytes);
        each(piece);
        text.remove_prefix(piece.size());
    }
}

}  // namespace

std::string_view next_piece(std::string_view text, std::size_t least, std::size_t most) {
    std::size_t end = std::min(least, text.size());
    while (end < text.size() && end < most && is_blank(text[end])) ++end;
    while (end < text.size() && end < most && !is_blank(text[end])) ++end;
    while (end < text.size() && common::is_inside_character(text[end])) ++end;
    return text.substr(0, std::max<std::size_t>(end, text.empty() ? 0 : 1));
}

void CuttingSink::emit(Event event) {
    if (auto* delta = std::get_if<TextDelta>(&event))
        return cut(delta->text, [&](std::string_view piece) {
            to_.emit(TextDelta{std::string(piece), delta->choice});
        });
    if (auto* delta = std::get_if<ReasoningDelta>(&event))
        return cut(delta->text, [&](std::string_view piece) {
            to_.emit(ReasoningDelta{std::string(piece), delta->choice});
        });
    if (auto* delta = std::get_if<ToolCallDelta>(&event);
        delta && !delta->id.empty() && !delta->arguments.empty()) {
        const std::string arguments = std::exchange(delta->arguments, {});
        const int index = delta->index, choice = delta->choice;
        const bool custom = delta->custom;
        to_.emit(std::move(event));
        return cut(arguments, [&](std::string_view piece) {
            to_.emit(ToolCallDelta{
                .index = index, .arguments = std::string(piece), .choice = choice, .custom = custom});
        });
    }
    to_.emit(std::move(event));
}

}  // namespace gatehouse::oci
