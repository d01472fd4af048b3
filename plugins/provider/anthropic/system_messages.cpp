// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/system_messages.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/parts.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

// Its end is a date.
constexpr std::string_view inner_system_beta = "mid-conversation-system-";

bool becomes_block(const Message& message, const Part& part) {
    if (const auto said = text_in(part)) return says_something(*said);
    if (auto* thought = std::get_if<Thought>(&part)) return is_returnable(*thought);
    if (auto* call = std::get_if<ToolCallRef>(&part)) return call->index < message.tool_calls.size();
    return true;
}

}  // namespace

bool is_system(Role role) {
    switch (role) {
        case Role::system:
        case Role::developer: return true;
        case Role::user:
        case Role::assistant:
        case Role::tool: return false;
    }
    return false;
}

std::string part_path(std::size_t message, std::size_t part) {
    return "messages[" + std::to_string(message) + "].content[" + std::to_string(part) + "]";
}

std::size_t written_parts(const Message& message) {
    std::size_t count = message.parts.size();
    while (count > 0 && !becomes_block(message, message.parts[count - 1])) --count;
    return count;
}

std::size_t leading_system(const ChatRequest& request) {
    const auto first = std::find_if_not(request.messages.begin(), request.messages.end(),
                                        [](const Message& message) { return is_system(message.role); });
    return static_cast<std::size_t>(first - request.messages.begin());
}

bool has_inner_system(const ChatRequest& request) {
    const auto begin = request.messages.begin() + static_cast<std::ptrdiff_t>(leading_system(request));
    return std::any_of(begin, request.messages.end(), [](const Message& message) {
        return is_system(message.role) && written_parts(message) > 0;
    });
}

bool allow_inner_system(std::string_view configured, const std::vector<std::string>& betas) {
    return configured.find(inner_system_beta) != configured.npos ||
           std::any_of(betas.begin(), betas.end(),
                       [](const std::string& beta) { return beta.find(inner_system_beta) != beta.npos; });
}

Result<void> write_system_texts(JsonWriter& json, const ChatRequest& request, std::size_t index,
                                const std::function<void()>& begin) {
    const Message& message = request.messages[index];
    const std::string cache = json::member_of(message.extra, "cache_control");
    const std::size_t count = written_parts(message);
    for (std::size_t p = 0; p < count; ++p) {
        const auto said = text_in(message.parts[p]);
        const auto* other = std::get_if<OtherPart>(&message.parts[p]);
        if (other && is_native(request)) {
            begin();
            json.raw(other->json.text);
            continue;
        }
        if (!said) return no_place("Anthropic accepts only text in system messages", part_path(index, p));
        if (!says_something(*said)) continue;
        begin();
        write_text_part(json, message.parts[p], *said, {p + 1 == count ? cache : "", is_native(request)});
    }
    return {};
}

Result<void> write_system(JsonWriter& json, const ChatRequest& request, std::string_view more) {
    bool any = false;
    auto begin = [&] {
        if (!any) json.key("system").begin_array();
        any = true;
    };
    const std::size_t count = leading_system(request);
    for (std::size_t i = 0; i < count; ++i)
        if (auto ok = write_system_texts(json, request, i, begin); !ok) return ok;
    if (!more.empty()) {
        begin();
        write_text_block(json, more);
    }
    if (any) json.end_array();
    return {};
}

}  // namespace gatehouse::anthropic
