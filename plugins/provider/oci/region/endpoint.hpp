// SPDX-License-Identifier: Apache-2.0
// Checks the entries of `endpoint` or `region` in the configuration and turns them
// into base URLs.  Used only at start.
#pragma once

#include "plugins/provider/oci/options.hpp"
#include "plugins/provider/oci/region/region_metadata.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct Endpoint {
    std::string base;    // "https://host[:port][/base]", no slash at the end
    std::string host;    // "host[:port]", for messages
    std::string region;  // the id; empty if only an endpoint was given
    bool region_known = true;
    std::string control_base = {};  // base of the control plane, which lists models

    /// "{base}/20231130{operation}"
    std::string url(std::string_view operation) const;
};

/// Returns one endpoint per entry, at least one.  Throws KeyError.
std::vector<Endpoint> find_endpoints(const Options& options, const RegionEnvironment& environment);

}  // namespace gatehouse::oci
