// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere_names.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::oci {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_plain(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_allowed(std::string_view name) {
    return !name.empty() && !is_digit(name.front()) && std::all_of(name.begin(), name.end(), is_plain);
}
std::string made_plain(std::string_view name) {
    std::string out(name);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return !is_plain(c); }, '_');
    return out.empty() || is_digit(out.front()) ? "_" + out : out;
}

template <typename Each>
void for_each_name(const ChatRequest& request, Each&& each) {
    for (const Tool& tool : request.tools)
        if (tool.type == "function") each(tool.name);
    // What was called earlier and is not offered any more still has its name.
    for (const Message& message : request.messages)
        for (const ToolCall& call : message.tool_calls) each(call.name);
}

}  // namespace

CohereNames::CohereNames(const ChatRequest& request) {
    bool all_allowed = true;
    for_each_name(request, [&](const std::string& name) { all_allowed = all_allowed && is_allowed(name); });
    if (all_allowed) return;

    std::set<std::string, std::less<>> taken;
    for_each_name(request, [&](const std::string& name) {
        if (is_allowed(name)) taken.insert(name);
    });
    for_each_name(request, [&](const std::string& name) {
        if (is_allowed(name) || theirs_.contains(name)) return;
        const std::string plain = made_plain(name);
        std::string free = plain;
        // Bounded: there are not more names than tools and calls.
        for (std::size_t i = theirs_.size() + 2; !taken.insert(free).second; ++i)
            free = plain + "_" + std::to_string(i);
        ours_.emplace(free, name);
        theirs_.emplace(name, std::move(free));
    });
}

std::string_view CohereNames::to_cohere(std::string_view name) const {
    const auto found = theirs_.find(name);
    return found == theirs_.end() ? name : std::string_view(found->second);
}

std::string_view CohereNames::to_client(std::string_view name) const {
    const auto found = ours_.find(name);
    return found == ours_.end() ? name : std::string_view(found->second);
}

}  // namespace gatehouse::oci
