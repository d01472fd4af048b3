// SPDX-License-Identifier: Apache-2.0
// A hook sees, changes or rejects a request and its events.
//
// Hooks run in the order of the configuration for a request, and in reverse order
// for its events.  Each request has its own HookState.  Its members are never
// called at the same time and need no lock.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/operation.hpp"

#include <memory>
#include <utility>

namespace gatehouse {

/// The state of one hook for one request.  Its members run on the worker that serves the
/// request and must not block, because other requests of the worker would wait.
class HookState {
public:
    virtual ~HookState() = default;

    /// Called before routing.  An error is sent to the client at once.
    virtual Result<void> request(Operation&) { return {}; }
    /// Called before each attempt.  Discard data kept from a failed attempt.
    virtual void attempt() {}
    /// Called for each event on its way to the client.  Pass to `next` the event itself, a
    /// changed one, several events, or none for now.
    virtual void event(Event event, EventSink& next) { next.emit(std::move(event)); }
    /// No more events follow.  Pass on the events that were held back.
    virtual void end(EventSink& next) { (void)next; }
    /// Always the last call, however the request ended.  Null: it succeeded.
    virtual void done(const Error*) {}
};

/// begin(): [any thread, concurrently].
class Hook : public Plugin {
public:
    static constexpr const char* kind = "hook/1";

    /// A request of `who` has been parsed.  Never returns null.  A plain HookState passes
    /// everything on.
    virtual std::unique_ptr<HookState> begin(const Identity& who) = 0;
};

}  // namespace gatehouse
