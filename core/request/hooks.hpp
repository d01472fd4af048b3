// SPDX-License-Identifier: Apache-2.0
// The hooks of one request.  Requests pass them in the order of the configuration,
// events in reverse order.  Each hook is told the request's outcome exactly once.
//
// Owned by one RequestFlow or BackgroundRequest; used on the thread of its loop.
#pragma once

#include "core/instances/named_hook.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class Hooks {
public:
    Hooks(const std::vector<NamedHook>& hooks, const Identity& who);
    /// REQUIRES: done() has been called.
    ~Hooks() = default;
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    /// Stops at the first hook that returns an error.
    Result<void> request(Operation& operation);
    /// Begins a new attempt, whose events go to `last` after the hooks.
    void attempt(EventSink& last);
    /// The sink for the provider's events.  Valid until the next attempt().
    EventSink& entry() { return *entry_; }
    /// Ends the events of the attempt: each hook passes on the events that it held back.
    void end();
    /// The first exception of a hook since the attempt began.
    const std::optional<Error>& failure() const { return failure_; }
    /// Ends the request; null means success.  Later calls are ignored.
    void done(const Error* error);

private:
    class Stage final : public EventSink {
    public:
        Stage(Hooks& hooks, std::string name, std::unique_ptr<HookState> state)
            : hooks_(hooks), name_(std::move(name)), state_(std::move(state)) {}
        void emit(Event event) override;
        bool full() const override { return hooks_.failure_ || next_->full(); }

        Hooks& hooks_;
        std::string name_;
        std::unique_ptr<HookState> state_;
        EventSink* next_ = nullptr;
    };

    template <typename Call>
    void call(const Stage& stage, const char* member, Call&& call);

    std::list<Stage> stages_;  // in the order of the configuration
    EventSink* entry_ = nullptr;
    std::optional<Error> failure_;
    bool done_ = false;
};

}  // namespace gatehouse::core
