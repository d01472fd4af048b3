// SPDX-License-Identifier: Apache-2.0
// An observer gets the record of each finished request, a Story: times, attempts, tokens, outcome.
//
// A request never waits for an observer.  The core puts each record into the queue of the instance, and
// gives the queued records to it on a helper thread.  The core drops and counts the records that do not fit.
//
// A record has no text of the request or of the response, and no credential.
//
// Lifetimes.  After a reload, the old instance gets the records of the requests that began under it, and
// then flush().
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/completion.hpp"
#include "gatehouse/cost.hpp"
#include "gatehouse/event.hpp"
#include "gatehouse/plugin.hpp"
#include "gatehouse/route_query.hpp"
#include "gatehouse/trace.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// A step of the core, such as "authenticate".  The name is a literal.
struct StoryStage {
    std::string_view name = {};
    std::chrono::microseconds begin = {}, end = {};  // since Story::start
};

/// One request to an upstream, or one computation of a local provider.
struct StoryAttempt {
    SpanId span = {};                        // the parent in the `traceparent` of the upstream request
    Route route = {};                        // the provider's instance and its model
    std::string plugin = {};                 // the plugin of the provider
    std::string endpoint = {};               // scheme, host and port; empty: nothing was sent
    std::string_view why = {};               // a literal, see OBSERVER.md: "first", "next_route", …
    int status = 0;                          // the upstream's; 0: it has sent no head
    std::string upstream_id = {};            // the upstream's own id of the request
    std::string model = {}, answer_id = {};  // as the upstream names them; may be empty
    std::chrono::microseconds begin = {}, end = {};              // since Story::start, as all below
    std::optional<std::chrono::microseconds> sent = {};          // the request was signed and sent
    std::optional<std::chrono::microseconds> answered = {};      // the head of the response
    std::optional<std::chrono::microseconds> first_output = {};  // the first token
    std::optional<Usage> usage = {};                             // without unknown members
    std::vector<FinishReason> finished = {};                     // for each choice that has ended
    std::optional<ErrorKind> error = {};                         // absent: it succeeded, or it was cancelled
    std::string_view cause =
        {};  // a literal, see OBSERVER.md: "tls", "credentials", …; empty: the client's request was at fault
    bool cancelled = false;  // the client had left, or the gateway stopped
};

/// The numbers of a chat.  Absent: the client has not sent them.
struct StoryParameters {
    std::optional<std::int64_t> max_tokens = {}, top_k = {}, seed = {}, choices = {};
    std::optional<double> temperature = {}, top_p = {}, frequency_penalty = {}, presence_penalty = {};
};

/// A finished request.  Texts of a client have at most 200 bytes.
struct Story {
    Trace trace = {};
    bool sampled = false;                              // an observer had chosen the trace at its beginning
    std::string id = {};                               // in the log and in `x-request-id`
    std::chrono::system_clock::time_point start = {};  // the head of the request was complete
    std::chrono::microseconds total = {};              // until the end
    std::chrono::microseconds waited = {};  // part of `total`: for upstreams, the client's body and a
                                            // slot, and before retries
    std::optional<std::chrono::microseconds> first_output = {};  // the first token of the response
    std::string method = {}, path = {}, peer = {}, user_agent = {};
    std::string endpoint = {};  // the dialect's pattern of the path, "/v1/models/*"; empty: unknown path
    std::string dialect = {};   // the instance that has formatted the response
    std::string client = {}, client_id = {};  // empty: not authenticated
    std::vector<std::string> groups = {};     // the client's, at most 32
    std::string operation = {};  // "chat", "text_completion", "embeddings", …; empty: not parsed
    std::string model = {};      // as the client has written it
    Route route = {};            // the response's; empty: no upstream was chosen
    std::string hook = {};       // the hook that has answered instead of an upstream
    StoryParameters parameters = {};
    bool stream = false;
    int status = 0;                 // sent to the client; 0: none
    std::string_view outcome = {};  // a literal: "ok", "failed", "cut", "left"; see OBSERVER.md
    std::optional<ErrorKind> error = {};
    int upstream_requests = 0;  // may be more than `attempts` has
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::optional<Usage> usage = {};          // the response's, without unknown members
    std::optional<Cost> cost = {};            // if a limiter knows it
    std::vector<StoryStage> stages = {};      // in their order
    std::vector<StoryAttempt> attempts = {};  // in their order, at most 32
};

class Observer : public Plugin {
public:
    static constexpr const char* kind = "observer/1";

    /// Whether the trace of a new request is sampled, as far as its beginning tells.  Upstreams get the
    /// result as the flag of `traceparent`.  Must return at once.  [a request's thread, concurrently]
    virtual bool samples(const Trace& trace) const {
        (void)trace;
        return true;
    }
    /// Whether finished() gets this record.  Called once for each request, after its end.  Must return at
    /// once.  [a request's thread, concurrently]
    virtual bool wants(const Story& story) {
        (void)story;
        return true;
    }
    /// The next records, in no particular order.  They may be kept.  Later records wait in the queue
    /// until this call has returned.  [a helper thread, one at a time]
    virtual void finished(std::vector<std::shared_ptr<const Story>> stories) = 0;

    /// No record follows: the gateway stops, or a reload has replaced the instance.  Completes with true if
    /// everything was delivered.  The core waits for two seconds at most.  [a helper thread, once]
    virtual void flush(Completion<bool> done) { done(true); }
};

}  // namespace gatehouse
