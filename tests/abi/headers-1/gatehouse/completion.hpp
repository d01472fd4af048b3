// SPDX-License-Identifier: Apache-2.0
// The promise side of a call that may have to wait.
//
// A plugin that cannot answer at once (a token must be fetched, a signature
// computed) keeps the Completion and calls it later, from any thread, once.
// Letting one go uncalled is a defect in the plugin: the core then sees an
// internal error instead of a request that never ends.  A second call is
// ignored, and reported to the core's log by the one who made the Completion.
#pragma once

#include "gatehouse/result.hpp"

#include <functional>
#include <utility>

namespace gatehouse {

template <typename T>
class Completion {
public:
    /// `resume` is called once, on the thread that completes; `twice`, if given,
    /// each time a completion that is already used is called again.
    explicit Completion(std::function<void(Result<T>)> resume, std::function<void()> twice = nullptr)
        : resume_(std::move(resume)), twice_(std::move(twice)) {}
    Completion(Completion&& other) noexcept
        : resume_(std::exchange(other.resume_, nullptr)), twice_(std::exchange(other.twice_, nullptr)) {}
    Completion& operator=(Completion&&) = delete;
    ~Completion() {
        if (resume_) resume_(Error{ErrorKind::internal, "internal error", "a plugin dropped its completion"});
    }

    /// Resumes what waits.  [any thread, once]
    // Not inlined: g++ 12 would then warn, wrongly, of an Error that is not there.
    [[gnu::noinline]] void operator()(Result<T> result) {
        if (resume_)
            std::exchange(resume_, nullptr)(std::move(result));
        else if (twice_)
            twice_();
    }

    /// Lets go without resuming: for the core, when what would be resumed has gone.
    void dismiss() { resume_ = nullptr; }

private:
    std::function<void(Result<T>)> resume_;
    std::function<void()> twice_;
};

}  // namespace gatehouse
