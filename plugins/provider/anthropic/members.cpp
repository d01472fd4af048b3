// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/members.hpp"

#include "plugins/common/json/extras.hpp"

#include <algorithm>

namespace gatehouse::anthropic {

bool is_native(const ChatRequest& request) { return request.protocol == "anthropic"; }

bool Members::is_written(std::string_view name) const {
    return std::find(written_.begin(), written_.end(), name) != written_.end();
}

Members& Members::has(std::string_view name) {
    written_.emplace_back(name);
    return *this;
}

Members& Members::write(const JsonText& extra, Names known) {
    if (extra.empty()) return *this;
    const json::Extras extras(extra);
    for (const json::Extras::Member& member : extras.all()) {
        const bool wanted = all_ || std::find(known.begin(), known.end(), member.name) != known.end();
        if (!wanted || is_written(member.name)) continue;
        json_.key(member.name).raw(member.json);
        written_.push_back(member.name);
    }
    return *this;
}

void Members::cache(std::string_view value) {
    if (!value.empty() && !is_written("cache_control")) json_.key("cache_control").raw(value);
}

}  // namespace gatehouse::anthropic
