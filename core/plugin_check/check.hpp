// SPDX-License-Identifier: Apache-2.0
// The state of one suite of plugin-check, which drives a plugin in a child process:
// the pipe for findings, and a note of the current step.  The note is in shared memory,
// so that it survives a crash of the child.
//
// Findings and beats: [any thread].  Contexts: [the suite's thread].
#pragma once

#include "core/plugin_check/finding.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::core::plugin_check {

/// The time limit and the number of rounds.
struct Effort {
    std::chrono::seconds patience{10};  // processor time of one call of the plugin; see CallTimer
    bool slow = false;                  // under valgrind: fewer rounds, much more patience
    /// `rounds`, or a fraction of them.
    std::size_t rounds(std::size_t all) const { return slow ? (all + 19) / 20 : all; }
};

/// Memory shared by the suite and the process that watches it.
struct Pulse {
    static constexpr std::size_t longest = 500;
    std::atomic<std::uint64_t> beats{0};
    char doing[longest + 1] = {};
};

class Check {
public:
    Check(int pipe, Pulse& pulse, Effort effort) : pipe_(pipe), pulse_(pulse), effort_(effort) {}

    const Effort& effort() const { return effort_; }

    /// Names the request and the response under test; doing() names the step.
    void context(std::string context);
    void doing(std::string_view step);
    /// Reports progress.  A suite without a beat within the time limit counts as hanging.
    void beat() { pulse_.beats.fetch_add(1, std::memory_order_relaxed); }

    /// `detail`: the observation, in addition to the context.
    void add(Severity severity, std::string_view id, std::string_view text, std::string_view contract,
             std::string_view detail = {});
    void error(std::string_view id, std::string_view text, std::string_view contract,
               std::string_view detail = {}) {
        add(Severity::error, id, text, contract, detail);
    }
    void warning(std::string_view id, std::string_view text, std::string_view contract,
                 std::string_view detail = {}) {
        add(Severity::warning, id, text, contract, detail);
    }
    void note(std::string_view id, std::string_view text, std::string_view contract,
              std::string_view detail = {}) {
        add(Severity::note, id, text, contract, detail);
    }
    void fact(std::string_view name, std::string_view value);

    /// Calls the plugin; `member` is for example "provider.hpp, Exchange::body".  Returns
    /// false and adds a finding if the call throws.
    template <typename Call>
    bool calls(std::string_view member, Call&& call) {
        beat();
        try {
            std::forward<Call>(call)();
        } catch (const std::exception& thrown) {
            return threw(member, &thrown), false;
        } catch (...) {
            return threw(member, nullptr), false;
        }
        beat();
        return true;
    }

private:
    void threw(std::string_view member, const std::exception* thrown);
    void write(const std::string& line);

    const int pipe_;
    Pulse& pulse_;
    const Effort effort_;
    std::mutex mutex_;
    std::string context_, step_;
    std::size_t written_ = 0;
};

}  // namespace gatehouse::core::plugin_check
