// SPDX-License-Identifier: Apache-2.0
// One try to have a request answered by one route.
//
//     translate > sign > send > decode > hooks > format
//
// Each step is one member function, in this order.  An attempt that has failed
// leaves no trace: exchange and formatter are its own.  Belongs to one flow;
// everything happens on the flow's loop.
#pragma once

#include "core/instances/named_provider.hpp"
#include "core/net/client/http_client.hpp"
#include "core/net/memory_budget.hpp"
#include "core/observe/record.hpp"
#include "core/plugin/host.hpp"
#include "core/request/hooks.hpp"
#include "core/request/local_run.hpp"
#include "core/retry/policy.hpp"

#include <gatehouse/sdk.hpp>

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::core {

/// Until when the upstream must have answered, whatever is tried meanwhile.
struct Deadline {
    using Time = RequestRecord::Clock::time_point;
    Time until;
    bool whole;                   // the complete answer; else its first byte
    Time complete = Time::max();  // then the complete one
};

class Attempt final : public std::enable_shared_from_this<Attempt>,
                      TransferListener,
                      LocalRun::Listener,
                      EventSink {
public:
    class Owner {
    public:
        /// out() has something to send.
        virtual void on_output() = 0;
        /// The answer is complete; out() has the rest of it.
        virtual void on_complete() = 0;
        virtual void on_failure(const Error& error) = 0;
        /// An upstream request is about to go out: false if the client has left.
        virtual bool may_send() = 0;
        /// After `error` the exchange would ask another place (`elsewhere`), or the same one
        /// though the request was not at fault: false if there have been enough attempts.
        virtual bool may_go_on(const Error& error, bool elsewhere) = 0;

    protected:
        ~Owner() = default;
    };

    /// All references must outlive the attempt, or its cancel(); `keep` keeps the provider
    /// alive, for a computation that goes on until it notices.
    Attempt(Owner& owner, const WorkerServices& worker, const NamedProvider& provider,
            const Operation& operation, std::unique_ptr<ResponseFormatter> formatter, Hooks& hooks,
            Deadline deadline, RequestRecord& record, Log& log, std::shared_ptr<const void> keep);

    void start() { translate(); }
    /// Nothing more is called or sent; a running upstream call is cut.
    void cancel();
    /// What the exchange and the signer say of the failure, for an operator.
    std::string advice(const Error& error);

    void pause();
    void resume();
    /// Whether an upstream call runs, which costs somebody something.
    bool calling() const { return (transfer_ && !draining_) || run_; }
    /// The client has left, and the rest of the answer is read for its usage only: no more
    /// than `bytes` of it.  False if nothing of the kind can be had.
    bool read_on(std::size_t bytes);
    /// Something of the answer has come.
    bool spoken() const { return spoken_; }
    /// The upstream has answered 2xx, so that it is alive though it may be silent.
    bool answered() const { return status_ >= 200 && status_ < 300; }
    /// When it did.  REQUIRES: answered().
    RequestRecord::Clock::time_point answered_at() const { return answered_at_; }
    /// The upstream's status; 0 if there is none yet.
    int status() const { return status_; }

    ResponseFormatter& formatter() { return *formatter_; }
    /// What has been formatted and not yet been taken.
    std::string& out() { return out_; }

private:
    void translate();
    void compute(LocalProvider& provider);
    void watch_run(Deadline::Time until);
    void on_event(Event event) override;
    void on_done(Result<void> result) override;
    void ask(Result<std::optional<http::Request>> request);
    bool evade(http::Request& request);
    void sign(http::Request request);
    void send(http::Request signed_request);
    void on_head(const http::ResponseHead& head) override;  // decode
    void on_body(std::string_view bytes) override;          // decode
    void on_end() override;                                 // decode
    void on_error(Error error) override;
    void hang_up();
    void finish_exchange();
    void finish();
    void refused(Error error);
    void renewed(bool again);
    void amend(Error error);
    void emit(Event event) override;  // format
    void complete();
    void fail(Error error);

    template <typename T, typename Start>
    void ask_signer(Start&& start, void (Attempt::*step)(T));

    Owner& owner_;
    const WorkerServices worker_;
    const NamedProvider& provider_;
    const Operation& operation_;
    std::unique_ptr<ResponseFormatter> formatter_;
    Hooks& hooks_;
    const Deadline deadline_;
    const RoutePolicy& policy_;
    RequestRecord& record_;
    Log& log_;

    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Transfer> transfer_;
    const std::shared_ptr<const void> keep_;
    std::shared_ptr<LocalRun> run_;  // in place of exchange and transfer
    Loop::TimerId run_timer_ = 0;
    std::string origin_;  // of what has been asked last
    std::string out_;
    std::size_t may_read_ = std::string::npos;  // of a body nobody waits for
    Error refusal_;                             // why the upstream refused, while a new token is asked for
    RequestRecord::Clock::time_point answered_at_{};
    std::size_t error_bytes_ = 0;
    Reservation held_{worker_.memory};  // a whole answer, until the client has it
    std::size_t finished_ = 0;          // choices that have their Finish
    int status_ = 0;
    int amendments_ = 0;
    bool spoken_ = false;    // something of the answer has come
    bool draining_ = false;  // the answer is complete, the transfer not yet
    bool renewed_ = false, over_ = false, paused_ = false;
};

}  // namespace gatehouse::core
