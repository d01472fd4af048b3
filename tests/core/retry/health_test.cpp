// SPDX-License-Identifier: Apache-2.0
// The log lines about the health of a provider.
#include "core/retry/health.hpp"

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

/// Level, instance and the rest of each line, without the time.
std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line.substr(line.find(' ') + 1));
    return lines;
}

}  // namespace

TEST_CASE("a failure is logged as a warning, and a recovery at the level info") {
    char name[] = "/tmp/gatehouse-health-test-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(name);
    {
        const auto log = *Log::open({.file = (folder / "log").string()});
        Metrics metrics;
        Healths healths(*log, metrics);
        HealthLimits limits;
        limits.route.failures = limits.endpoint.failures = 1;
        limits.route.open_interval = limits.endpoint.open_interval = std::chrono::milliseconds(1);
        const auto health = healths.of("main", "", limits);
        health->has_several_endpoints();
        health->failed("good");
        health->endpoint_failed("https://a.example");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CHECK_FALSE(health->refuses("good"));  // the trial request
        health->answered("good");
        CHECK_FALSE(health->ejected("https://a.example"));
        health->endpoint_answered("https://a.example");
    }
    CHECK(lines_of(folder / "log") ==
          std::vector<std::string>{"warning main circuit breaker opened model=good",
                                   "warning main endpoint ejected endpoint=https://a.example",
                                   "info main circuit breaker closed model=good",
                                   "info main endpoint restored endpoint=https://a.example"});
    std::filesystem::remove_all(folder);
}
