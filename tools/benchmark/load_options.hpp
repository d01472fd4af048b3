// SPDX-License-Identifier: Apache-2.0
// The command line of the load client: a mode, then NAME=VALUE.
#pragma once

#include "tools/benchmark/client.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gatehouse::benchmark {

struct LoadOptions {
    std::string mode;                          // closed, open, hold
    RequestPlan plan;                          // port, request (a file), texts, stream
    std::size_t connections = 64;              // closed, hold
    std::int64_t interval_ns = 5'000'000;      // open, hold: between two that begin; rate=NUMBER a second
    std::int64_t spread_ns = 0;                // closed: in which the connections begin
    std::int64_t warm_up_ns = 500'000'000;     // before the window
    std::int64_t window_ns = 3'000'000'000;    // in which is counted
    std::int64_t patience_ns = 5'000'000'000;  // open: for the last answers
    std::vector<pid_t> gateway, upstream;      // processes to measure the CPU of
};

/// Ends the program with a word on what is wrong.
LoadOptions read_load_options(int argc, char** argv);

}  // namespace gatehouse::benchmark
