// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/names.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

namespace {

constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_id = 256;

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

bool fits(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), is_plain);
}

std::string made_plain(std::string_view text, std::size_t most, std::string_view otherwise) {
    std::string out(text.substr(0, most));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return !is_plain(c); }, '_');
    return out.empty() ? std::string(otherwise) : out;
}

/// `plain`, with a number behind it that no other has.
template <typename Taken>
std::string numbered(std::string plain, std::size_t& number, std::size_t most, const Taken& taken) {
    std::string out = plain;
    while (taken.contains(out)) {
        const std::string end = "_" + std::to_string(++number);
        out = plain.substr(0, most - end.size()) + end;
    }
    return out;
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

ToolNames::ToolNames(const ChatRequest& request) {
    bool all_fit = true;
    for_each_name(request, [&](const std::string& name) {
        if (fits(name, longest_name))
            taken_.insert(name);
        else
            all_fit = false;
    });
    if (all_fit) return;
    std::map<std::string, std::size_t> numbers;
    for_each_name(request, [&](const std::string& name) {
        if (fits(name, longest_name) || theirs_.contains(name)) return;
        const std::string plain = made_plain(name, longest_name, "tool");
        std::string free = numbered(plain, numbers.try_emplace(plain, 1).first->second, longest_name, taken_);
        taken_.insert(free);
        ours_.emplace(free, name);
        theirs_.emplace(name, std::move(free));
    });
}

std::string_view ToolNames::to_upstream(std::string_view name) const {
    const auto found = theirs_.find(name);
    return found == theirs_.end() ? name : std::string_view(found->second);
}

std::string_view ToolNames::to_client(std::string_view name) const {
    const auto found = ours_.find(name);
    return found == ours_.end() ? name : std::string_view(found->second);
}

std::string ToolNames::free_name(std::string_view wanted) const {
    std::size_t number = 1;
    return numbered(made_plain(wanted, longest_name, "answer"), number, longest_name, taken_);
}

std::string CallIds::add(std::string_view id) {
    std::string plain = fits(id, longest_id) ? std::string(id) : made_plain(id, longest_id, "call");
    std::size_t& number = repeated_.try_emplace(plain, 1).first->second;
    std::string free = numbered(std::move(plain), number, longest_id, taken_);
    taken_.insert(free);
    return free;
}

}  // namespace gatehouse::anthropic
