// SPDX-License-Identifier: Apache-2.0
// One attempt to get a response to a request from one route.
//
//     translate > sign > send > decode > hooks > format
//
// Each step is one member function, in this order.  A failed attempt leaves no
// trace, because it owns its exchange and its formatter.  Owned by one RequestFlow
// or BackgroundRequest; all calls happen on the thread of the owner's loop.
#pragma once

#include "core/instances/named_provider.hpp"
#include "core/instances/route_policy.hpp"
#include "core/net/client/http_client.hpp"
#include "core/net/memory_budget.hpp"
#include "core/observe/record.hpp"
#include "core/plugin/call_note.hpp"
#include "core/plugin/host.hpp"
#include "core/request/hooks.hpp"
#include "core/request/local_run.hpp"

#include <gatehouse/sdk.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

/// When the upstream must have responded, over all attempts of a request.
struct Deadline {
    using Time = RequestRecord::Clock::time_point;
    Time until;
    bool whole;                   // true: `until` limits the complete response; false: its first byte
    Time complete = Time::max();  // limits the complete response if `whole` is false
    std::chrono::milliseconds hook = std::chrono::seconds(30);  // limits one wait for a hook
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
        /// The response is complete; out() has its last bytes.
        virtual void on_complete() = 0;
        virtual void on_failure(const Error& error) = 0;
        /// Called before an upstream request is sent.  Returns false if the client has left.
        virtual bool may_send() = 0;
        /// Called after `error` if the exchange can retry at another endpoint (`elsewhere`), or at
        /// the same endpoint because the request was not at fault.  Returns false if the request has
        /// no attempts left.
        virtual bool may_retry(const Error& error, bool elsewhere) = 0;
        /// Keeps the client's identity alive while a signer reads it.
        virtual std::shared_ptr<const void> kept() { return nullptr; }

    protected:
        ~Owner() = default;
    };

    /// All references must outlive the attempt, or its cancel().  `keep` keeps the provider alive
    /// while a cancelled computation still runs.
    Attempt(Owner& owner, const WorkerServices& worker, const NamedProvider& provider,
            const Operation& operation, std::unique_ptr<ResponseFormatter> formatter, Hooks& hooks,
            Deadline deadline, RequestRecord& record, Log& log, std::shared_ptr<const void> keep);

    void start() { translate(); }
    /// Calls the owner no more, sends nothing more and closes a running upstream request.
    void cancel();
    /// Returns advice about the failure for an operator; empty if `error` says what to do.
    std::string advice(const Error& error);

    void pause();
    void resume();
    /// Whether an upstream request or a computation is running, which may cost money.
    bool calling() const { return (transfer_ && !draining_) || run_; }
    /// Reads at most `bytes` more of the response after the client has left, only for its usage.
    /// Returns false if no response is being read.
    bool read_on(std::size_t bytes);
    /// Whether the response has produced any output.
    bool has_output() const { return has_output_; }
    /// Whether the upstream has responded 2xx.  It is alive then, even if it sends no events.
    bool answered() const { return status_ >= 200 && status_ < 300; }
    /// When the upstream responded 2xx.  REQUIRES: answered().
    RequestRecord::Clock::time_point answered_at() const { return answered_at_; }
    /// The upstream's status; 0 before the response's head.
    int status() const { return status_; }

    /// Whether the message of the failure comes from the provider's reading of a response, and may
    /// quote it.
    bool quotes_upstream() const { return quotes_upstream_; }
    /// Whether the last request fails again until a configuration or a credential of the gateway
    /// changes.
    bool permanent() const { return permanent_; }
    /// Whether a hook has not completed HookState::wait yet; also after cancel().
    bool hook_pending() const { return waiting_; }
    /// Whether a hook has refused the response.
    bool refused_by_hook() const { return refused_by_hook_; }
    /// Whether the last failure is that of the signer.
    bool unsigned_request() const { return unsigned_; }
    /// The cause of `error`, with which this attempt has failed.
    FailureCause cause(const Error& error) const { return cause_of(error, status_, fault_, unsigned_); }
    /// Headers of the last upstream request that contain credentials.
    const std::vector<std::string>& secrets() const { return secrets_; }
    /// Scheme, host and port of the last upstream request.
    const std::string& origin() const { return origin_; }

    ResponseFormatter& formatter() { return *formatter_; }
    /// The formatted bytes that the owner has not taken yet.
    std::string& out() { return out_; }

private:
    void translate();
    void compute(LocalProvider& provider);
    void watch_run(Deadline::Time until);
    void on_event(Event event) override;
    void on_done(Result<void> result) override;
    void dispatch(Result<std::optional<http::Request>> request);
    void dispatch_later(http::Request request);
    bool reroute_ejected(http::Request& request);
    Result<void> add_ids(http::Headers& headers);
    void add_trace(http::Headers& headers) const;
    void sign(http::Request&& request);
    void send(http::Request signed_request);
    void on_head(const http::ResponseHead& head) override;  // decode
    void on_body(std::string_view bytes) override;          // decode
    Result<bool> feed(std::string_view bytes);
    void on_waiting() override;
    void on_end() override;  // decode
    void on_error(TransferFailure failure) override;
    void watch_silence();
    void stop_watching();
    void on_silence();
    bool ends_in_silence(int times);
    void complete_early();
    void finish_exchange();
    Error quoted(Error error);
    void finish();
    void on_upstream_error(Error error);
    void note_refusal(const http::ResponseHead& head);
    void ask_about_refusal(Error error);
    void on_credentials_renewed(bool again);
    void amend(Error error);
    void emit(Event event) override;  // format
    bool full() const override;
    bool hold(const Event& event);
    bool too_large() const;
    /// Also if a hook holds it back.
    bool has_finish() const { return finished_ || hooks_.saw_finish(); }
    bool fails_by_events();
    bool fails_by_held_events();
    bool waits_for_hook(void (Attempt::*then)());
    void on_hook(void (Attempt::*then)(), Result<void> result);
    void on_hook_timeout(const std::string& name);
    void read_after_hook();
    void pause_source();
    bool source_paused() const { return paused_ || waiting_; }
    void resume_source();
    void complete();
    void fail(Error error);
    // For the details of the record, if there are any: attempt_details.cpp
    StoryAttempt* told() const { return telling_ ? &record_.details->attempts.back() : nullptr; }
    void begin_telling(std::string_view why);
    void tell_sent();
    void tell_answered();
    void tell(const Event& event);
    void end_telling(const Error* error, bool cancelled = false);

    template <typename T, typename Start>
    void ask_signer(const char* member, Start&& start, void (Attempt::*step)(T));
    /// `member` is a literal.
    PluginCall provider_call(const char* member) const {
        return {provider_.name, member, record_.request_id};
    }

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
    std::shared_ptr<LocalRun> run_;  // replaces exchange and transfer if the provider is local
    Loop::TimerId run_timer_ = 0, silence_timer_ = 0, delay_timer_ = 0, hook_timer_ = 0;
    std::string origin_;  // the last request's origin
    std::string out_;
    std::size_t may_read_ = std::string::npos;  // limit for a body that is read for its usage only
    std::vector<std::string> secrets_;
    struct Refusal {
        http::ResponseHead head;
        std::string body = {};
        Error error = {};
        std::optional<Rejection> shown = {};  // refers to the members above
    };
    std::unique_ptr<Refusal> refusal_;  // the upstream's, of which the signer is told
    RequestRecord::Clock::time_point answered_at_{};
    std::size_t error_bytes_ = 0;
    std::size_t event_bytes_ = 0;       // the last non-streaming response: size of its events
    Reservation held_{worker_.memory};  // a non-streaming response, until the client has it
    std::size_t finished_ = 0;          // choices whose Finish has come
    int status_ = 0;
    int amendments_ = 0;
    bool fed_ = false;         // the upstream has sent bytes since the last look at its silence
    bool may_end_ = false;     // Exchange::may_end after the last part of the body
    bool has_output_ = false;  // the response has produced output
    bool draining_ = false;    // the response is complete, the transfer is not
    TransferFault fault_ = TransferFault::none;  // the last transfer's
    bool explained_ = false;                     // the error says what an operator can do
    bool renewed_ = false, over_ = false, paused_ = false, quotes_upstream_ = false, permanent_ = false;
    bool unsigned_ = false;  // the signer has failed
    bool telling_ = false;   // the last attempt of the details is this one, and has not ended
    bool waiting_ = false;   // for a hook
    bool ended_ = false;     // the response has ended meanwhile
    bool refused_by_hook_ = false;
};

}  // namespace gatehouse::core
