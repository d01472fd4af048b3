// SPDX-License-Identifier: Apache-2.0
// Regions that the user declares in addition to the table, read as the official
// SDKs do (PROTOCOL.md, section 1.1): ~/.oci/regions-config.json and the variable
// OCI_REGION_METADATA.  Used only at start.
#pragma once

#include "plugins/provider/oci/region/regions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct DeclaredRegion {
    std::string id, code, domain;
};

/// Settings of regions and hosts from the environment.
struct RegionEnvironment {
    std::string default_domain = {};  // OCI_DEFAULT_REALM
    bool dual_stack = false;          // OCI_DUAL_STACK_ENDPOINT_ENABLED
    std::vector<DeclaredRegion> declared = {};
    std::vector<std::string> complaints = {};  // reasons for ignored declarations
};

/// Reads the entries of one JSON text: an object, or an array of objects.  Invalid
/// entries are reported in `complaints`, prefixed with `source`.
void read_region_metadata(std::string_view json, const std::string& source, RegionEnvironment& into);

/// The environment of this process.
RegionEnvironment region_environment();

/// Returns the region `name` from the table, the declared regions, or a guess, in
/// this order.
Region find_region(std::string_view name, const RegionEnvironment& environment);

}  // namespace gatehouse::oci
