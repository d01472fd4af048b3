// SPDX-License-Identifier: Apache-2.0
// One request to an upstream and its response: resolve, connect, send, read, and report
// the end or the error.  Owned by the caller; destroying it closes the connection.
// [the loop's thread]
#pragma once

#include "core/net/client/native/connector.hpp"
#include "core/net/client/native/native_http_client.hpp"
#include "core/net/client/native/request_bytes.hpp"
#include "core/net/client/native/response_parser.hpp"
#include "core/net/client/transfer_limits.hpp"

#include <memory>
#include <string>

namespace gatehouse::core {

class NativeTransfer final : public Transfer,
                             public ClientConnection::Owner,
                             public Connector::Listener,
                             public Resolver::Waiter {
public:
    NativeTransfer(NativeHttpClient& upstream, TransferListener& listener);
    ~NativeTransfer() override;

    /// Takes the request's head and body.
    void begin(std::shared_ptr<Endpoint> endpoint, http::Request& request, const RouteTimeouts& timeouts);
    /// Makes the transfer fail with `error`.
    void refuse(Error error);

    void pause() override;
    void resume() override;

    /// Performs the deferred actions.
    void attend();
    /// Called when the HttpClient is destroyed: calls the listener no more.
    void abandon();

    // Used by the NativeHttpClient only.
    std::size_t list_index = 0;
    bool queued = false;

private:
    bool reuse();
    void connect();
    void on_addresses(Addresses addresses, const LookupFailure& why) override;
    void on_connected(int fd) override;
    void on_unreachable(int os_error) override;

    void on_connection_event(ClientConnection& connection, Edge edge) override;
    bool handshake_step();
    void established();
    void send();
    void receive();
    bool take(std::string_view bytes);
    bool read_response(std::string_view bytes, const bool& destroyed);
    void hung_up(bool broken);

    void arm();
    void on_timer();
    void finish(bool reusable);
    void fail(TransferFailure failure);
    void fail_by_tls(const char* message);
    TransferListener& retire();

    NativeHttpClient* upstream_;  // null: the transfer has ended
    TransferListener& listener_;
    bool* destroyed_ = nullptr;  // set if the listener destroys this object in its call

    std::shared_ptr<Endpoint> endpoint_;
    std::unique_ptr<Connector> connector_;
    std::unique_ptr<ClientConnection> connection_;
    std::unique_ptr<Error> refused_;

    RequestBytes bytes_;  // kept until the request cannot be resent any more
    std::string unread_;  // bytes that were read before a pause

    ResponseParser response_;
    TransferLimits limits_;
    bool bodiless_ = false;  // the response has no body, because the request was HEAD
    bool close_ = false;     // the request asks to close the connection
    bool reused_ = false;    // the connection had served another request
    bool resent_ = false, send_failed_ = false, resolving_ = false, in_handshake_ = false, paused_ = false;
};

}  // namespace gatehouse::core
