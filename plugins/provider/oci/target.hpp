// SPDX-License-Identifier: Apache-2.0
// Writes the model and the compartment, which every request to OCI's native
// surface has.  Stateless function: any thread.
#pragma once

#include "plugins/provider/oci/models/model.hpp"

#include <gatehouse/json_writer.hpp>

#include <string_view>

namespace gatehouse::oci {

inline void write_target(JsonWriter& json, const Model& model, std::string_view compartment_id) {
    json.member("compartmentId", compartment_id).key("servingMode").begin_object();
    if (model.dedicated)
        json.member("servingType", "DEDICATED").member("endpointId", model.id);
    else
        json.member("servingType", "ON_DEMAND").member("modelId", model.id);
    json.end_object();
}

}  // namespace gatehouse::oci
