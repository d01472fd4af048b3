// SPDX-License-Identifier: Apache-2.0
// The hooks of one request.  Requests pass them in the order of the configuration,
// events in reverse order.  Each hook is told the request's outcome exactly once.
//
// Owned by one RequestFlow or BackgroundRequest; used on the thread of its loop.  Kept
// until each hook that decides has completed, because it may run on another thread.
#pragma once

#include "core/instances/named_hook.hpp"
#include "core/request/event_size.hpp"

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class Hooks {
public:
    /// For a request without hooks.
    Hooks() = default;
    /// The references of `info` must outlive this object.  `head` is its head.
    Hooks(const std::vector<NamedHook>& hooks, const RequestInfo& info,
          std::shared_ptr<const http::RequestHead> head);
    /// REQUIRES: done() has been called, if there are hooks.
    ~Hooks() = default;
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    /// Asks the hooks that have not been asked.  Stops after a hook that decides, and returns its
    /// name; call decide() then, and request() again.  Returns null after the last hook.
    Result<const std::string*> request(Operation& operation);
    /// REQUIRES: request() has returned a name.
    void decide(Operation& operation, Completion<Verdict> done);
    /// Begins a new attempt, whose events go to `last` after the hooks.
    void attempt(EventSink& last, const AttemptInfo& info);
    /// Begins the answer of the hook that has decided; its events pass the hooks before it.
    void answer(EventSink& last);
    /// Adds the headers of the hooks, except names that `headers` has.
    void response(http::Headers& headers);
    /// The sink for the provider's events.  Valid until the next attempt().
    EventSink& entry() { return *entry_; }
    /// Ends the events of the attempt: each hook passes on the events that it held back.  Stops
    /// after a hook that waits; call end() again when it has resumed.
    void end();
    /// The name of the hook that waits for its service, or null.
    const std::string* waiting();
    /// Call these members of that hook.  REQUIRES: waiting() has returned a name.
    void wait(Completion<void> done);
    void resume();
    /// The first exception of a hook since the attempt began.
    const std::optional<Error>& failure() const { return failure_; }
    /// Ends the request.  Later calls are ignored.
    void done(const RequestOutcome& outcome);

    /// An event has left the hooks.
    void passed(const Event& event) {
        if (!stages_.empty()) held_ -= std::min(held_, size_of(event));
    }
    /// Whether a Finish of the attempt has reached the hooks.
    bool saw_finish() const { return saw_finish_; }
    /// The client; empty for a request of the gateway itself.
    const Identity& who() const { return info_ ? info_->who : nobody(); }
    /// The bytes of the attempt's events that the hooks have not passed on.
    std::size_t held() const { return held_; }

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

    static const Identity& nobody() {
        static const Identity empty;
        return empty;
    }
    template <typename Call>
    void call(const Stage& stage, const char* member, Call&& call);
    void entered(const Event& event) {
        held_ += size_of(event);
        saw_finish_ = saw_finish_ || std::holds_alternative<Finish>(event);
    }
    std::list<Stage>::iterator first_waiting();
    void begin_events(EventSink& last, std::list<Stage>::iterator end, const AttemptInfo& info);

    std::shared_ptr<const http::RequestHead> head_;
    std::optional<RequestInfo> info_;
    std::list<Stage> stages_;                             // in the order of the configuration
    std::list<Stage>::iterator asked_ = stages_.begin();  // the end of the hooks that have been asked
    std::list<Stage>::iterator used_ = stages_.end();     // the end of the hooks that get the events
    std::list<Stage>::iterator open_ = stages_.end();     // the end of those whose events have not ended
    std::list<Stage>::iterator waiting_ = stages_.end();  // the hook that waiting() has found
    EventSink* entry_ = nullptr;
    std::size_t held_ = 0;
    std::optional<Error> failure_;
    bool done_ = false, saw_finish_ = false;
};

}  // namespace gatehouse::core
