// SPDX-License-Identifier: Apache-2.0
// One request of a client and its path through the plugins, from the request's head
// to the response's last byte.  Owned by the connection; runs on its worker's loop.
//
//     authenticate > route > admit > read > parse > recall > hooks > map > limit > attempt(s) > keep > write
//
// Each step is one member function, declared here in that order, and ends by
// calling the next.  An Attempt handles one upstream.  The flow decides which
// attempt comes next and what the client receives.  Steps of one flow run one at
// a time on its loop; nothing here blocks.
#pragma once

#include "core/instances/config_snapshot.hpp"
#include "core/net/server/client.hpp"
#include "core/request/attempt.hpp"
#include "core/request/running.hpp"
#include "core/retry/retry_decision.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class RequestFlow final : public RequestListener,
                          public std::enable_shared_from_this<RequestFlow>,
                          Attempt::Owner,
                          AdmissionWaiter {
public:
    /// `client` is valid until on_gone() or the end of the response.
    RequestFlow(std::shared_ptr<const ConfigSnapshot> snapshot, const WorkerServices& worker, Client& client);
    ~RequestFlow() override;

    /// Starts at once, unless AuthThrottle delays requests from the client's address.
    void start();
    /// The view of operators.
    RunningRequest running() const;

private:
    std::string_view step() const;
    void authenticate(std::size_t which);
    void not_authenticated(std::size_t which, const Error& error);
    void route(Identity who);
    void admit();
    void enter();  // waits for a slot
    void on_admitted() override;
    void on_refused(Error error) override { refuse(std::move(error)); }
    void on_body(std::string body) override;  // parse
    void on_body_error(Error error) override;
    void begin_operation();  // hooks
    void map();
    void find_routes();
    RouteQuery route_query(std::string_view model) const;
    void list_models();

    // State of the client's protocol: flow_state.cpp
    void follow();
    void recall();
    void resume(std::vector<std::optional<Record>> records);
    void forget(std::size_t which);
    void keep_before_reply(std::size_t which);
    void write(Keep document, Completion<std::optional<Error>> done);
    void keep();
    void put(Keep document);
    void kept_one(const Error* error);
    StoreKey key_of(RecordId id) const;
    template <typename T, typename Start, typename Then>
    void ask_store(Start&& start, Then then);
    // Hooks: flow_hooks.cpp
    void ask_hooks();
    void wait_for_hook(const std::string& name);
    void on_verdict(const std::string& name, Result<Verdict> verdict);
    void watch_decision(const std::string& name);
    void on_hook_timeout(const std::string& name);
    void answer(const std::string& name, std::vector<Event> events);
    class HookAnswer;
    void end_answer(const std::string& name, const std::shared_ptr<HookAnswer>& sink);
    void wait_to_answer(const std::string& name, const std::shared_ptr<HookAnswer>& sink);
    RequestOutcome outcome(const Error* error) const;

    // Limits: flow_limits.cpp
    void limit();
    void on_limit_decision(Result<LimitDecision> decision);
    void add_limit_headers(http::Headers& headers) const;
    void report_progress();
    void bill_attempt();
    void settle();

    // The details of the record: flow_details.cpp
    bool counts_model_calls() const;
    bool asks_to_explain() const;
    bool wants_details() const {
        return !instances_.observers().empty() || counts_model_calls() || asks_to_explain() ||
               snapshot_.settings.log.detailed;
    }
    void begin_explanation();
    void explain(http::Headers& headers) const;
    void begin_details();
    void reached(std::string_view stage);
    void describe();
    void use_details();

    // Attempts: flow_attempts.cpp
    bool prepare_formatter();
    void prepare_attempts();
    void begin_attempt();
    bool find_route();
    void note_answer();
    Deadline deadline();
    bool may_repeat() const;
    bool may_send() override;
    bool may_retry(const Error& error, bool elsewhere) override;
    std::shared_ptr<const void> kept() override { return shared_from_this(); }
    void on_failure(const Error& error) override;
    void record_outcome(const Error& error);
    FailedAttempt failed_attempt(const Error& error) const;
    RetryDecision decide_next_attempt(FailedAttempt failure) const;
    Error divided(const Error& error) const;
    void log_failure(const char* message, const Error& reason) const;
    /// Empty without a trace.
    std::string trace_id() const { return record_.trace.id.valid() ? record_.trace.id.hex() : std::string(); }

    // Responses: flow_response.cpp
    void on_output() override {
        write();
        if (!over_) report_progress();
    }
    void on_complete() override { keep(); }
    void send_end();
    void write();
    void commit_response();
    void watch_silence();
    void watch_routes();
    bool sends_early_heartbeats() const;
    bool send_early_heartbeat();
    void begin_early(http::ResponseHead head);
    Error for_client(const Error& error) const;
    const NamedDialect& error_dialect() const;
    http::Response to_response(const Error& error) const;
    void refuse(Error error);
    void respond(http::Response answer, const Error* error);
    void fail_stream(const Error& error);
    void disconnect();
    bool read_on();
    void finish(const Error* error);
    void estimate_usage();

    void on_writable() override;
    void on_half_close() override;
    void on_stop() override;
    void on_gone() override;

    /// A route of the request, and whether it has been tried.
    struct Candidate {
        Route route;
        const NamedProvider* provider;
        const RoutePolicy* policy;
        std::optional<RequestRecord::Clock::time_point> first_tried = {};
        bool failed = false;
        bool hopeless = false;  // its last failure does not pass; it is not tried again
    };
    /// The limiter's view of the request, and the attempts that it will be told of.
    struct Limited {
        std::vector<Route> routes = {};
        std::optional<LimitRequest> request = {};
        std::unique_ptr<Grant> grant = {};  // null: refused, or settled
        Standing standing = {};
        Bill bill = {};
        bool billed = false;                         // the current attempt is in the bill
        std::size_t next_progress = progress_bytes;  // bytes of text
    };
    static constexpr std::size_t progress_bytes = 1'024;  // the limiter is told of each of them

    /// The failure of an earlier attempt that the client gets if no later one tells it more.
    struct PastFailure {
        Error error;
        int weight;
        std::size_t candidate;
        std::string upstream_request_id, endpoint;
        FailureCause cause;
    };
    void refuse_after_hook(const Error& error);
    void note_failure(const Error& error, int weight);
    void refuse_after_attempts(const Error& error, int weight);
    void tell_of(const PastFailure& failure);
    const Candidate& candidate() const { return candidates_[candidate_]; }
    static bool may_try(const Candidate& stop);

    /// The formatter of the response and its bytes: the attempt's, or those of a hook's answer.
    ResponseFormatter& formatter() { return attempt_ ? attempt_->formatter() : *formatter_; }
    std::string& out() { return attempt_ ? attempt_->out() : answer_; }

    /// A call of the dialect for this request; `member` is a literal.
    PluginCall dialect_call(const char* member) const { return {dialect_->name, member, record_.request_id}; }

    http::Headers& add_headers(http::Headers& headers) const;
    /// Those that do not depend on the route.
    http::Headers& add_general_headers(http::Headers& headers) const;

    const std::shared_ptr<const ConfigSnapshot> kept_;
    const ConfigSnapshot& snapshot_;
    const PluginInstances& instances_;
    const WorkerServices worker_;
    Client* client_;  // null after the end of the response or of the client
    RequestRecord record_;
    AuthThrottle::Turn turn_;

    Admission::Slot slot_;
    const NamedDialect* dialect_ = nullptr;
    const NamedDialect* meant_ = nullptr;           // serves the endpoint that a wrong path resembles
    std::optional<http::RequestHead> mended_head_;  // if the client has doubled slashes in the path
    Identity who_;
    std::string authenticator_;  // that has identified the client; empty: none
    std::string unknown_to_;     // the reasons of several authenticators
    Parsed parsed_;
    Reservation recalled_{worker_.memory};  // the records of `parsed_`
    int recalls_ = 0;
    std::size_t keeping_ = 0;  // documents that are not stored yet; the end of the response waits for them
    std::unique_ptr<Hooks> hooks_;
    std::vector<Candidate> candidates_;
    std::unique_ptr<Limited> limited_;  // null without a limiter
    std::size_t candidate_ = 0;
    std::string mapped_model_;                      // as the mapper was asked, if there are several routes
    RouteUse use_;                                  // counts the request at its route, if the mapper measures
    std::optional<PastFailure> failure_;            // the failure so far that tells the client most
    std::unique_ptr<ResponseFormatter> formatter_;  // for the first attempt, or for a hook's answer
    std::string answer_;                            // bytes of a hook's answer
    std::unique_ptr<ResponseFormatter> opening_;    // has begun the response before any attempt has
    std::shared_ptr<Attempt> attempt_;
    Loop::TimerId timer_ = 0, early_timer_ = 0;
    RequestRecord::Clock::time_point deadline_{}, last_write_{};  // for all attempts together
    bool streams_ = false, over_ = false;
    bool deciding_ = false;   // a hook or the limiter has not completed yet
    bool begun_ = false;      // the client has the head
    bool committed_ = false;  // and bytes of an attempt, so that no other attempt may follow
    RunningPlace running_{*this};
};

}  // namespace gatehouse::core
