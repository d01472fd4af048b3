// SPDX-License-Identifier: Apache-2.0
// Receives a library's output during a call, checks it, and stores or forwards it.  It lives
// as long as the state, so that it detects a library that uses the pointer after the call.
// One thread at a time.
#pragma once

#include <gatehouse/c_hook.h>
#include <gatehouse/event.hpp>
#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <optional>
#include <string>

namespace gatehouse::c_hook {

/// The functions of gatehouse_c_hook_out that a call may use.
enum Verb : unsigned { fails = 1, answers = 2, passes = 4 };

/// The text of a channel as an event.
Event event_of(std::int32_t channel, std::int32_t choice, std::string text);

class Outlet {
public:
    explicit Outlet(const Limits& limits);
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    struct Call {
        const char* name;  // for messages
        unsigned allowed = 0;
        EventSink* next = nullptr;  // with `passes`, like the next two
        std::int32_t channel = 0, choice = 0;
    };
    /// Output of a call.  At most one of the three members is set.
    struct Said {
        std::optional<std::string> failure;  // the library's JSON
        std::optional<Error> error;          // an error of the library
        std::optional<std::string> answer;
    };

    /// Calls `act(const gatehouse_c_hook_out*)` and returns its output.
    template <typename Act>
    Said during(const Call& call, Act&& act) {
        const Scope scope(*this, call);
        act(&out_);
        return std::move(said_);
    }

private:
    struct Scope {
        Scope(Outlet& to, const Call& call);
        ~Scope();
        Outlet& outlet;
    };

    static void on_fail(void* context, gatehouse_c_bytes error) noexcept;
    static void on_answer(void* context, gatehouse_c_bytes text) noexcept;
    static void on_text(void* context, gatehouse_c_bytes text) noexcept;

    template <typename Act>
    void take(Verb verb, const char* name, Act&& act);

    const gatehouse_c_hook_out out_;
    const Limits limits_;
    Call call_{};
    Said said_;
    std::size_t spent_ = 0;  // bytes of this call's texts
};

}  // namespace gatehouse::c_hook
