// SPDX-License-Identifier: Apache-2.0
// Waits with epoll_pwait2, whose timeout has nanoseconds: events at a pace of
// 20 ms must not come in steps of a millisecond.
#include "tools/benchmark/loop.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace gatehouse::benchmark {

std::int64_t now_ns() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    prctl(PR_SET_TIMERSLACK, 1);  // the kernel's usual 50 us would be seen in every latency
}

Loop::~Loop() {
    for (Handler* handler : disposed_) delete handler;
    close(epoll_);
}

void Loop::watch(int file, Handler& handler) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &handler;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, file, &event) != 0 && errno != EPERM) {
        std::perror("epoll_ctl");
        std::exit(1);
    }
}

void Loop::at(std::int64_t when_ns, Handler& handler) {
    cancel(handler);
    handler.due_at_ = when_ns;
    timers_.emplace(when_ns, &handler);
}

void Loop::cancel(Handler& handler) {
    if (handler.due_at_ == 0) return;
    timers_.erase({handler.due_at_, &handler});
    handler.due_at_ = 0;
}

void Loop::dispose(Handler* handler) {
    if (handler->disposed_) return;
    cancel(*handler);
    handler->disposed_ = true;
    disposed_.push_back(handler);
}

void Loop::fire_timers() {
    const std::int64_t now = now_ns();
    while (!timers_.empty() && timers_.begin()->first <= now) {
        Handler& handler = *timers_.begin()->second;
        cancel(handler);
        handler.due();
    }
}

void Loop::wait() {
    timespec timeout{};
    const bool has_timer = !timers_.empty();
    if (has_timer) {
        const std::int64_t left = timers_.begin()->first - now_ns();
        if (left > 0) timeout = {left / 1'000'000'000, left % 1'000'000'000};
    }
    epoll_event events[256];
    const int count = epoll_pwait2(epoll_, events, 256, has_timer ? &timeout : nullptr, nullptr);
    for (int i = 0; i < count; ++i) {
        auto* handler = static_cast<Handler*>(events[i].data.ptr);
        const bool peer_left = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        if (!handler->disposed_) handler->ready(peer_left);
    }
}

void Loop::run() {
    running_ = true;
    while (running_) {
        wait();
        fire_timers();
        for (Handler* handler : std::exchange(disposed_, {})) delete handler;
    }
}

}  // namespace gatehouse::benchmark
