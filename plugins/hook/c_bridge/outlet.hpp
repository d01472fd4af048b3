// SPDX-License-Identifier: Apache-2.0
// Receives a hook's output during a call of its library.  One thread at a time.
#pragma once

#include "plugins/common/c_door/outlet.hpp"
#include "plugins/common/hook/text_runs.hpp"

#include <gatehouse/c_hook.h>
#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::c_hook {

/// The functions of gatehouse_c_hook_out that a call may use.
enum Verb : unsigned { fails = 1, answers = 2, passes = 4 };

struct HookCall {
    const char* name;  // for messages
    unsigned allowed = 0;
    EventSink* next = nullptr;  // with `passes`, like the next two
    hook_texts::Channel channel = hook_texts::Channel::answer;
    std::int32_t choice = 0;
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
