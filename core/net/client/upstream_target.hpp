// SPDX-License-Identifier: Apache-2.0
// Checks the URL of a request to an upstream, extracts its host, and decides whether a proxy
// may be used.  Plain functions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <string>
#include <string_view>

namespace gatehouse::core {

/// The part of an upstream's URL that contains no secrets.
struct UpstreamTarget {
    std::string host = {};   // lower case, without brackets
    std::string label = {};  // host, and the port if the URL names one: for messages
    bool is_name = false;    // neither an address nor localhost: must be resolved
};

/// Rejects URLs that are not plain http or https: other schemes, credentials in the URL, blanks
/// and control characters.
Result<UpstreamTarget> upstream_target(std::string_view url);

/// Returns scheme, host and port of `url`, unchanged.
inline std::string_view origin_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    return url.substr(0, url.find_first_of("/?#\\", scheme == url.npos ? 0 : scheme + 3));
}

/// Whether `host` is this machine or is link-local, such as a metadata service.  A proxy would
/// reach another host under such a name.
bool never_proxied(std::string_view host);

/// Whether `text` has only the characters of a URL.
bool is_url_text(std::string_view text);

/// Whether a request may use a proxy under the setting `proxy`: a proxy's URL, "none", or empty
/// for the environment variables that libcurl reads.
bool may_proxy(std::string_view proxy);

}  // namespace gatehouse::core
