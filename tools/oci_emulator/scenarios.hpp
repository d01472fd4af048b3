// SPDX-License-Identifier: Apache-2.0
// What goes wrong at one address the emulator listens on, until it is told
// otherwise: so that two addresses can play two regions.  Members: [any thread].
#pragma once

#include "tools/oci_emulator/script.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

/// One thing that goes wrong.  README.md lists their names.
struct Scenario {
    std::string name;
    std::string path = {};   // the beginning of it; empty: every path of the service, none of the principals
    std::string model = {};  // only requests for this one; empty: all
    std::int64_t first = 0;  // only so many times; 0: always
    int status = 503;        // of `status`
    std::optional<int> retry_after = {};
    std::chrono::milliseconds wait{0};  // of `slow`
    std::chrono::minutes clock{0};      // of `clock`
    std::int64_t struck = 0;
};

class Scenarios {
public:
    /// From `{"fault": NAME, ...}`.
    Refusal add(const Json& description);
    /// From "NAME,key=value,...": as a command line says it.
    Refusal add(std::string_view description);
    void clear();
    Json list() const;

    /// The answer that one of them makes of a request, or nothing.  `slow` only
    /// says how long to wait, in `wait`.
    std::optional<Script> strike(const http::RequestHead& head, const std::string& body,
                                 std::chrono::milliseconds& wait);
    /// How far the clock here is ahead.
    std::chrono::minutes clock() const;

private:
    mutable std::mutex mutex_;
    std::vector<Scenario> all_;
};

/// One address that is listened on.
struct Site {
    std::string region = "us-chicago-1";
    Scenarios scenarios = {};
};

}  // namespace gatehouse::emulator
