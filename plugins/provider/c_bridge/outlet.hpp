// SPDX-License-Identifier: Apache-2.0
// Where a library puts what it has to say during a call: checks it, and keeps it for the
// caller or passes it on.  Lives as long as the exchange, so that a library that kept
// the pointer longer than it may is told so.  One thread at a time.
#pragma once

#include "plugins/provider/c_bridge/answer_rules.hpp"

#include <gatehouse/c.h>
#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::c_bridge {

/// Which functions of gatehouse_c_out a call may use.
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
        bool good = true;  // else events are not taken, and that is no mistake
    };
    /// What a call has said.  At most one of the three that fail or ask; none: all is well.
    struct Said {
        std::optional<std::string> failure;  // the library's JSON
        std::optional<Error> error;          // ours: its mistake, or the model's
        std::optional<http::Request> request;
    };

    /// Lets `act(const gatehouse_c_out*)` speak.
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
    std::string_view view(const char* what, gatehouse_c_bytes bytes, std::size_t most, const char* limit);
    void pass(Event event, std::size_t bytes);

    const gatehouse_c_out out_;
    const Limits limits_;
    Call call_{};
    Said said_;
    std::size_t spent_ = 0;  // by the events of this call
    std::string json_;       // the text being read, with room for the parser behind it
};

}  // namespace gatehouse::c_bridge
