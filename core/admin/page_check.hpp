// SPDX-License-Identifier: Apache-2.0
// Whether a browser may use the admin listener: the host of a request, and the page that sends it.
// Functions without state: any thread.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Whether a `Host` is an address, or localhost.  Another name may belong to a foreign site that has
/// pointed it to this machine (DNS rebinding).
bool names_address(std::string_view host);

/// Whether a browser sends the request for a page of another site.  `https`: a proxy in front of this
/// listener may speak it, so that pages with this scheme may be its own.
bool is_from_page(const http::Headers& headers, bool https);

/// 421 if the host is neither an address nor one of `hosts`, names without port.
Result<void> check_host(const http::Headers& headers, const std::vector<std::string>& hosts);

/// The same, and 403 for a page of another site.
Result<void> check_page(const http::Headers& headers, const std::vector<std::string>& hosts);

}  // namespace gatehouse::core
