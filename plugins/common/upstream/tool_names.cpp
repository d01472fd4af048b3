// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/tool_names.hpp"

#include "plugins/common/text/text.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

using common::is_digit;
using Names = std::set<std::string, std::less<>>;

bool is_allowed(char c, const NameRule& rule) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           rule.signs.find(c) != rule.signs.npos;
}

bool fits(std::string_view text, const NameRule& rule) {
    return !text.empty() && text.size() <= rule.longest && (rule.digit_first || !is_digit(text.front())) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_allowed(c, rule); });
}

/// Replaces invalid characters of `text`.  Returns `otherwise` for an empty text.
std::string made_fit(std::string_view text, const NameRule& rule, std::string_view otherwise) {
    if (text.empty()) return std::string(otherwise);
    std::string out = !rule.digit_first && is_digit(text.front()) ? "_" : "";
    out += text.substr(0, rule.longest - out.size());
    std::replace_if(
        out.begin(), out.end(), [&](char c) { return !is_allowed(c, rule); }, '_');
    return out;
}

/// `plain` with a number that makes it unique.
std::string numbered(std::string plain, std::size_t& number, const NameRule& rule, const Names& taken) {
    std::string out = plain;
    while (taken.contains(out)) {
        const std::string end = "_" + std::to_string(++number);
        out = plain.substr(0, rule.longest - end.size()) + end;
    }
    return out;
}

template <typename Each>
void for_each_name(const ChatRequest& request, Each&& each) {
    for (const Tool& tool : request.tools)
        if (tool.type == "function") each(tool.name);
    // Tools that were called earlier and are no longer offered keep their names.
    for (const Message& message : request.messages)
        for (const ToolCall& call : message.tool_calls) each(call.name);
}

/// The names of the request that stay.
Names fitting_names(const ChatRequest& request, const NameRule& rule) {
    Names names;
    for_each_name(request, [&](const std::string& name) {
        if (fits(name, rule)) names.insert(name);
    });
    return names;
}

}  // namespace

ToolNames::ToolNames(const ChatRequest& request, const NameRule& rule) : rule_(rule) {
    bool all_fit = true;
    for_each_name(request, [&](const std::string& name) { all_fit = all_fit && fits(name, rule_); });
    if (all_fit) return;
    Names taken = fitting_names(request, rule_);
    std::map<std::string, std::size_t> numbers;
    for_each_name(request, [&](const std::string& name) {
        if (fits(name, rule_) || theirs_.contains(name)) return;
        const std::string plain = made_fit(name, rule_, "tool");
        std::string free = numbered(plain, numbers.try_emplace(plain, 1).first->second, rule_, taken);
        taken.insert(free);
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

std::string ToolNames::free_name(const ChatRequest& request, std::string_view wanted) const {
    Names taken = fitting_names(request, rule_);
    for (const auto& [ours, client] : ours_) taken.insert(ours);
    std::size_t number = 1;
    return numbered(made_fit(wanted, rule_, "answer"), number, rule_, taken);
}

std::string CallIds::add(std::string_view id) {
    std::string plain = fits(id, rule_) ? std::string(id) : made_fit(id, rule_, "call");
    std::size_t& number = repeated_.try_emplace(plain, 1).first->second;
    std::string free = numbered(std::move(plain), number, rule_, taken_);
    taken_.insert(free);
    return free;
}

}  // namespace gatehouse::upstream
