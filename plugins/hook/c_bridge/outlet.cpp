// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/c_bridge/outlet.hpp"

namespace gatehouse::c_hook {

using namespace c_bridge;

HookOutlet::HookOutlet(const Limits& limits)
    : Outlet(limits),
      out_{GATEHOUSE_C_HOOK_VERSION, sizeof(gatehouse_c_hook_out), this, &on_fail, &on_answer, &on_text} {}

void HookOutlet::on_fail(void* context, gatehouse_c_bytes error) noexcept {
    if (context) static_cast<HookOutlet*>(context)->take_failure(fails, error);
}

void HookOutlet::on_answer(void* context, gatehouse_c_bytes text) noexcept {
    if (!context) return;
    auto& self = *static_cast<HookOutlet*>(context);
    self.take(answers, "answer", [&] {
        if (self.said_.answer)
            throw Mistake("out->answer was called twice in " + std::string(self.call_.name));
        self.said_.answer.emplace(
            view("the answer", text, self.limits_.max_answer_bytes, "max_response_bytes"));
        return true;
    });
}

void HookOutlet::on_text(void* context, gatehouse_c_bytes given) noexcept {
    if (!context) return;
    auto& self = *static_cast<HookOutlet*>(context);
    self.take(passes, "text", [&] {
        const std::string_view bytes = self.text("a text", given);
        if (bytes.empty()) return true;
        self.spend(bytes.size(), "passes on");
        self.call_.next->emit(
            hook_texts::event_of(self.call_.channel, self.call_.choice, std::string(bytes)));
        return true;
    });
}

}  // namespace gatehouse::c_hook
