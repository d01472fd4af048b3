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

void drop(ResponseDraft& draft, std::string_view type) {
    constexpr std::size_t most = 16;
    std::string word(type.substr(0, 64));
    const bool known = std::ranges::find(draft.dropped, word) != draft.dropped.end();
    if (!known && draft.dropped.size() < most) draft.dropped.push_back(std::move(word));
}

}  // namespace gatehouse::openai_dialect::responses
