// SPDX-License-Identifier: Apache-2.0
// The CPU time of other processes, in nanoseconds: all threads, those that
// have ended included, which /proc/PID/task would not show.
#pragma once

#include <cstdint>
#include <ctime>
#include <vector>

#include <sys/types.h>

namespace gatehouse::benchmark {

/// 0 if there is no such process.
inline std::int64_t cpu_ns(pid_t process) {
    constexpr clockid_t scheduled = 2;  // CPUCLOCK_SCHED of the kernel, which glibc does not name
    timespec time{};
    if (clock_gettime(static_cast<clockid_t>(~static_cast<unsigned>(process) << 3 | scheduled), &time) != 0)
        return 0;
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

inline std::int64_t cpu_ns(const std::vector<pid_t>& processes) {
    std::int64_t sum = 0;
    for (const pid_t process : processes) sum += cpu_ns(process);
    return sum;
}

}  // namespace gatehouse::benchmark
