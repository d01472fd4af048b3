// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/item.hpp"

namespace gatehouse::openai_dialect::responses {

std::string Item::place() const {
    return std::string(",\"item_id\":\"").append(id_).append("\",\"output_index\":").append(index_);
}

void Item::write_added(Outlet& outlet, std::string_view item) {
    announced_ = true;
    outlet.event("response.output_item.added", {",\"output_index\":", index_, ",\"item\":", item});
}

void Item::write_done(Outlet& outlet, std::string_view item) const {
    outlet.event("response.output_item.done", {",\"output_index\":", index_, ",\"item\":", item});
}

}  // namespace gatehouse::openai_dialect::responses
