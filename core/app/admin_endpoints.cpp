// SPDX-License-Identifier: Apache-2.0
#include "core/app/admin_endpoints.hpp"

#include "core/app/builtin_endpoints.hpp"

namespace gatehouse::core {

std::shared_ptr<RequestListener> AdminEndpoints::on_request(Client& client) {
    static const Cors no_cors({});
    const http::RequestHead& head = client.head();
    if (AdminApi::serves(head.path)) return api_.on_request(client);
    auto respond = [&](int status, std::string json) {
        client.respond({{.status = status,
                         .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}},
                        std::move(json)});
        return nullptr;
    };
    const bool reads = head.method == "GET" || head.method == "HEAD";
    if (reads && head.path == "/plugins") return respond(200, plugins_());
    if (reads && head.path == "/ready") {
        const Readiness now = readiness_();
        return respond(now.unready.empty() ? 200 : 503, to_json(now));
    }
    static const std::function<std::string_view()> ready = [] { return std::string_view(); };
    auto page = own_page(client.head(), {metrics_, no_cors, ready, alive_()});
    if (!page) page = api_.page(client.head());
    client.respond(page ? *std::move(page)
                        : refuse({ErrorKind::not_found, "no endpoint at this path"}, client.head().path,
                                 client.head().peer));
    return nullptr;
}

// The error is plain, because no dialect applies here.
http::Response AdminEndpoints::refuse(const Error& error, std::string_view, std::string_view) {
    return {{.status = status_of(error), .headers = {{"content-type", "text/plain; charset=utf-8"}}},
            error.message + "\n"};
}

}  // namespace gatehouse::core
