// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/extras.hpp"

#include "plugins/common/json/json.hpp"

namespace gatehouse::json {

Extras::Extras(const JsonText& extra) : text_(extra.text) {
    if (text_.empty()) return;
    std::optional<Error> huge;  // passed on like other numbers
    auto document = Document::parse(text_, 200, &huge);
    auto top = document ? document->object() : std::nullopt;
    if (!top) return;
    for_each(*top, [&](std::string_view key, Value& value) {
        if (!is_null(value)) members_.push_back({std::string(key), raw(value)});
        return true;
    });
}

std::string_view Extras::take(std::string_view name) {
    std::string_view found;
    for (Member& member : members_)
        if (member.name == name) {
            member.used = true;
            found = member.json;  // the last of two members with the same name counts
        }
    return found;
}

std::string member_of(const JsonText& extra, std::string_view name) {
    // Most parts do not have the member, so search the text first.
    if (extra.text.find(name) == std::string::npos) return {};
    Extras extras(extra);
    return std::string(extras.take(name));
}

}  // namespace gatehouse::json
