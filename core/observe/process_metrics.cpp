// SPDX-License-Identifier: Apache-2.0
#include "core/observe/process_metrics.hpp"

#include <gatehouse/plugin.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace gatehouse::core {

namespace {

prometheus::Gauge& gauge(MetricFamilies& families, const char* name, const char* help) {
    return families.gauges(name, help).Add({});
}

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Resident memory in bytes (proc(5), /proc/PID/statm).
double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t total = 0, resident = 0;
    file >> total >> resident;
    return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE));
}

double open_files() {
    std::error_code failed;
    const std::filesystem::directory_iterator files("/proc/self/fd", failed), end;
    return static_cast<double>(std::distance(files, end));
}

/// The start of the process in seconds since 1970 (proc(5): field 22 of /proc/PID/stat, and btime of
/// /proc/stat).
double start_time() {
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    std::size_t at = text.rfind(')');  // the name may contain blanks
    for (int field = 2; field < 22 && at != text.npos; ++field) at = text.find(' ', at + 1);
    if (at == text.npos) return 0;
    const double ticks = std::strtod(text.c_str() + at, nullptr);
    std::ifstream system("/proc/stat");
    for (std::string name, value; system >> name; std::getline(system, value))
        if (name == "btime" && system >> value)
            return std::strtod(value.c_str(), nullptr) + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    return 0;
}

}  // namespace

ProcessMetrics::ProcessMetrics(MetricFamilies& families)
    : cpu_(
          families.counters("process_cpu_seconds_total", "User and system CPU time of the process.").Add({})),
      resident_(gauge(families, "process_resident_memory_bytes", "Resident memory of the process.")),
      open_files_(gauge(families, "process_open_fds", "Open file descriptors of the process.")),
      max_files_(gauge(families, "process_max_fds", "Largest number of open file descriptors.")),
      start_(gauge(families, "process_start_time_seconds", "Start of the process, in seconds since 1970.")) {
    const std::string number = std::to_string(abi);
    families.gauges("gatehouse_build_info", "1, with the version and the plugin ABI as labels.")
        .Add({{"version", GATEHOUSE_VERSION}, {"abi", number}})
        .Set(1);
    start_.Set(start_time());
}

void ProcessMetrics::measure() {
    const std::lock_guard lock(mutex_);
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0)
        cpu_.Increment(std::max(0.0, seconds(used.ru_utime) + seconds(used.ru_stime) - cpu_.Value()));
    resident_.Set(resident_bytes());
    open_files_.Set(open_files());
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) max_files_.Set(static_cast<double>(limit.rlim_cur));
}

}  // namespace gatehouse::core
