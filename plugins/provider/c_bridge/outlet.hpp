// SPDX-License-Identifier: Apache-2.0
// Receives a library's output during a call, checks it, and stores or forwards it.  It lives
// as long as the exchange, so that it detects a library that uses the pointer after the
// call.  One thread at a time.
#pragma once

#include "plugins/provider/c_bridge/answer_rules.hpp"

#include <gatehouse/c.h>
#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// The functions of gatehouse_c_out that a call may use.
enum Verb : unsigned { fails = 1, requests = 2, emits = 4 };

class Outlet {
public:
    explicit Outlet(const Limits& limits);
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    struct Call {
        const char* name;  // for messages
        unsigned allowed = 0;
        AnswerRules* rules = nullptr;  // both with `emits`
        EventSink* events = nullptr;
        bool good = true;  // false: events are dropped without an error
    };
    /// Output of a call.  At most one of the three members is set; without any, the call succeeded.
    struct Said {
        std::optional<std::string> failure;  // the library's JSON
        std::optional<Error> error;          // an error of the library or of the model
        std::optional<http::Request> request;
    };

    /// Calls `act(const gatehouse_c_out*)` and returns its output.
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
    static void on_request(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body) noexcept;
    static int32_t on_emit(void* context, gatehouse_c_bytes event) noexcept;
    static int32_t on_text(void* context, int32_t choice, gatehouse_c_bytes text) noexcept;

    template <typename Act>
    bool take(Verb verb, const char* name, Act&& act);
    void pass(Event event, std::size_t bytes);

    const gatehouse_c_out out_;
    const Limits limits_;
    Call call_{};
    Said said_;
    std::size_t spent_ = 0;  // bytes of this call's events
    std::string json_;       // the text being parsed, with padding for the parser
};

}  // namespace gatehouse::c_bridge
