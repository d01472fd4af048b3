// SPDX-License-Identifier: Apache-2.0
#include "core/observe/attributes.hpp"

#include "core/util/suggest.hpp"

namespace gatehouse::core {

std::string attribute_text(const Identity& who, std::string_view name) {
    if (const auto found = who.attributes.find(name); found != who.attributes.end())
        return joined(found->second, ",");
    if (name == "groups") return joined(who.groups, ",");
    return name == "id" ? who.id : "";
}

}  // namespace gatehouse::core
