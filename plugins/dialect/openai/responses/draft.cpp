// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/draft.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect::responses {

void ResponseDraft::note(std::string_view name, const json::Value& value) {
    seen.emplace_back(name, json::is_null(value) ? std::string_view() : json::raw(value));
}

// The last of several members with the same name counts.
std::string_view ResponseDraft::noted(std::string_view name) const {
    const auto found =
        std::find_if(seen.rbegin(), seen.rend(), [&](const auto& one) { return one.first == name; });
    return found == seen.rend() ? std::string_view() : found->second;
}

bool refuse_unsupported(Reader& reader, const Where& where, std::string_view complaint) {
    Error error{.kind = ErrorKind::unsupported, .param = where.text()};
    error.message.append(error.param).append(" ").append(complaint);
    return reader.fail(std::move(error));
}

bool keep_unknown(Unknown& unknown, std::string_view key, const json::Value& value) {
    if (key != "type" && key != "id" && key != "status" && !json::is_null(value))
        unknown.add(key, json::raw(value));
    return true;
}

void pass(ResponseDraft& draft, std::string_view type, const json::Value& item) {
    constexpr std::size_t most = 16;
    std::string word(type.substr(0, 64));
    const bool known = std::ranges::find(draft.passed_items, word) != draft.passed_items.end();
    if (!known && draft.passed_items.size() < most) draft.passed_items.push_back(std::move(word));
    draft.turns.add_other({.type = std::string(type), .json = {std::string(json::raw(item))}});
}

void add_member(JsonText& extra, std::string_view name, std::string_view value) {
    std::string member = "\"" + std::string(name) + "\":" + std::string(value);
    if (extra.empty())
        extra.text = "{" + member + "}";
    else
        extra.text.insert(1, member + ",");
}

}  // namespace gatehouse::openai_dialect::responses
