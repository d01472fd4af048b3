// SPDX-License-Identifier: Apache-2.0
// Whether the calls of a store succeed, as the instances that use it see it.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <atomic>
#include <mutex>
#include <string>

namespace gatehouse::core {

class StoreState {
public:
    enum class Last { none, success, failure };

    void succeeded() {
        if (last_.load(std::memory_order_relaxed) != Last::success) last_ = Last::success;
    }
    /// An error of another kind is about one call: the store has responded.
    void failed(const Error& error) {
        if (error.kind != ErrorKind::unavailable && error.kind != ErrorKind::timeout &&
            error.kind != ErrorKind::internal)
            return succeeded();
        const std::lock_guard lock(mutex_);
        reason_ = error.detail.empty() ? error.message : error.detail;
        last_ = Last::failure;
    }

    /// The outcome of the last call.
    Last last() const { return last_; }
    /// The reason of the last failure.
    std::string reason() const {
        const std::lock_guard lock(mutex_);
        return reason_;
    }

private:
    std::atomic<Last> last_{Last::none};
    mutable std::mutex mutex_;  // guards the next member
    std::string reason_;
};

}  // namespace gatehouse::core
