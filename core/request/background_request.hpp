// SPDX-License-Identifier: Apache-2.0
// An attempt of the core's own, for which no client waits: a list of models, a
// question that only shows whether an upstream answers.
//
// Belongs to one loop; everything happens there.
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
        std::optional<Error> error;  // nothing: it went well
        int status = 0;              // the upstream's; 0: it never answered
        std::vector<ModelInfo> models;
        std::string request_id;  // the upstream's own
        std::string advice;      // after an error: for the operator
    };

    /// `provider` and `log` must outlive it.  `limit`: until the answer is complete.
    BackgroundRequest(const WorkerServices& worker, const NamedProvider& provider, Operation operation,
                      std::chrono::milliseconds limit, Log& log);
    /// Cuts what runs.
    ~BackgroundRequest();

    /// `done` is called once, unless the errand goes before; it may destroy it.
    void start(std::function<void(Outcome)> done);

private:
    class Collector;

    void on_output() override {}
    void on_complete() override { finish({}); }
    void on_failure(const Error& error) override { finish(error); }
    bool may_send() override { return true; }
    bool may_go_on(const Error&, bool) override { return true; }
    void finish(std::optional<Error> error);

    const Operation operation_;
    std::vector<NamedHook> no_hooks_;
    Hooks hooks_{no_hooks_, Identity{}};
    RequestRecord record_;
    std::vector<ModelInfo> models_;
    std::function<void(Outcome)> done_;
    std::shared_ptr<Attempt> attempt_;
};

}  // namespace gatehouse::core
