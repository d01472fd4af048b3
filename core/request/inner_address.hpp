// SPDX-License-Identifier: Apache-2.0
// Recognizes addresses that only the operator may know.  Plain functions: [any thread].
#pragma once

#include <string_view>

namespace gatehouse::core {

/// Whether `token` is an IP address, a host with a port, a host of an inner network, or the upstream.
bool is_inner_host(std::string_view token, std::string_view upstream_host);

/// Whether `url` is not a public https URL, or leads to the upstream's domain.  Pages for the
/// upstream's users, such as docs.example.com, are public.
bool is_inner_url(std::string_view url, std::string_view upstream_host);

}  // namespace gatehouse::core
