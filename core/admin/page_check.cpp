// SPDX-License-Identifier: Apache-2.0
#include "core/admin/page_check.hpp"

#include "core/util/ascii.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
    return host.substr(0, host.rfind(':'));
}

}  // namespace

bool names_address(std::string_view host) {
    if (host.starts_with('[')) return true;
    host = without_port(host);
    const bool digits = host.find_first_not_of("0123456789.") == host.npos;
    return (digits && !host.empty()) || lower_case(host) == "localhost";
}

bool is_from_page(const http::Headers& headers, bool https) {
    const std::string_view origin = headers.get("origin"), site = headers.get("sec-fetch-site");
    const std::string host(headers.get("host"));
    const bool own = origin == "http://" + host || (https && origin == "https://" + host);
    if (!origin.empty() && !own) return true;
    return !site.empty() && site != "same-origin" && site != "none";
}

Result<void> check_host(const http::Headers& headers, const std::vector<std::string>& hosts) {
    const std::string_view host = headers.get("host");
    if (names_address(host)) return {};
    const std::string name = lower_case(without_port(host));
    if (std::ranges::any_of(hosts, [&](const std::string& one) { return lower_case(one) == name; }))
        return {};
    return Error{.kind = ErrorKind::bad_request,
                 .message =
                     "this host is not a name of the console: use an address, or add the name to hosts "
                     "in [admin]",
                 .status = 421};
}

Result<void> check_page(const http::Headers& headers, const std::vector<std::string>& hosts) {
    if (auto ok = check_host(headers, hosts); !ok) return ok;
    if (is_from_page(headers, true))
        return Error{ErrorKind::forbidden, "a page of another site cannot use the admin API"};
    return {};
}

}  // namespace gatehouse::core
