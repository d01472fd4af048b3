// SPDX-License-Identifier: Apache-2.0
// Receives a provider's output during a call of its library.  One thread at a time.
#pragma once

#include "plugins/common/c_door/outlet.hpp"
#include "plugins/provider/c_bridge/answer_rules.hpp"

#include <gatehouse/http.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::c_bridge {

/// The functions of gatehouse_c_out that a call may use.
enum Verb : unsigned { fails = 1, requests = 2, emits = 4 };

struct ProviderCall {
    const char* name;  // for messages
    unsigned allowed = 0;
    AnswerRules* rules = nullptr;  // both with `emits`
    EventSink* events = nullptr;
    bool good = true;  // false: events are dropped without an error
};

struct ProviderOutcome : Outcome {
    std::optional<http::Request> request;
};

class ProviderOutlet : public Outlet<ProviderCall, ProviderOutcome> {
public:
    explicit ProviderOutlet(const Limits& limits);

    /// Calls `act(const gatehouse_c_out*)` and returns its output.
    template <typename Act>
    ProviderOutcome during(const ProviderCall& call, Act&& act) {
        const Scope scope(*this, call);
        act(&out_);
        shrink();
        return std::move(said_);
    }

private:
    static void on_fail(void* context, gatehouse_c_bytes error) noexcept;
    static void on_request(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body) noexcept;
    static int32_t on_emit(void* context, gatehouse_c_bytes event) noexcept;
    static int32_t on_text(void* context, int32_t choice, gatehouse_c_bytes text) noexcept;

    void pass(Event event, std::size_t bytes);
    void shrink();

    const gatehouse_c_out out_;
    std::string json_;  // the text being parsed, with padding for the parser
};

}  // namespace gatehouse::c_bridge
