// SPDX-License-Identifier: Apache-2.0
#include "core/app/client_endpoints.hpp"

#include "core/app/builtin_endpoints.hpp"
#include "core/observe/log_reason.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/request_flow.hpp"
#include "core/util/request_id.hpp"

#include <string>

namespace gatehouse::core {

std::shared_ptr<RequestListener> ClientEndpoints::on_request(Client& client) {
    const WorkerContext& worker = workers_.of(client.loop());
    if (metrics_hidden_ && client.head().path == "/metrics") {
        client.respond(
            refuse({ErrorKind::not_found, "no endpoint at this path"}, "/metrics", client.head().peer));
        return nullptr;
    }
    if (auto page = own_page(client.head(), {metrics_, worker.snapshot->cors, unready_})) {
        page->head.headers.set("x-request-id", new_request_id());
        client.respond(*std::move(page));
        return nullptr;
    }
    auto flow = std::make_shared<RequestFlow>(worker.snapshot, worker.services, client);
    flow->start();
    return flow;
}

http::Response ClientEndpoints::refuse(const Error& error, std::string_view path, std::string_view peer) {
    const Snapshot snapshot = snapshot_();
    const NamedDialect& dialect = snapshot->instances->routing().nearest(path);
    auto answer = guard({dialect.name, "Dialect::error"}, [&] { return dialect.dialect->error(error); });
    http::Response response =
        answer ? *std::move(answer) : http::Response{.head = {.status = status_of(error)}};
    dialect.set_request_id(response.head.headers, new_request_id());
    log_.write(Level::info, "server", "request rejected",
               {{"status", std::to_string(response.head.status)},
                {"peer", std::string(peer)},
                {"reason", log_reason(error)}});
    return response;
}

void ClientEndpoints::handshake_done(bool resumed) {
    metrics_.tls_handshake(resumed ? Metrics::Handshake::resumed : Metrics::Handshake::full);
}

void ClientEndpoints::handshake_failed(std::string_view peer, std::string_view reason) {
    metrics_.tls_handshake(Metrics::Handshake::failed);
    log_.write(Level::info, "server", "TLS handshake failed",
               {{"peer", std::string(peer)}, {"reason", std::string(reason)}});
}

}  // namespace gatehouse::core
