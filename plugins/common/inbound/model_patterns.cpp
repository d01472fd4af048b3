// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/schema.hpp>

namespace gatehouse::inbound {

void check_models(const std::vector<std::string>& models, const std::string& path, const std::string& whose) {
    if (models.empty())
        throw KeyError(path, "the list is empty, so that " + whose +
                                 " would allow no model; remove it to allow all models");
    for (std::size_t i = 0; i < models.size(); ++i) {
        if (!is_name_pattern(models[i]))
            throw KeyError(path + "[" + std::to_string(i) + "]", std::string(name_pattern_rule));
    }
}

}  // namespace gatehouse::inbound
