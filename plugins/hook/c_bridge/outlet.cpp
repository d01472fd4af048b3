// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/c_bridge/outlet.hpp"

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/c_door/services.hpp"

#include <exception>

namespace gatehouse::c_hook {

using namespace c_bridge;

namespace {
constexpr std::size_t max_error_bytes = 64 * 1024;
// Approximate memory of an event without its text.
constexpr std::size_t bytes_of_an_event = 128;
}  // namespace

Event event_of(std::int32_t channel, std::int32_t choice, std::string text) {
    if (channel == GATEHOUSE_C_HOOK_REASONING) return ReasoningDelta{std::move(text), choice};
    if (channel == GATEHOUSE_C_HOOK_REFUSAL) return RefusalDelta{std::move(text), choice};
    return TextDelta{std::move(text), choice};
}

Outlet::Outlet(const Limits& limits)
    : out_{GATEHOUSE_C_HOOK_VERSION, sizeof(gatehouse_c_hook_out), this, &on_fail, &on_answer, &on_text},
      limits_(limits) {}

Outlet::Scope::Scope(Outlet& to, const Call& call) : outlet(to) {
    outlet.call_ = call;
    outlet.spent_ = 0;
    // Calls of out-> between two calls are reported by the next call.
}

Outlet::Scope::~Scope() {
    outlet.call_ = {};
    outlet.said_ = {};
}

/// Output after the first failure is ignored.
template <typename Act>
void Outlet::take(Verb verb, const char* name, Act&& act) {
    if (said_.failure || said_.error) return;
    try {
        if (!call_.name)
            throw Mistake(std::string("out->") + name + " was called outside of the call that received it");
        if (!(call_.allowed & verb))
            throw Mistake(std::string("out->") + name + " was called in " + call_.name + ", which may not");
        act();
    } catch (const Mistake& mistake) {
        said_.error = defect(mistake.what());
    } catch (const std::exception&) {
        said_.error = defect(std::string("the argument of out->") + name + " could not be stored");
    }
}

void Outlet::on_fail(void* context, gatehouse_c_bytes error) noexcept {
    if (!context) return;
    auto& self = *static_cast<Outlet*>(context);
    self.take(fails, "fail",
              [&] { self.said_.failure.emplace(view("the error", error, max_error_bytes, "the bound")); });
}

void Outlet::on_answer(void* context, gatehouse_c_bytes text) noexcept {
    if (!context) return;
    auto& self = *static_cast<Outlet*>(context);
    self.take(answers, "answer", [&] {
        if (self.said_.answer)
            throw Mistake("out->answer was called twice in " + std::string(self.call_.name));
        self.said_.answer.emplace(
            view("the answer", text, self.limits_.max_answer_bytes, "max_response_bytes"));
    });
}

void Outlet::on_text(void* context, gatehouse_c_bytes text) noexcept {
    if (!context) return;
    auto& self = *static_cast<Outlet*>(context);
    self.take(passes, "text", [&] {
        const std::string_view bytes = view("a text", text, self.limits_.max_event_bytes, "max_event_bytes");
        if (bytes.empty()) return;
        self.spent_ += bytes.size() + bytes_of_an_event;
        if (self.spent_ > self.limits_.max_answer_bytes)
            throw Mistake(std::string(self.call_.name) + " passes on more than max_response_bytes, " +
                          std::to_string(self.limits_.max_answer_bytes) + ", in one call");
        self.call_.next->emit(event_of(self.call_.channel, self.call_.choice, std::string(bytes)));
    });
}

}  // namespace gatehouse::c_hook
