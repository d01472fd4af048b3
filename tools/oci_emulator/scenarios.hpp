// SPDX-License-Identifier: Apache-2.0
// The faults of one address of the emulator, until they are removed.  Two
// addresses can emulate two regions.  Members: [any thread].
#pragma once

#include "tools/oci_emulator/script.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::emulator {

/// One fault.  README.md lists the names.
struct Scenario {
    std::string name;
    std::string path = {};   // prefix of the path; empty: all paths of the service, but not of the principals
    std::string model = {};  // only requests for this model; empty: all
    std::int64_t first = 0;  // number of affected requests; 0: no limit
    int status = 503;        // for `status`
    std::optional<int> retry_after = {};
    std::chrono::milliseconds wait{0};  // for `slow`
    std::chrono::minutes clock{0};      // for `clock`
    std::int64_t struck = 0;
};

class Scenarios {
public:
    /// Adds a fault from `{"fault": NAME, ...}`.
    Refusal add(const Json& description);
    /// Adds a fault from "NAME,key=value,...", the form of the command line.
    Refusal add(std::string_view description);
    void clear();
    Json list() const;

    /// Returns the response of a fault that affects the request, or nothing.
    /// `slow` only sets `wait`.
    std::optional<Script> strike(const http::RequestHead& head, const std::string& body,
                                 std::chrono::milliseconds& wait);
    /// Time by which the clock of this address is ahead.
    std::chrono::minutes clock() const;

private:
    mutable std::mutex mutex_;
    std::vector<Scenario> all_;
};

/// The state of one address of the emulator.
struct AddressState {
    std::string region = "us-chicago-1";
    Scenarios scenarios = {};
};

}  // namespace gatehouse::emulator
