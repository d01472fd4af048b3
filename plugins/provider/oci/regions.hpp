// SPDX-License-Identifier: Apache-2.0
// From the name of a region to the host that serves it: the realms and regions
// known to the official SDKs (reference, section 1.1).  Constant data: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::oci {

struct Region {
    std::string id;      // "us-chicago-1"
    std::string domain;  // of its realm: "oraclecloud.com"
    bool known = false;  // in the table; else the realm is a guess
};

/// The region called `name`: its id in any case, or its short code ("ord").  One
/// that is not in the table is taken to be of the realm whose domain is
/// `default_domain`, if that is not empty, else of oc1.
Region find_region(std::string_view name, std::string_view default_domain);

/// Whether `name` can be a region at all: letters, digits, '-' and '.'.
bool is_region_name(std::string_view name);

/// "inference.generativeai.us-chicago-1.oci.oraclecloud.com".  A region whose
/// id has a dot names its realm itself.  `dual_stack`: with IPv6, "….ds.oci.…".
std::string inference_host(const Region& region, bool dual_stack);

/// "generativeai.us-chicago-1.oci.oraclecloud.com", where the models are listed.
std::string control_host(const Region& region, bool dual_stack);

}  // namespace gatehouse::oci
