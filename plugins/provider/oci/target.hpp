// SPDX-License-Identifier: Apache-2.0
// Which model is asked, and on whose account: the members that every operation
// of OCI's native surface has.  A function without state: any thread.
#pragma once

#include "plugins/provider/oci/model.hpp"

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
