// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/native_transfer.hpp"

#include "core/net/client/upstream_failure.hpp"
#include "core/net/client/upstream_request.hpp"
#include "core/net/client/upstream_target.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

constexpr int reads_at_once = 4;  // per connection and turn
// A body up to this size is sent with its head, in one TLS record.
constexpr std::size_t max_joined_request = 15 * 1024;

using Stage = TransferLimits::Stage;

}  // namespace

NativeTransfer::NativeTransfer(NativeHttpClient& upstream, TransferListener& listener)
    : upstream_(&upstream), listener_(listener) {
    upstream.enlist(*this);
}

NativeTransfer::~NativeTransfer() {
    if (destroyed_) *destroyed_ = true;
    if (upstream_) retire();
}

// --- the request -------------------------------------------------------------

void NativeTransfer::refuse(Error error) {
    refused_ = std::make_unique<Error>(std::move(error));
    upstream_->later(*this);
}

void NativeTransfer::begin(std::shared_ptr<Endpoint> endpoint, http::Request& request,
                           const RouteTimeouts& timeouts) {
    endpoint_ = std::move(endpoint);
    auto fields = check_request(request);
    if (!fields) return refuse(fields.error());
    const std::string_view url = request.url;
    const std::string_view target = url.substr(origin_of(url).size()),
                           path = target.substr(0, target.find('#'));
    const bool together = request.body.size() <= max_joined_request;
    const std::size_t room = together ? request.body.size() : 0;
    std::string head =
        path.starts_with('/')
            ? request_head(request, *fields, path, endpoint_->host_field, room)
            : request_head(request, *fields, "/" + std::string(path), endpoint_->host_field, room);
    std::string body;
    if (has_body(request)) {
        if (together)
            head += request.body;
        else
            body = std::move(request.body);
    }
    bytes_.set(std::move(head), std::move(body));
    bodiless_ = request.method == "HEAD";
    close_ = fields->close;
    limits_.begin(request, timeouts);
    response_.start(upstream_->settings().max_header_bytes, bodiless_);
    upstream_->later(*this);  // together with other requests of this turn; see Worker::onReady()
}

/// Returns false if there is no idle connection.
bool NativeTransfer::reuse() {
    connection_ = endpoint_->take();
    if (!connection_) return false;
    reused_ = true;
    connection_->give_to(*this);
    limits_.enter(Stage::answer, limits_.started());
    arm();
    send();
    return true;
}

/// Opens a new connection, also for a resent request.
void NativeTransfer::connect() {
    limits_.enter(Stage::connection);
    arm();
    Addresses addresses =
        endpoint_->name.empty() ? endpoint_->addresses : upstream_->resolver().known(endpoint_->name);
    if (addresses) return on_addresses(std::move(addresses), {});
    resolving_ = true;
    upstream_->resolver().ask(endpoint_->name, *this);
}

void NativeTransfer::on_addresses(Addresses addresses, const LookupFailure& why) {
    resolving_ = false;
    if (!addresses)
        return fail({{ErrorKind::upstream, failure::name_unknown, why.reason},
                     TransferFault::no_address,
                     why.permanent});
    connector_ = std::make_unique<Connector>(upstream_->loop(), std::move(addresses), endpoint_->port, *this);
    connector_->start();
}

void NativeTransfer::on_unreachable(int os_error) {
    if (!endpoint_->name.empty()) upstream_->resolver().doubt(endpoint_->name);
    fail({failure::connect_failed(os_error), TransferFault::no_connection});
}

void NativeTransfer::on_connected(int fd) {
    connector_.reset();
    connection_ = std::make_unique<ClientConnection>(upstream_->loop(), fd, *this);
    if (!endpoint_->tls) return established();
    in_handshake_ = true;
    connection_->secure(endpoint_->tls);
    upstream_->later(*this);
}

/// Returns false if the handshake is not complete or has failed.
bool NativeTransfer::handshake_step() {
    upstream_->count_handshake_step();
    switch (connection_->handshake_step()) {
        case ClientConnection::State::blocked: return false;
        case ClientConnection::State::done: established(); return true;
        case ClientConnection::State::ended:
        case ClientConnection::State::failed: break;
    }
    fail_by_tls(connection_->distrusted() ? failure::certificate : failure::handshake);
    return false;
}

void NativeTransfer::established() {
    in_handshake_ = false;
    limits_.enter(Stage::answer);
    arm();
    send();
}

void NativeTransfer::send() {
    while (!bytes_.all_sent()) {
        iovec parts[2];
        const std::size_t count = bytes_.unsent(parts);
        const ClientConnection::Moved moved = connection_->write(parts, count);
        if (moved.state == ClientConnection::State::failed) {
            // The response may have come before the failure, so it is read first.
            send_failed_ = true;
            return upstream_->later(*this);
        }
        if (moved.state != ClientConnection::State::done) return;
        bytes_.advance(moved.bytes);
    }
    if (!reused_ || response_.has_head()) bytes_.release();
}

// --- the response --------------------------------------------------------------

void NativeTransfer::on_connection_event(ClientConnection&, Edge edge) {
    if (in_handshake_) return upstream_->later(*this);
    if (!bytes_.all_sent() && edge.writable && !send_failed_) send();
    // A queued transfer waits for its turn, even if more bytes come.
    if ((edge.readable || edge.ended) && !queued) receive();
}

void NativeTransfer::attend() {
    if (refused_) return fail({std::move(*refused_), TransferFault::refused, true, true});
    if (!connection_) {
        if (!connector_ && !resolving_ && !reuse()) connect();
        return;
    }
    if (in_handshake_ && !handshake_step()) return;
    // Processes the bytes or the end that a pause has left unread.
    if (response_.has_head() && !paused_ && !take(std::exchange(unread_, {}))) return;
    receive();
}

void NativeTransfer::receive() {
    for (int reads = 0; reads == 0 || (reads < reads_at_once && !upstream_->is_busy()); ++reads) {
        if (paused_ && response_.has_head()) return;
        const ClientConnection::Moved moved = connection_->read(upstream_->buffer(), NativeHttpClient::room);
        if (moved.state == ClientConnection::State::blocked && !send_failed_) return;
        if (moved.state != ClientConnection::State::done)
            return hung_up(moved.state != ClientConnection::State::ended);
        upstream_->has_read(moved.bytes);
        if (!take({upstream_->buffer(), moved.bytes})) return;
        if (moved.bytes < NativeHttpClient::room && connection_->tells_of_more()) return;
    }
    upstream_->later(*this);
}

/// Returns false if the transfer has ended, is paused or is destroyed.
bool NativeTransfer::take(std::string_view bytes) {
    bool destroyed = false;
    destroyed_ = &destroyed;
    const bool more = read_response(bytes, destroyed);
    if (!destroyed) destroyed_ = nullptr;
    return more && !destroyed;
}

bool NativeTransfer::read_response(std::string_view bytes, const bool& destroyed) {
    const auto now = TransferLimits::Clock::now();
    if (limits_.stage() == Stage::body) limits_.heard(now);
    while (true) {
        const bool was_within = response_.within_head();
        const ResponseParser::Step step = response_.next(bytes);
        // An interim response does not count as the start of the final response.
        if (was_within != response_.within_head() && !response_.has_head()) {
            limits_.enter(was_within ? Stage::answer : Stage::head, now);
            arm();
        }
        switch (step) {
            case ResponseParser::Step::more:
                if (response_.has_head()) listener_.on_waiting();
                return true;
            case ResponseParser::Step::head:
                if (bytes_.all_sent()) bytes_.release();
                limits_.enter(paused_ ? Stage::nothing : Stage::body, now);
                arm();
                listener_.on_head(response_.head());
                if (!destroyed) response_.forget_head();
                break;
            case ResponseParser::Step::body: listener_.on_body(response_.piece()); break;
            case ResponseParser::Step::end:
                finish(bytes.empty() && response_.keeps_connection());
                return false;
            case ResponseParser::Step::broken:
                fail({response_.error(), TransferFault::invalid, response_.is_tls(), response_.is_tls()});
                return false;
        }
        if (destroyed || !upstream_) return false;
        if (paused_) {
            unread_ = bytes;
            return false;
        }
    }
}

void NativeTransfer::hung_up(bool broken) {
    if (!broken && response_.may_end_here()) return finish(false);
    if (reused_ && !resent_ && !response_.begun() &&
        TransferLimits::Clock::now() - limits_.started() <= TransferLimits::resend_window) {
        resent_ = true;
        reused_ = send_failed_ = false;
        bytes_.rewind();
        connection_.reset();
        return connect();
    }
    const char* message = !broken || (reused_ && !response_.begun()) ? response_.truncation()
                          : response_.started()                      ? failure::broken_within
                                                                     : failure::broken_before;
    // With TLS 1.3 an upstream rejects a client certificate after the handshake.
    if (broken && connection_->tls_fault() != TlsFault::none) return fail_by_tls(message);
    fail({{ErrorKind::upstream, message},
          response_.begun() ? TransferFault::closed_within : TransferFault::closed_before});
}

// --- pause, timeouts, the end ----------------------------------------------------

void NativeTransfer::pause() {
    if (!upstream_ || std::exchange(paused_, true)) return;
    if (response_.has_head()) limits_.enter(Stage::nothing);
}

void NativeTransfer::resume() {
    if (!upstream_ || !std::exchange(paused_, false)) return;
    if (!response_.has_head()) return;
    limits_.enter(Stage::body);
    arm();
    upstream_->later(*this);
}

void NativeTransfer::arm() {
    limits_.arm(upstream_->loop(), [this] { on_timer(); });
}

void NativeTransfer::on_timer() {
    limits_.fired();
    if (limits_.exceeded())
        fail(limits_.failure());
    else
        arm();
}

void NativeTransfer::finish(bool reusable) {
    if (reusable && bytes_.all_sent() && !close_ && connection_->open())
        upstream_->park(*endpoint_, std::move(connection_));
    retire().on_end();
}

// Names the host in `detail`, with the reason, for the log only; the client must not learn the host.
void NativeTransfer::fail(TransferFailure failure) {
    std::string& detail = failure.error.detail;
    if (endpoint_) detail = endpoint_->label + ": " + (detail.empty() ? failure.error.message : detail);
    retire().on_error(std::move(failure));
}

/// Fails with the reason of the connection's TLS session.
void NativeTransfer::fail_by_tls(const char* message) {
    const TlsFault fault = connection_->tls_fault();
    fail({{ErrorKind::upstream, message, connection_->failure()},
          TransferFault::tls,
          is_permanent(fault),
          !advice_on(fault).empty()});
}

/// Releases everything except the listener, which may destroy this object in its next call.
TransferListener& NativeTransfer::retire() {
    limits_.disarm(upstream_->loop());
    if (resolving_) upstream_->resolver().forget(endpoint_->name, *this);
    connector_.reset();
    connection_.reset();
    bytes_.erase();  // it may hold credentials
    std::string().swap(unread_);
    endpoint_.reset();  // this object must not keep idle connections alive longer than the loop
    std::exchange(upstream_, nullptr)->leave(*this);
    return listener_;
}

void NativeTransfer::abandon() { retire(); }

}  // namespace gatehouse::core
