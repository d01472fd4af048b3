// SPDX-License-Identifier: Apache-2.0
#include "core/app/admin_endpoints.hpp"

#include "core/app/builtin_endpoints.hpp"

namespace gatehouse::core {

std::shared_ptr<RequestListener> AdminEndpoints::on_request(Client& client) {
    static const Cors no_cors({});
    const http::RequestHead& head = client.head();
    if (AdminApi::serves(head.path)) return api_.on_request(client);
    if (head.path == "/plugins" && (head.method == "GET" || head.method == "HEAD")) {
        client.respond({{.status = 200,
                         .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}},
                        plugins_()});
        return nullptr;
    }
    auto page = own_page(client.head(), {metrics_, no_cors, ready_(), alive_()});
    client.respond(page ? *std::move(page)
                        : refuse({ErrorKind::not_found, "no endpoint at this path"}, client.head().path));
    return nullptr;
}

// The error is plain, because no dialect applies here.
http::Response AdminEndpoints::refuse(const Error& error, std::string_view) {
    return {{.status = status_of(error), .headers = {{"content-type", "text/plain; charset=utf-8"}}},
            error.message + "\n"};
}

}  // namespace gatehouse::core
