// SPDX-License-Identifier: Apache-2.0
// One request on its way and its answer: find the address, connect, send, read, and
// either the end or the error.  What the caller holds; destroying it hangs up.
// [the loop's thread]
#pragma once

#include "core/http/direct/answer_reader.hpp"
#include "core/http/direct/connector.hpp"
#include "core/http/direct/direct_upstream.hpp"
#include "core/http/transfer_limits.hpp"

#include <memory>
#include <string>

namespace gatehouse::core {

class DirectTransfer final : public Transfer,
                             public Link::Owner,
                             public Connector::Listener,
                             public Resolver::Waiter {
public:
    DirectTransfer(DirectUpstream& upstream, TransferListener& listener);
    ~DirectTransfer() override;

    /// Takes the request's head and body.
    void begin(std::shared_ptr<Endpoint> endpoint, http::Request& request);
    /// Will fail with `error`.
    void refuse(Error error);

    void pause() override;
    void resume() override;

    /// Does what could not be done at once.
    void attend();
    /// The Upstream goes: nobody hears of it any more.
    void abandon();

    // The upstream's notes.
    std::size_t place_in_list = 0;
    bool queued = false;

private:
    bool reuse();
    void connect();
    void on_addresses(Addresses addresses, const std::string& why) override;
    void on_connected(int fd) override;
    void on_unreachable(int os_error) override;

    void on_link(Link& link, Edge edge) override;
    bool shake();
    void established();
    void send();
    void receive();
    bool take(std::string_view bytes);
    bool read_answer(std::string_view bytes, const bool& destroyed);
    void hung_up(bool broken);
    void forget_request();

    void arm();
    void on_timer();
    void finish(bool reusable);
    void fail(Error error);
    TransferListener& retire();

    DirectUpstream* upstream_;  // null: it is over
    TransferListener& listener_;
    bool* destroyed_ = nullptr;  // tells a listener's call that this has gone in it

    std::shared_ptr<Endpoint> endpoint_;
    std::unique_ptr<Connector> connector_;
    std::unique_ptr<Link> link_;
    std::unique_ptr<Error> refused_;

    std::string head_, body_;  // until they have been sent and need not be sent again
    std::size_t sent_ = 0;     // bytes of both
    std::size_t size_ = 0;     // of both
    std::string unread_;       // what was read before a pause

    AnswerReader answer_;
    TransferLimits limits_;
    bool bodiless_ = false;  // the answer, as the request was HEAD
    bool close_ = false;     // the connection, as the request asks for it
    bool reused_ = false;    // the connection had served another request
    bool resent_ = false, send_failed_ = false, resolving_ = false, shaking_ = false, paused_ = false;
};

}  // namespace gatehouse::core
