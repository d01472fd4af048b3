// SPDX-License-Identifier: Apache-2.0
#include "core/config/route_options.hpp"

namespace gatehouse::core {

namespace {

Fields<ProviderOptions> all() {
    auto fields = route_fields<ProviderOptions>("  The default is the value of [upstream].");
    fields.push_back(table_map(
        "per_model", &ProviderOptions::per_model,
        route_fields<RouteOptions>("  The default is the provider's value."),
        "These keys for single models, by the provider's name for them; a star at the end matches any "
        "text."));
    return fields;
}

}  // namespace

const Fields<ProviderOptions> provider_fields = all();

}  // namespace gatehouse::core
