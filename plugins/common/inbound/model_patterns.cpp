// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/schema.hpp>

namespace gatehouse::inbound {

void check_models(const std::vector<std::string>& models, const std::string& path, const std::string& whose) {
    if (models.empty())
        throw KeyError(path, "the list is empty, so that " + whose +
                                 " would allow no model; remove it to allow all models");
    for (std::size_t i = 0; i < models.size(); ++i) {
        const std::string here = path + "[" + std::to_string(i) + "]";
        if (models[i].empty())
            throw KeyError(here, "a model's name must not be empty; use \"*\" for all models");
        if (models[i].find('*') < models[i].size() - 1)
            throw KeyError(here, "a star may only stand at the end of a name");
    }
}

}  // namespace gatehouse::inbound
