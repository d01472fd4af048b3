// SPDX-License-Identifier: Apache-2.0
#include "core/app/builtin_endpoints.hpp"

#include "core/observe/metric_format.hpp"

namespace gatehouse::core {

namespace {

http::Response page(int status, std::string type, std::string body) {
    return {{.status = status, .headers = {{"content-type", std::move(type)}, {"cache-control", "no-store"}}},
            std::move(body)};
}

/// Scrapers that ask for OpenMetrics get exemplars.
http::Response metrics_page(const http::RequestHead& request, const EndpointState& state) {
    if (prefers_open_metrics(request.headers.get("accept")))
        return page(200, "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    state.metrics.text(Metrics::Format::open_metrics));
    return page(200, "text/plain; version=0.0.4; charset=utf-8", state.metrics.text());
}

http::Response content(const http::RequestHead& request, const EndpointState& state) {
    const std::string& path = request.path;
    if (path == "/health" && !state.alive)
        return page(503, "application/json", R"({"status":"all workers hang"})");
    if (path == "/health") return page(200, "application/json", R"({"status":"ok"})");
    if (path == "/metrics") return metrics_page(request, state);
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
    if (request.method == "GET" || request.method == "HEAD") return content(request, state);
    return http::Response{{.status = 405, .headers = {{"allow", "GET, HEAD"}}}, {}};
}

}  // namespace gatehouse::core
