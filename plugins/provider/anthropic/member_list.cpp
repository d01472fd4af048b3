// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/member_list.hpp"

#include "plugins/common/upstream/answer_parts.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::anthropic {

void MemberList::keep(upstream::dom::object from, std::initializer_list<std::string_view> known) {
    for (const auto member : from) {
        const std::string_view key = member.key;
        if (member.value.is_null() || std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::string json;
        upstream::append_value(json, member);
        if (json.size() > max_bytes) continue;
        const auto found =
            std::ranges::find_if(members_, [&](const auto& kept) { return kept.first == key; });
        if (found != members_.end())
            found->second = std::move(json);
        else if (members_.size() < max_members)
            members_.emplace_back(key, std::move(json));
    }
}

JsonText MemberList::text() const {
    JsonText out;
    if (members_.empty()) return out;
    JsonWriter json(out.text);
    json.begin_object();
    for (const auto& [name, value] : members_) json.key(name).raw(value);
    json.end_object();
    return out;
}

}  // namespace gatehouse::anthropic
