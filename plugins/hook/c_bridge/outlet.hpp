// SPDX-License-Identifier: Apache-2.0
// Receives a hook's output during a call of its library.  One thread at a time.
#pragma once

#include "plugins/common/c_door/outlet.hpp"

#include <gatehouse/c_hook.h>
#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::c_hook {

/// The functions of gatehouse_c_hook_out that a call may use.
enum Verb : unsigned { fails = 1, answers = 2, passes = 4 };

/// The text of a channel as an event.
Event event_of(std::int32_t channel, std::int32_t choice, std::string text);

struct HookCall {
    const char* name;  // for messages
    unsigned allowed = 0;
    EventSink* next = nullptr;  // with `passes`, like the next two
    std::int32_t channel = 0, choice = 0;
};

struct HookOutcome : c_bridge::Outcome {
    std::optional<std::string> answer;
};

class HookOutlet : public c_bridge::Outlet<HookCall, HookOutcome> {
public:
    explicit HookOutlet(const Limits& limits);

    /// Calls `act(const gatehouse_c_hook_out*)` and returns its output.
    template <typename Act>
    HookOutcome during(const HookCall& call, Act&& act) {
        const Scope scope(*this, call);
        act(&out_);
        return std::move(said_);
    }

private:
    static void on_fail(void* context, gatehouse_c_bytes error) noexcept;
    static void on_answer(void* context, gatehouse_c_bytes text) noexcept;
    static void on_text(void* context, gatehouse_c_bytes text) noexcept;

    const gatehouse_c_hook_out out_;
};

}  // namespace gatehouse::c_hook
