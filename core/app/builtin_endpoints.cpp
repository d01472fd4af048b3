// SPDX-License-Identifier: Apache-2.0
#include "core/app/builtin_endpoints.hpp"

namespace gatehouse::core {

namespace {

http::Response page(int status, std::string type, std::string body) {
    return {{.status = status, .headers = {{"content-type", std::move(type)}, {"cache-control", "no-store"}}},
            std::move(body)};
}

http::Response content(const std::string& path, const EndpointState& state) {
    if (path == "/health" && !state.alive)
        return page(503, "application/json", R"({"status":"all workers hang"})");
    if (path == "/health") return page(200, "application/json", R"({"status":"ok"})");
    if (path == "/metrics")
        return page(200, "text/plain; version=0.0.4; charset=utf-8", state.metrics.text());
    const std::string reason(state.unready());
    if (reason.empty()) return page(200, "application/json", R"({"status":"ready"})");
    return page(503, "application/json", R"({"status":"not ready","reason":")" + reason + "\"}");
}

}  // namespace

std::optional<http::Response> own_page(const http::RequestHead& request, const EndpointState& state) {
    if (auto answer = state.cors.preflight(request)) return answer;
    if (request.path == "*")  // OPTIONS * concerns the server as a whole (RFC 9110, 9.3.7)
        return http::Response{{.status = 204, .headers = {{"allow", "GET, HEAD, POST, OPTIONS"}}}, {}};
    // Clients probe the base URL without a credential.
    if (request.path == "/" && request.method == "HEAD") return http::Response{{.status = 200}, {}};
    if (request.path != "/health" && request.path != "/ready" && request.path != "/metrics")
        return std::nullopt;
    if (request.method == "GET" || request.method == "HEAD") return content(request.path, state);
    return http::Response{{.status = 405, .headers = {{"allow", "GET, HEAD"}}}, {}};
}

}  // namespace gatehouse::core
