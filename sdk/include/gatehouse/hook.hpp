// SPDX-License-Identifier: Apache-2.0
// A hook sees, changes, rejects or answers a request, and sees and changes its events.
//
// Hooks run in the order of the configuration for a request, and in reverse order
// for its events.  Each request has its own HookState.  Its members are never
// called at the same time and need no lock.
//
// Lifetimes.  The Hook and its Host outlive every HookState, also over a reload.  A
// HookState outlives its Completions.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/completion.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/operation.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// The facts about a request apart from its body.  Valid as long as the HookState.
struct RequestInfo {
    std::string_view id;  // the request's id in the log and in `x-request-id`
    const Identity& who;
    /// The headers may contain the client's credential: never log or send all of them.
    const http::RequestHead& head;
    /// The authenticator's instance that has identified the client, for owner_of(); empty: none.
    std::string_view authenticator = {};
};

/// A hook's decision about a request.  An Error instead of a Verdict refuses the request.
struct Verdict {
    bool answers = false;
    std::vector<Event> events = {};  // the complete answer

    static Verdict go_on() { return {}; }
    /// The events of a provider for this operation: deltas, a Finish, perhaps Usage.  No
    /// upstream is asked.  The events pass the hooks before this one, not this one itself.
    static Verdict answer(std::vector<Event> events) { return {true, std::move(events)}; }
};

/// An attempt at one route.  Valid during the call.
struct AttemptInfo {
    std::string_view provider = {}, model = {};  // the route; both empty if a later hook answers
    int number = 0;                              // 1 for the first; 0 if a later hook answers
};

/// How a request ended.  Valid during the call.
struct RequestOutcome {
    const Error* error = nullptr;                // null: it succeeded
    int status = 0;                              // sent to the client; 0: none
    bool stream = false;                         // the response was a stream
    bool client_left = false;                    // before the end of the response
    std::string_view model = {};                 // as the client wrote it, at most 200 bytes
    std::string_view provider = {}, route = {};  // the last attempt: instance and its model; empty: none
    int attempts = 0;                            // upstream requests at all routes
    const Usage* usage = nullptr;                // the last attempt's, or a hook answer's; null: not known
    std::uint64_t bytes_in = 0, bytes_out = 0;   // bodies of the request and of the response
    std::chrono::microseconds total = {};        // from the request's head to the end
    std::optional<std::chrono::microseconds> first_token = {};  // from the request's head
    std::optional<std::chrono::microseconds> upstream = {};     // the last attempt's exchange
};

/// The state of one hook for one request.  Its members run on the worker that serves the
/// request and must not block, because other requests of the worker would wait.
class HookState {
public:
    virtual ~HookState() = default;

    /// Called before routing.  An error is sent to the client at once.
    virtual Result<void> request(Operation&) { return {}; }
    /// Whether the core must call decide().  Called once, after request() has succeeded, and may
    /// depend on the operation that request() has seen.
    virtual bool decides() const { return false; }
    /// Completes with the decision, now or later, on any thread.  Until then the request
    /// waits, at most for `hook_timeout_ms`.  The operation may be changed until then, and is
    /// valid until `done` has been called or destroyed.  If the client disconnects or the
    /// time has expired, done(const RequestOutcome&) is called first.  Complete or destroy `done` all the
    /// same, because it keeps the request in memory; the decision is then ignored.
    virtual void decide(Operation&, Completion<Verdict> done) { done(Verdict::go_on()); }
    /// Called before each attempt.  Discard data kept from a failed attempt.
    virtual void attempt(const AttemptInfo&) {}
    /// Called once, before the head of the response is sent, also of an error: `headers` are
    /// added to it.  The core drops invalid fields, and those that it sets itself.
    virtual void response(http::Headers& headers) { (void)headers; }
    /// Called for each event on its way to the client.  Pass to `next` the event itself, a
    /// changed one, several events, or none for now.  The core fails an attempt whose hooks
    /// hold back more than `max_response_bytes`; dropped bytes count as held back.
    virtual void event(Event event, EventSink& next) { next.emit(std::move(event)); }
    /// No more events follow.  Pass on the events that were held back.
    virtual void end(EventSink& next) { (void)next; }
    /// Called after event() and end(): whether the response must wait, because the hook asks a
    /// service about events that it holds back.  The core then calls wait().  Until resume() the core may
    /// call event(), but not end().
    virtual bool waits() const { return false; }
    /// Completes when the hook can continue, now or later, on any thread; resume() follows, and then
    /// waits() again.  The upstream is not read meanwhile.  An error fails the request, and no
    /// other route is tried.  After `hook_timeout_ms` the request fails.  If the attempt ends
    /// meanwhile, attempt() or done() is called first.  Even then complete or destroy `done`.
    virtual void wait(Completion<void> done) { done({}); }
    /// Passes on the events that may continue; after end() all of them.
    virtual void resume(EventSink& next) { (void)next; }
    /// Always the last call, however the request ended.
    virtual void done(const RequestOutcome&) {}
};

/// begin(): [any thread, concurrently].
class Hook : public Plugin {
public:
    static constexpr const char* kind = "hook/1";

    /// A request has been parsed.  Never returns null.  A plain HookState passes everything
    /// on.
    virtual std::unique_ptr<HookState> begin(const RequestInfo& info) = 0;
};

}  // namespace gatehouse
