// SPDX-License-Identifier: Apache-2.0
// One request's way through the instances, from its first byte to its last.
//
//     authenticate > route > admit > read > parse > hooks > map > attempt(s) > write
//
// Each step is one member function, declared here in that order, and ends by
// naming the next.  An Attempt does what concerns one upstream; the flow
// decides which one comes next, and what the client sees.  Steps of one flow
// run one at a time on its loop; nothing here ever blocks.
#pragma once

#include "core/instances/config_snapshot.hpp"
#include "core/net/server/client.hpp"
#include "core/request/attempt.hpp"
#include "core/retry/retry.hpp"

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
    /// `client` is valid until on_gone() or the end of the answer.
    RequestFlow(std::shared_ptr<const ConfigSnapshot> snapshot, const WorkerServices& worker, Client& client);
    ~RequestFlow() override;

    /// At once, unless many wrong credentials have come from the client's address.
    void start();

private:
    void authenticate(std::size_t which);
    void route(Identity who);
    void admit();
    void on_admitted() override { read(); }
    void on_refused(Error error) override { refuse(std::move(error)); }
    void read();
    void on_body(std::string body) override;  // parse
    void on_body_error(Error error) override;
    void map();
    void list_models();

    // The attempts, in flow_attempts.cpp.
    void attempt();
    void begin_attempt();
    bool find_route();
    Deadline deadline();
    bool may_send() override;
    bool may_go_on(const Error& error, bool elsewhere) override;
    void on_failure(const Error& error) override;
    void judge(const Error& error);
    Next next_attempt(const Error& error) const;

    // The way out, in flow_answer.cpp.
    void on_output() override { write(); }
    void on_complete() override;
    void write();
    void begin_answer();
    void watch_silence();
    http::Response to_response(const Error& error) const;
    void refuse(Error error);
    void respond(http::Response answer, const Error* error);
    void fail_stream(const Error& error);
    void leave();
    bool read_on();
    void over(const Error* error);

    void on_writable() override;
    void on_half_close() override;
    void on_stop() override;
    void on_gone() override;

    /// A route of the request, and whether it has been tried.
    struct Stop {
        Route route;
        const NamedProvider* provider;
        const RoutePolicy* policy;
        std::optional<RequestRecord::Clock::time_point> first_tried = {};
        bool failed = false;
    };
    const Stop& stop() const { return stops_[stop_]; }

    http::Headers& mark(http::Headers& headers) const;

    const std::shared_ptr<const ConfigSnapshot> kept_;
    const ConfigSnapshot& snapshot_;
    const PluginInstances& instances_;
    const WorkerServices worker_;
    Client* client_;  // null once the answer has ended or the client has gone
    RequestRecord record_;
    AuthThrottle::Turn turn_;

    Admission::Slot place_;
    const NamedDialect* dialect_ = nullptr;
    Identity who_;
    Parsed parsed_;
    std::unique_ptr<Hooks> hooks_;
    std::vector<Stop> stops_;
    std::size_t stop_ = 0;
    std::optional<Error> failure_;                  // of the attempt before
    std::unique_ptr<ResponseFormatter> formatter_;  // for the first attempt
    std::shared_ptr<Attempt> attempt_;
    Loop::TimerId timer_ = 0;
    RequestRecord::Clock::time_point deadline_{}, last_write_{};  // of all attempts together
    bool streams_ = false, begun_ = false, over_ = false;
};

}  // namespace gatehouse::core
