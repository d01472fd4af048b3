// SPDX-License-Identifier: Apache-2.0
// Where the service is: the `endpoint` or `region` of the configuration, checked
// and turned into the beginning of every URL.  At start only.
#pragma once

#include "plugins/provider/oci/options.hpp"

#include <string>
#include <string_view>

namespace gatehouse::oci {

struct Endpoint {
    std::string base;    // "https://host[:port][/base]", no slash at the end
    std::string host;    // for messages: "host[:port]"
    std::string region;  // the id, empty if only an endpoint was given
    bool region_known = true;

    /// "{base}/20231130{operation}"
    std::string url(std::string_view operation) const;
};

/// `default_domain` is that of regions which are in no table.  Throws KeyError.
Endpoint find_endpoint(const Options& options, std::string_view default_domain);

}  // namespace gatehouse::oci
