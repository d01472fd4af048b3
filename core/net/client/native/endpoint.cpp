// SPDX-License-Identifier: Apache-2.0
// The idle connections of an endpoint.  Their longest idle time is max_connection_idle_time in
// core/net/client/http_client.hpp; native_http_client.cpp closes older ones.
#include "core/net/client/native/endpoint.hpp"

#include "core/net/client/upstream_failure.hpp"
#include "core/net/client/upstream_target.hpp"

#include <charconv>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_idle_connections =
    4'096;  // bounds the responses that may end at about the same time

Result<std::shared_ptr<ClientTls>> make_tls(HostTls wanted, const std::string& host,
                                            const std::string& own_ca_file) {
    if (!own_ca_file.empty()) wanted.ca_file = own_ca_file;
    ClientTls::Fault fault;
    auto tls = ClientTls::make(wanted, host, fault);
    if (tls) return tls;
    return Error{ErrorKind::upstream,
                 fault == ClientTls::Fault::authorities ? failure::ca_file : failure::handshake,
                 host + ": " + tls.error().message};
}

}  // namespace

Result<std::shared_ptr<Endpoint>> Endpoint::of(std::string_view origin, const UpstreamTls& tls,
                                               const std::string& own_ca_file) {
    auto target = upstream_target(origin);
    if (!target) return target.error();
    const bool secure = origin[4] == 's' || origin[4] == 'S';
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->port = secure ? 443 : 80;
    endpoint->host_field = target->label;
    endpoint->local = never_proxied(target->host);
    const std::size_t colon = target->label.rfind(':');
    if (colon != std::string::npos && target->label.find(']', colon) == std::string::npos) {
        const char* end = target->label.data() + target->label.size();
        const std::uint16_t usual = endpoint->port;
        if (std::from_chars(target->label.data() + colon + 1, end, endpoint->port).ptr != end ||
            !endpoint->port)
            return nullptr;
        if (endpoint->port == usual) endpoint->host_field.resize(colon);
    }
    if (auto address = Address::parse(target->host))
        endpoint->addresses = std::make_shared<std::vector<Address>>(1, *address);
    else if (target->host == "localhost" || target->host.ends_with(".localhost"))
        endpoint->addresses = std::make_shared<std::vector<Address>>(
            std::initializer_list<Address>{*Address::parse("127.0.0.1"), *Address::parse("::1")});
    else if (target->label.starts_with('['))
        return nullptr;  // an address with a zone is not supported
    else
        endpoint->name = target->host;
    endpoint->label = std::move(target->label);
    if (!secure) return endpoint;
    auto made = make_tls(tls.of(target->host), target->host, own_ca_file);
    if (!made) return made.error();
    endpoint->tls = *std::move(made);
    return endpoint;
}

std::unique_ptr<ClientConnection> Endpoint::take() {
    while (!idle_.empty()) {
        std::unique_ptr<ClientConnection> connection = std::move(idle_.back());
        idle_.pop_back();
        // Unrequested bytes would be parsed as the response to the next request.
        if (connection->silent()) return connection;
    }
    return nullptr;
}

void Endpoint::put(std::unique_ptr<ClientConnection> connection) {
    if (idle_.size() >= max_idle_connections) return;
    connection->give_to(*this);
    connection->idle_since = std::chrono::steady_clock::now();
    connection->pool_index = idle_.size();
    idle_.push_back(std::move(connection));
}

void Endpoint::drop(ClientConnection& connection) {
    const std::size_t index = connection.pool_index;
    std::swap(idle_[index], idle_.back());
    idle_[index]->pool_index = index;
    idle_.pop_back();
}

void Endpoint::close_idle(std::chrono::steady_clock::time_point moment) {
    for (std::size_t i = idle_.size(); i-- > 0;)
        if (idle_[i]->idle_since <= moment) drop(*idle_[i]);
}

/// The idle connection has ended or received unrequested bytes, or the event is outdated.
void Endpoint::on_connection_event(ClientConnection& connection, Edge edge) {
    if ((edge.readable || edge.ended) && !connection.silent()) drop(connection);
}

}  // namespace gatehouse::core
