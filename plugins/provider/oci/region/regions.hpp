// SPDX-License-Identifier: Apache-2.0
// Maps a region's name to its host.  The table has the realms and regions of the
// official SDKs (PROTOCOL.md, section 1.1).  Constant data: any thread.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::oci {

struct Region {
    std::string id;      // "us-chicago-1"
    std::string domain;  // second-level domain of the realm: "oraclecloud.com"
    bool known = false;  // the region is in the table; otherwise the realm is a guess
};

/// Returns the region `name`: an id in upper or lower case, or a short code
/// ("ord").  A region that is not in the table gets the realm with the domain
/// `default_domain`, or oc1 if that is empty.
Region find_region(std::string_view name, std::string_view default_domain);

/// The id in the table that is most like `name`, with at most two edits.  Empty if none is.
std::string nearest_region(std::string_view name);

/// Whether `name` has a region's syntax: letters, digits, '-' and '.'.
bool is_region_name(std::string_view name);

/// "inference.generativeai.us-chicago-1.oci.oraclecloud.com".  A region id with a
/// dot includes its realm.  `dual_stack` selects the host with IPv6, "….ds.oci.…".
std::string inference_host(const Region& region, bool dual_stack);

/// "generativeai.us-chicago-1.oci.oraclecloud.com", where the models are listed.
std::string control_host(const Region& region, bool dual_stack);

}  // namespace gatehouse::oci
