// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/extras.hpp"

#include "plugins/common/json/json.hpp"

namespace gatehouse::anthropic {

Extras::Extras(const JsonText& extra) : text_(extra.text) {
    if (text_.empty()) return;
    auto document = json::Document::parse(text_);
    auto top = document ? document->object() : std::nullopt;
    if (!top) return;
    json::for_each(*top, [&](std::string_view key, json::Value& value) {
        if (!json::is_null(value)) members_.push_back({std::string(key), json::raw(value)});
        return true;
    });
}

std::string_view Extras::take(std::string_view name) {
    std::string_view found;
    for (Member& member : members_)
        if (member.name == name) {
            member.used = true;
            found = member.json;  // of two with the same name the last one counts
        }
    return found;
}

std::string member_of(const JsonText& extra, std::string_view name) {
    // Most parts have none: not worth a look at all of it.
    if (extra.text.find(name) == std::string::npos) return {};
    Extras extras(extra);
    return std::string(extras.take(name));
}

}  // namespace gatehouse::anthropic
