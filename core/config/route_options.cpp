// SPDX-License-Identifier: Apache-2.0
#include "core/config/route_options.hpp"

namespace gatehouse::core {

namespace {

Fields<ProviderOptions> all() {
    auto fields = route_fields<ProviderOptions>("  As in [upstream], if left out.");
    fields.push_back(table_map("per_model", &ProviderOptions::per_model,
                               route_fields<RouteOptions>("  As the provider's, if left out."),
                               "These keys for single models, by the provider's name for them; a star at the "
                               "end stands for any rest."));
    return fields;
}

}  // namespace

const Fields<ProviderOptions> provider_fields = all();

}  // namespace gatehouse::core
