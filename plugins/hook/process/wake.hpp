// SPDX-License-Identifier: Apache-2.0
// Wakes a thread that waits for a descriptor.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <stdexcept>

namespace gatehouse::process {

class Wake {
public:
    Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (fd_ < 0) throw std::runtime_error("no descriptor is left");
    }
    ~Wake() { ::close(fd_); }
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;

    // [any thread]
    void wake() {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(fd_, &one, sizeof one);  // fails if it is awake
    }
    /// Wakes it for good.
    void stop() {
        stops_ = true;
        wake();
    }

    // [the waiting thread]
    int descriptor() const { return fd_; }
    void clear() {
        std::uint64_t count;
        [[maybe_unused]] const ssize_t read = ::read(fd_, &count, sizeof count);
    }
    bool stops() const { return stops_; }

private:
    const int fd_;
    std::atomic<bool> stops_{false};
};

}  // namespace gatehouse::process
