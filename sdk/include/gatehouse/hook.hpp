// SPDX-License-Identifier: Apache-2.0
// A hook: looks at, changes or stops a request as it passes.
//
// Hooks run in the order of the configuration on the way in, and in reverse on
// the way out.  Each request has its own HookState, whose members are never
// called at the same time, so hooks need no locks.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/operation.hpp"

#include <memory>
#include <utility>

namespace gatehouse {

/// What one hook remembers about one request.  Its members hold up the worker that serves
/// the request, and others with it: none may block.
class HookState {
public:
    virtual ~HookState() = default;

    /// Before routing.  An error answers the client at once.
    virtual Result<void> request(Operation&) { return {}; }
    /// Before each attempt: what was remembered of a failed one's events is void.
    virtual void attempt() {}
    /// Each event on its way to the client.  What is passed to `next` goes on:
    /// the event itself, a changed one, several, or, for now, none.
    virtual void event(Event event, EventSink& next) { next.emit(std::move(event)); }
    /// No more events come: pass on what was held back.
    virtual void end(EventSink& next) { (void)next; }
    /// Always the last call, however the request ended; null: it went well.
    virtual void done(const Error*) {}
};

/// begin(): [any thread, concurrently].
class Hook : public Plugin {
public:
    static constexpr const char* kind = "hook/1";

    /// A request has come from `who`, and has been understood.  Never null: a hook that
    /// has nothing to do with it returns a plain HookState, which lets everything pass.
    virtual std::unique_ptr<HookState> begin(const Identity& who) = 0;
};

}  // namespace gatehouse
