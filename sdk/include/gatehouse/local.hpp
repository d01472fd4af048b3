// SPDX-License-Identifier: Apache-2.0
// A provider that computes its responses in this process instead of calling an
// upstream: a local model, a rules engine, a cache.
//
// It runs on helper threads, where it may compute, block and sleep.  It should
// regularly ask its sink whether the client still waits.
#pragma once

#include "gatehouse/provider.hpp"

#include <chrono>

namespace gatehouse {

/// Receives the events of a computation.  Only the thread of one run() uses it, and
/// only until run() returns.
class LocalSink {
public:
    /// Passes an event on.  Waits while the client is slow.  False: the response is no
    /// longer needed (the client has disconnected or the time is over); return soon.
    virtual bool emit(Event event) = 0;
    /// Sleeps for `time`.  Returns false at once if the response is no longer needed.
    virtual bool sleep(std::chrono::milliseconds time) = 0;
    /// Whether the response is no longer needed.  Cheap.
    virtual bool gone() const = 0;

protected:
    ~LocalSink() = default;  // the core owns every sink
};

class LocalProvider : public Provider {
public:
    /// Computes one response.  Emits its events in the order of event.hpp, with a Finish
    /// for each choice of a chat, and returns; or returns an error.  An exception counts
    /// as an internal error.  The result is ignored if the sink has said before that the
    /// response is no longer needed.
    ///
    /// [helper threads, concurrently]  `request` is a chat, embeddings or a ranking.  Its
    /// `model` is this provider's own name of the model.  `request` and the provider stay
    /// valid and unchanged during the call.  A run that never asks its sink keeps its
    /// thread and delays the end of the process.
    virtual Result<void> run(const Operation& request, LocalSink& sink) = 0;

    LocalProvider* local() final { return this; }
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) final {
        return Error{ErrorKind::internal, "internal error", "a local provider is run, it has no exchanges"};
    }
};

}  // namespace gatehouse
