// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/outlet.hpp"

#include "plugins/provider/c_bridge/event_reader.hpp"
#include "plugins/provider/c_bridge/request_reader.hpp"

namespace gatehouse::c_bridge {

namespace {

constexpr std::size_t max_request_bytes = 1024 * 1024;
constexpr std::size_t max_body_bytes = 512 * 1024 * 1024;
constexpr std::size_t keep_json_bytes = 256 * 1024;

}  // namespace

ProviderOutlet::ProviderOutlet(const Limits& limits)
    : Outlet(limits),
      out_{GATEHOUSE_C_VERSION, sizeof(gatehouse_c_out), this, &on_fail, &on_request, &on_emit, &on_text} {}

void ProviderOutlet::shrink() {
    if (json_.capacity() > keep_json_bytes) std::string().swap(json_);
}

void ProviderOutlet::pass(Event event, std::size_t bytes) {
    spend(bytes, "emits");
    if (auto ok = call_.rules->take(std::move(event), *call_.events); !ok) said_.error = ok.error();
}

void ProviderOutlet::on_fail(void* context, gatehouse_c_bytes error) noexcept {
    if (context) static_cast<ProviderOutlet*>(context)->take_failure(fails, error);
}

void ProviderOutlet::on_request(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body) noexcept {
    if (!context) return;
    auto& self = *static_cast<ProviderOutlet*>(context);
    self.take(requests, "request", [&] {
        if (self.said_.request)
            throw Mistake("out->request was called twice in " + std::string(self.call_.name));
        self.json_ = view("the request", request, max_request_bytes, "the bound");
        const std::string_view bytes = view("the body of the request", body, max_body_bytes, "the bound");
        self.said_.request = read_request(self.json_, bytes);
        return true;
    });
}

int32_t ProviderOutlet::on_emit(void* context, gatehouse_c_bytes event) noexcept {
    if (!context) return 0;
    auto& self = *static_cast<ProviderOutlet*>(context);
    return self.take(emits, "emit", [&] {
        if (!self.call_.good) return false;
        self.json_ = self.text("an event", event);
        self.pass(read_event(self.json_), event.size);
        return true;
    });
}

int32_t ProviderOutlet::on_text(void* context, int32_t choice, gatehouse_c_bytes given) noexcept {
    if (!context) return 0;
    auto& self = *static_cast<ProviderOutlet*>(context);
    return self.take(emits, "text", [&] {
        if (!self.call_.good) return false;
        if (choice < 0) throw Mistake("out->text was given the choice " + std::to_string(choice));
        const std::string_view bytes = self.text("a text", given);
        if (!bytes.empty()) self.pass(TextDelta{std::string(bytes), choice}, bytes.size());
        return true;
    });
}

}  // namespace gatehouse::c_bridge
