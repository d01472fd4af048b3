// SPDX-License-Identifier: Apache-2.0
// The promise side of a call that may have to wait.
//
// A plugin that cannot finish at once (a token must be fetched, a signature
// computed) keeps the Completion and calls it later, on any thread, once.
// Destroying it uncalled is a defect in the plugin.  The core then sees an
// internal error, so that the request ends.  A second call is ignored and
// logged.
#pragma once

#include "gatehouse/result.hpp"

#include <functional>
#include <utility>

namespace gatehouse {

template <typename T>
class Completion {
public:
    /// `resume` is called once, on the thread that completes.  `twice`, if given, is called
    /// each time a used completion is called again.
    explicit Completion(std::function<void(Result<T>)> resume, std::function<void()> twice = nullptr)
        : resume_(std::move(resume)), twice_(std::move(twice)) {}
    Completion(Completion&& other) noexcept
        : resume_(std::exchange(other.resume_, nullptr)), twice_(std::exchange(other.twice_, nullptr)) {}
    Completion& operator=(Completion&&) = delete;
    ~Completion() {
        if (resume_) resume_(Error{ErrorKind::internal, "internal error", "a plugin dropped its completion"});
    }

    /// Resumes the waiting caller.  [any thread, once]
    // Not inlined, because g++ 12 would wrongly warn about a missing Error.
    [[gnu::noinline]] void operator()(Result<T> result) {
        if (resume_)
            std::exchange(resume_, nullptr)(std::move(result));
        else if (twice_)
            twice_();
    }

    /// Releases without resuming, for the core if the caller no longer exists.
    void dismiss() { resume_ = nullptr; }

private:
    std::function<void(Result<T>)> resume_;
    std::function<void()> twice_;
};

}  // namespace gatehouse
