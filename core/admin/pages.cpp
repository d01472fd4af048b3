// SPDX-License-Identifier: Apache-2.0
#include "core/admin/pages.hpp"

#include "core/admin/gunzip.hpp"
#include "core/admin/page_check.hpp"
#include "core/admin/problem.hpp"
#include "core/util/accept_header.hpp"

#include <algorithm>
#include <string_view>

namespace gatehouse::core {

namespace {

// A library writes styles as properties, which style-src does not concern.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

constexpr std::size_t max_plain_bytes = 16 * 1024 * 1024;

void protect(http::Headers& headers) {
    headers.add("content-security-policy", page_policy);
    headers.add("x-content-type-options", "nosniff");
    headers.add("x-frame-options", "DENY");
    headers.add("referrer-policy", "no-referrer");
    headers.add("cross-origin-opener-policy", "same-origin");
    headers.add("cross-origin-resource-policy", "same-origin");
    headers.add("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
}

http::Response content_of(const Page& page, const http::RequestHead& head) {
    http::Response response;
    http::Headers& headers = response.head.headers;
    protect(headers);
    headers.add("cache-control", page.immutable ? "max-age=31536000, immutable" : "no-cache");
    headers.add("vary", "accept-encoding");
    const bool zipped = accepts_gzip(head.headers.get("accept-encoding"));
    const std::string tag = "\"" + page.tag + (zipped ? "" : "-plain") + "\"";
    headers.add("etag", tag);
    if (head.headers.get("if-none-match") == tag) {
        response.head.status = 304;
        return response;
    }
    headers.add("content-type", page.type);
    if (zipped) {
        headers.add("content-encoding", "gzip");
        response.body = page.gzip;
        return response;
    }
    auto plain = gunzip(page.gzip, max_plain_bytes);
    if (!plain) return problem({ErrorKind::internal, "the plugin's page is not valid gzip"});
    response.body = *std::move(plain);
    return response;
}

}  // namespace

std::optional<http::Response> admin_page(const http::RequestHead& head, const ConfigSnapshot& snapshot) {
    if (!head.path.starts_with('/')) return std::nullopt;
    const std::string_view path = std::string_view(head.path).substr(1);
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const auto& resources = snapshot.instances->resources();
    const auto found = resources.find(name);
    if (found == resources.end() || found->second.pages.empty()) return std::nullopt;
    if (auto ok = check_host(head.headers, snapshot.settings.admin.hosts); !ok) return problem(ok.error());
    if (head.method != "GET" && head.method != "HEAD") return not_allowed("GET, HEAD");
    // Relative, because a proxy may serve the pages below a path of its own.
    if (slash == path.npos)
        return http::Response{{.status = 308, .headers = {{"location", std::string(name) + "/"}}}, {}};
    const auto& pages = found->second.pages;
    const auto page = std::ranges::find(pages, path.substr(slash + 1), &Page::name);
    if (page == pages.end()) return problem({ErrorKind::not_found, "the resource has no such page"});
    return content_of(*page, head);
}

}  // namespace gatehouse::core
