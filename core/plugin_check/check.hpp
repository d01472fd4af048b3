// SPDX-License-Identifier: Apache-2.0
// What one part of plugin-check holds in its hands while it drives a plugin, in a
// process of its own: where findings go, and a note of what it is doing, which is
// still there when the plugin has taken the process with it.
//
// Findings and beats: [any thread].  Scenes: [the part's thread].
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

/// How long and how thoroughly.
struct Effort {
    std::chrono::seconds patience{10};  // for one call of the plugin
    bool slow = false;                  // under valgrind: fewer rounds, much more patience
    /// `rounds`, or a fraction of them.
    std::size_t rounds(std::size_t all) const { return slow ? (all + 19) / 20 : all; }
};

/// Memory that the part and its watcher share.
struct Pulse {
    static constexpr std::size_t longest = 500;
    std::atomic<std::uint64_t> beats{0};
    char doing[longest + 1] = {};
};

class Check {
public:
    Check(int pipe, Pulse& pulse, Effort effort) : pipe_(pipe), pulse_(pulse), effort_(effort) {}

    const Effort& effort() const { return effort_; }

    /// Which request, which answer; doing() says which step of it.
    void scene(std::string scene);
    void doing(std::string_view step);
    /// Something went on: a call that is not followed by one in time is an endless one.
    void beat() { pulse_.beats.fetch_add(1, std::memory_order_relaxed); }

    /// `detail`: what was seen, in addition to the scene.
    void add(Gravity gravity, std::string_view id, std::string_view text, std::string_view contract,
             std::string_view detail = {});
    void error(std::string_view id, std::string_view text, std::string_view contract,
               std::string_view detail = {}) {
        add(Gravity::error, id, text, contract, detail);
    }
    void warning(std::string_view id, std::string_view text, std::string_view contract,
                 std::string_view detail = {}) {
        add(Gravity::warning, id, text, contract, detail);
    }
    void note(std::string_view id, std::string_view text, std::string_view contract,
              std::string_view detail = {}) {
        add(Gravity::note, id, text, contract, detail);
    }
    void fact(std::string_view name, std::string_view value);

    /// Calls into the plugin; `member` is "provider.hpp, Exchange::body".  False:
    /// an exception left it, which is a finding.
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
    std::string scene_, step_;
    std::size_t written_ = 0;
};

}  // namespace gatehouse::core::plugin_check
