// SPDX-License-Identifier: Apache-2.0
// Regions that the user declares beside those of the table, as the official
// SDKs read them (reference, section 1.1): ~/.oci/regions-config.json and the
// variable OCI_REGION_METADATA.  At start only.
#pragma once

#include "plugins/provider/oci/regions.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct DeclaredRegion {
    std::string id, code, domain;
};

/// What the environment says of regions and hosts.
struct RegionEnvironment {
    std::string default_domain = {};  // OCI_DEFAULT_REALM
    bool dual_stack = false;          // OCI_DUAL_STACK_ENDPOINT_ENABLED
    std::vector<DeclaredRegion> declared = {};
    std::vector<std::string> complaints = {};  // why a declaration was passed over
};

/// Entries of one JSON text: an object, or an array of them.  What is not one goes
/// to `complaints`, with `source` in front.
void read_region_metadata(std::string_view json, const std::string& source, RegionEnvironment& into);

/// The environment of this process.
RegionEnvironment region_environment();

/// The region called `name`: from the table, else as declared, else a guess.
Region find_region(std::string_view name, const RegionEnvironment& environment);

}  // namespace gatehouse::oci
