// SPDX-License-Identifier: Apache-2.0
// A request that the core itself sends to a provider, without a client: a list of
// models, a table for an operator, or a short request that tests whether the upstream responds.
//
// Owned by ModelDiscovery or LiveCheck; all calls happen on one loop's thread.
#pragma once

#include "core/request/attempt.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class BackgroundRequest final : Attempt::Owner {
public:
    struct Outcome {
        std::optional<Error> error = {};  // nullopt: success
        int status = 0;                   // the upstream's; 0: no response
        std::vector<ModelInfo> models = {};
        std::string document = {};      // the response to a RawRequest
        std::string request_id = {};    // the upstream's own
        std::string advice = {};        // after an error: for the operator
        bool unsigned_request = false;  // the signer has failed
    };

    /// `provider` and `log` must outlive it.  `limit`: time for the complete response.
    BackgroundRequest(const WorkerServices& worker, const NamedProvider& provider, Operation operation,
                      std::chrono::milliseconds limit, Log& log);
    /// Cancels a running attempt.
    ~BackgroundRequest();

    /// Calls `done` once, unless this object is destroyed first.  `done` may destroy this object.
    void start(std::function<void(Outcome)> done);

    /// Counts the outcome of a list of models for the usability of `provider`.
    static void note_use(const NamedProvider& provider, const Outcome& outcome);

private:
    class Collector;

    void on_output() override {}
    void on_complete() override { finish({}); }
    void on_failure(const Error& error) override { finish(error); }
    bool may_send() override { return true; }
    bool may_retry(const Error&, bool) override { return true; }
    void finish(std::optional<Error> error);

    const Operation operation_;
    Hooks hooks_;
    RequestRecord record_;
    std::vector<ModelInfo> models_;
    std::string document_;
    std::function<void(Outcome)> done_;
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace gatehouse::core
