// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/other_item.hpp"

#include "plugins/dialect/openai/responses/native.hpp"

#include <utility>

namespace gatehouse::openai_dialect::responses {

namespace {

/// Types become a part of the stream's lines.
bool is_word(std::string_view type) {
    return type.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == type.npos;
}

}  // namespace

void OtherItem::add(std::string_view type, std::string members, Outlet& outlet) {
    if (!outlet.streams() || !is_word(type)) return;
    Waiting event{std::string(type), std::move(members)};
    if (announced())
        write(event, outlet);
    else
        waiting_.push_back(std::move(event));
}

void OtherItem::announce(Outlet& outlet) {
    write_added(outlet, with_id(item_, id()));
    for (const Waiting& event : std::exchange(waiting_, {})) write(event, outlet);
}

std::string OtherItem::close(Outlet& outlet, bool) {
    std::string made = with_id(item_, id());
    write_done(outlet, made);
    return made;
}

void OtherItem::write(const Waiting& event, Outlet& outlet) const {
    outlet.event(event.type, {place(), event.members});
}

}  // namespace gatehouse::openai_dialect::responses
