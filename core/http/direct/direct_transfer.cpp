// SPDX-License-Identifier: Apache-2.0
#include "core/http/direct/direct_transfer.hpp"

#include "core/http/upstream_failure.hpp"
#include "core/http/upstream_request.hpp"
#include "core/http/upstream_target.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr int reads_at_once = 4;           // from one connection, before others have their turn
constexpr std::size_t joined = 15 * 1024;  // a body up to this size goes with its head, in one record of TLS

using Stage = TransferLimits::Stage;

}  // namespace

DirectTransfer::DirectTransfer(DirectUpstream& upstream, TransferListener& listener)
    : upstream_(&upstream), listener_(listener) {
    upstream.enlist(*this);
}

DirectTransfer::~DirectTransfer() {
    if (destroyed_) *destroyed_ = true;
    if (upstream_) retire();
}

// --- the request -------------------------------------------------------------

void DirectTransfer::refuse(Error error) {
    refused_ = std::make_unique<Error>(std::move(error));
    upstream_->later(*this);
}

void DirectTransfer::begin(std::shared_ptr<Endpoint> endpoint, http::Request& request) {
    endpoint_ = std::move(endpoint);
    auto fields = check_request(request);
    if (!fields) return refuse(fields.error());
    const std::string_view url = request.url;
    const std::string_view target = url.substr(origin_of(url).size()),
                           path = target.substr(0, target.find('#'));
    const bool together = request.body.size() <= joined;
    const std::size_t room = together ? request.body.size() : 0;
    if (path.starts_with('/'))
        head_ = request_head(request, *fields, path, endpoint_->host_field, room);
    else
        head_ = request_head(request, *fields, "/" + std::string(path), endpoint_->host_field, room);
    if (has_body(request)) {
        if (together)
            head_ += request.body;
        else
            body_ = std::move(request.body);
    }
    size_ = head_.size() + body_.size();
    bodiless_ = request.method == "HEAD";
    close_ = fields->close;
    limits_.begin(request, upstream_->settings());
    answer_.start(upstream_->settings().max_head_bytes, bodiless_);
    upstream_->later(*this);  // with other requests of this turn: Worker::onReady() says why
}

/// False if no connection waits for another request.
bool DirectTransfer::reuse() {
    link_ = endpoint_->take();
    if (!link_) return false;
    reused_ = true;
    link_->give_to(*this);
    limits_.enter(Stage::answer, limits_.started());
    arm();
    send();
    return true;
}

/// Another attempt gets a connection of its own.
void DirectTransfer::connect() {
    limits_.enter(Stage::connection);
    arm();
    Addresses addresses =
        endpoint_->name.empty() ? endpoint_->addresses : upstream_->resolver().known(endpoint_->name);
    if (addresses) return on_addresses(std::move(addresses), {});
    resolving_ = true;
    upstream_->resolver().ask(endpoint_->name, *this);
}

void DirectTransfer::on_addresses(Addresses addresses, const std::string& why) {
    resolving_ = false;
    if (!addresses) return fail({ErrorKind::upstream, failure::name_unknown, why});
    connector_ = std::make_unique<Connector>(upstream_->loop(), std::move(addresses), endpoint_->port, *this);
    connector_->start();
}

void DirectTransfer::on_unreachable(int os_error) {
    if (!endpoint_->name.empty()) upstream_->resolver().doubt(endpoint_->name);
    fail(failure::unreachable(os_error));
}

void DirectTransfer::on_connected(int fd) {
    connector_.reset();
    link_ = std::make_unique<Link>(upstream_->loop(), fd, *this);
    if (!endpoint_->tls) return established();
    shaking_ = true;
    link_->secure(endpoint_->tls);
    upstream_->later(*this);
}

/// False if there is more to come of the handshake, or nothing more at all.
bool DirectTransfer::shake() {
    upstream_->has_shaken();
    switch (link_->shake()) {
        case Link::State::blocked: return false;
        case Link::State::done: established(); return true;
        case Link::State::ended:
        case Link::State::failed: break;
    }
    fail({ErrorKind::upstream, link_->distrusted() ? failure::certificate : failure::handshake,
          link_->failure()});
    return false;
}

void DirectTransfer::established() {
    shaking_ = false;
    limits_.enter(Stage::answer);
    arm();
    send();
}

void DirectTransfer::send() {
    while (sent_ < size_) {
        iovec parts[2];
        std::size_t count = 0;
        if (sent_ < head_.size()) parts[count++] = {head_.data() + sent_, head_.size() - sent_};
        const std::size_t skip = sent_ - std::min(sent_, head_.size());
        if (skip < body_.size()) parts[count++] = {body_.data() + skip, body_.size() - skip};
        const Link::Moved moved = link_->write(parts, count);
        if (moved.state == Link::State::failed) {
            // The answer may have come before; reading will tell.
            send_failed_ = true;
            return upstream_->later(*this);
        }
        if (moved.state != Link::State::done) return;
        sent_ += moved.bytes;
    }
    if (!reused_ || answer_.has_head()) forget_request();
}

void DirectTransfer::forget_request() {
    std::string().swap(head_);
    std::string().swap(body_);
}

// --- the answer --------------------------------------------------------------

void DirectTransfer::on_link(Link&, Edge edge) {
    if (shaking_) return upstream_->later(*this);
    if (sent_ < size_ && edge.writable && !send_failed_) send();
    // Who waits for its turn is not served before others by what comes meanwhile.
    if ((edge.readable || edge.ended) && !queued) receive();
}

void DirectTransfer::attend() {
    if (refused_) return fail(std::move(*refused_));
    if (!link_) {
        if (!connector_ && !resolving_ && !reuse()) connect();
        return;
    }
    if (shaking_ && !shake()) return;
    // What was left by a pause, if only the end.
    if (answer_.has_head() && !paused_ && !take(std::exchange(unread_, {}))) return;
    receive();
}

void DirectTransfer::receive() {
    for (int reads = 0; reads == 0 || (reads < reads_at_once && !upstream_->is_busy()); ++reads) {
        if (paused_ && answer_.has_head()) return;
        const Link::Moved moved = link_->read(upstream_->buffer(), DirectUpstream::room);
        if (moved.state == Link::State::blocked && !send_failed_) return;
        if (moved.state != Link::State::done) return hung_up(moved.state != Link::State::ended);
        upstream_->has_read(moved.bytes);
        if (!take({upstream_->buffer(), moved.bytes})) return;
        if (moved.bytes < DirectUpstream::room && link_->tells_of_more()) return;
    }
    upstream_->later(*this);
}

/// False if nothing more can be taken: the transfer is over, paused, or gone.
bool DirectTransfer::take(std::string_view bytes) {
    bool destroyed = false;
    destroyed_ = &destroyed;
    const bool more = read_answer(bytes, destroyed);
    if (!destroyed) destroyed_ = nullptr;
    return more && !destroyed;
}

bool DirectTransfer::read_answer(std::string_view bytes, const bool& destroyed) {
    const auto now = TransferLimits::Clock::now();
    if (limits_.stage() == Stage::body) limits_.heard(now);
    while (true) {
        const bool was_within = answer_.within_head();
        const AnswerReader::Step step = answer_.next(bytes);
        // An interim answer is no beginning of the one that is awaited.
        if (was_within != answer_.within_head() && !answer_.has_head()) {
            limits_.enter(was_within ? Stage::answer : Stage::head, now);
            arm();
        }
        switch (step) {
            case AnswerReader::Step::more: return true;
            case AnswerReader::Step::head:
                if (sent_ == size_) forget_request();
                limits_.enter(paused_ ? Stage::nothing : Stage::body, now);
                arm();
                listener_.on_head(answer_.head());
                if (!destroyed) answer_.forget_head();
                break;
            case AnswerReader::Step::body: listener_.on_body(answer_.piece()); break;
            case AnswerReader::Step::end: finish(bytes.empty() && answer_.keeps_connection()); return false;
            case AnswerReader::Step::broken: fail(answer_.error()); return false;
        }
        if (destroyed || !upstream_) return false;
        if (paused_) {
            unread_ = bytes;
            return false;
        }
    }
}

void DirectTransfer::hung_up(bool broken) {
    if (!broken && answer_.may_end_here()) return finish(false);
    if (reused_ && !resent_ && !answer_.begun() &&
        TransferLimits::Clock::now() - limits_.started() <= TransferLimits::resend_window) {
        resent_ = true;
        reused_ = send_failed_ = false;
        sent_ = 0;
        link_.reset();
        return connect();
    }
    const char* message = !broken || (reused_ && !answer_.begun()) ? answer_.cut()
                          : answer_.started()                      ? failure::broken_within
                                                                   : failure::broken_before;
    fail({ErrorKind::upstream, message, broken ? link_->failure() : std::string()});
}

// --- pause, time, the end ----------------------------------------------------

void DirectTransfer::pause() {
    if (!upstream_ || std::exchange(paused_, true)) return;
    if (answer_.has_head()) limits_.enter(Stage::nothing);
}

void DirectTransfer::resume() {
    if (!upstream_ || !std::exchange(paused_, false)) return;
    if (!answer_.has_head()) return;
    limits_.enter(Stage::body);
    arm();
    upstream_->later(*this);
}

void DirectTransfer::arm() {
    limits_.arm(upstream_->loop(), [this] { on_timer(); });
}

void DirectTransfer::on_timer() {
    limits_.fired();
    if (limits_.exceeded())
        fail(limits_.error());
    else
        arm();
}

void DirectTransfer::finish(bool reusable) {
    if (reusable && sent_ == size_ && !close_ && link_->open()) upstream_->park(*endpoint_, std::move(link_));
    retire().on_end();
}

// Which host it was is for the log: it is none of a client's business.
void DirectTransfer::fail(Error error) {
    if (endpoint_) error.detail = endpoint_->label + (error.detail.empty() ? "" : ": " + error.detail);
    retire().on_error(std::move(error));
}

/// Lets go of everything but the listener, who may destroy this in its next call.
TransferListener& DirectTransfer::retire() {
    limits_.disarm(upstream_->loop());
    if (resolving_) upstream_->resolver().forget(endpoint_->name, *this);
    connector_.reset();
    link_.reset();
    // A credential is not kept longer than needed.
    std::fill(head_.begin(), head_.end(), '\0');
    forget_request();
    std::string().swap(unread_);
    endpoint_.reset();  // its idle connections must not outlive the loop with us
    std::exchange(upstream_, nullptr)->leave(*this);
    return listener_;
}

void DirectTransfer::abandon() { retire(); }

}  // namespace gatehouse::core
