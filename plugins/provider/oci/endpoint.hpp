// SPDX-License-Identifier: Apache-2.0
// Where the service is: the entries of `endpoint` or `region` of the configuration,
// checked and turned into the beginning of every URL.  At start only.
#pragma once

#include "plugins/provider/oci/options.hpp"
#include "plugins/provider/oci/region_metadata.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

struct Endpoint {
    std::string base;    // "https://host[:port][/base]", no slash at the end
    std::string host;    // for messages: "host[:port]"
    std::string region;  // the id, empty if only an endpoint was given
    bool region_known = true;
    std::string control_base = {};  // of the control plane, which lists models

    /// "{base}/20231130{operation}"
    std::string url(std::string_view operation) const;
};

/// One for each entry, never none.  Throws KeyError.
std::vector<Endpoint> find_endpoints(const Options& options, const RegionEnvironment& environment);

}  // namespace gatehouse::oci
