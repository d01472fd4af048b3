// SPDX-License-Identifier: Apache-2.0
// Where a request to an upstream goes: the host of a URL, checked, and whether a
// proxy may stand between.  Plain functions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The part of an upstream's URL that may be shown to anybody.
struct UpstreamTarget {
    std::string host = {};   // lower case, without brackets
    std::string label = {};  // host, and the port if the URL names one: for messages
    bool is_name = false;    // neither an address nor localhost: somebody must be asked
};

/// Refuses what is not a plain http or https URL: other schemes, credentials in
/// the URL, blanks and control characters.
Result<UpstreamTarget> upstream_target(std::string_view url);

/// Scheme, host and port of `url`, as they stand there.
inline std::string_view origin_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    return url.substr(0, url.find_first_of("/?#\\", scheme == url.npos ? 0 : scheme + 3));
}

/// Whether `host` is this machine or on its link, metadata services among them:
/// a proxy could only reach somebody else under such a name.
bool never_proxied(std::string_view host);

/// Whether `text` has nothing but what a URL can have.
bool is_url_text(std::string_view text);

/// Whether a request may go through a proxy when the settings say `proxy`: it is one, or
/// "none", or empty for what the environment says, in the variables that libcurl reads.
bool may_proxy(std::string_view proxy);

}  // namespace gatehouse::core
