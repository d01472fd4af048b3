// SPDX-License-Identifier: Apache-2.0
// A provider that computes its answers in this process instead of calling an
// upstream: a local model, a rules engine, a cache.
//
// It runs on helper threads and may take its time there: it may compute, block
// and sleep.  Where it can, it asks its sink now and then whether anybody still
// waits.
#pragma once

#include "gatehouse/provider.hpp"

#include <chrono>

namespace gatehouse {

/// Where a computation puts its events.  Used by the thread of one run() only,
/// and only until it returns.
class LocalSink {
public:
    /// Passes an event on.  Waits while the client is slow.  False: nobody wants the
    /// answer any more (the client has gone, its time is over), so return soon.
    virtual bool emit(Event event) = 0;
    /// Sleeps for `time`; false, at once, when nobody wants the answer any more.
    virtual bool sleep(std::chrono::milliseconds time) = 0;
    /// Whether nobody wants the answer any more.  Cheap.
    virtual bool gone() const = 0;

protected:
    ~LocalSink() = default;  // the core owns every sink
};

class LocalProvider : public Provider {
public:
    /// Computes one answer: emits its events in the order that event.hpp gives, a
    /// Finish for each choice of a chat, and returns; or says why there is none.  An
    /// exception counts as an internal error.  What is returned after the sink has
    /// said that nobody waits is ignored.
    ///
    /// [helper threads, concurrently]  `request` is a chat, embeddings or a ranking,
    /// whose `model` is this provider's own name for it; it stays valid and unchanged
    /// during the call, as does the provider.  A run that never looks at its sink
    /// keeps its thread, and delays the end of the process.
    virtual Result<void> run(const Operation& request, LocalSink& sink) = 0;

    LocalProvider* local() final { return this; }
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) final {
        return Error{ErrorKind::internal, "internal error", "a local provider is run, it has no exchanges"};
    }
};

}  // namespace gatehouse
