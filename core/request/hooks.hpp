// SPDX-License-Identifier: Apache-2.0
// The hooks of one request: in the order of the configuration on the way in, in
// reverse on the way out, each told exactly once how it ended.
//
// Belongs to one flow and its loop.
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

    /// The first error of a hook ends the row.
    Result<void> request(Operation& operation);
    /// A new attempt begins, whose events end in `last`.
    void attempt(EventSink& last);
    /// Where a provider's events go in.  Valid until the next attempt().
    EventSink& entry() { return *entry_; }
    /// No more events: each hook passes on what it held back.
    void end();
    /// What a hook threw since the attempt began.
    const std::optional<Error>& failure() const { return failure_; }
    /// The request is over; null: it went well.  Once; later calls are ignored.
    void done(const Error* error);

private:
    class Stage final : public EventSink {
    public:
        Stage(Hooks& hooks, std::string name, std::unique_ptr<HookState> state)
            : hooks_(hooks), name_(std::move(name)), state_(std::move(state)) {}
        void emit(Event event) override;

        Hooks& hooks_;
        std::string name_;
        std::unique_ptr<HookState> state_;
        EventSink* next_ = nullptr;
    };

    template <typename Call>
    void call(const Stage& stage, Call&& call);

    std::list<Stage> stages_;  // in the order of the configuration
    EventSink* entry_ = nullptr;
    std::optional<Error> failure_;
    bool done_ = false;
};

}  // namespace gatehouse::core
