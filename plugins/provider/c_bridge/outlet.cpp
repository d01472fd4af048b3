// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/outlet.hpp"

#include "plugins/common/c_door/mistake.hpp"
#include "plugins/common/c_door/services.hpp"
#include "plugins/provider/c_bridge/event_reader.hpp"
#include "plugins/provider/c_bridge/request_reader.hpp"

namespace gatehouse::c_bridge {

namespace {

constexpr std::size_t max_error_bytes = 64 * 1024;
constexpr std::size_t max_request_bytes = 1024 * 1024;
constexpr std::size_t max_body_bytes = 512 * 1024 * 1024;
constexpr std::size_t keep_json_bytes = 256 * 1024;
// Approximate memory of an event without its texts.
constexpr std::size_t bytes_of_an_event = 128;

}  // namespace

Outlet::Outlet(const Limits& limits)
    : out_{GATEHOUSE_C_VERSION, sizeof(gatehouse_c_out), this, &on_fail, &on_request, &on_emit, &on_text},
      limits_(limits) {}

Outlet::Scope::Scope(Outlet& to, const Call& call) : outlet(to) {
    outlet.call_ = call;
    outlet.spent_ = 0;
    // Calls of out-> between two calls are reported by the next call.
}

Outlet::Scope::~Scope() {
    outlet.call_ = {};
    outlet.said_ = {};
    if (outlet.json_.capacity() > keep_json_bytes) std::string().swap(outlet.json_);
}

/// Output after the first failure is ignored.
template <typename Act>
bool Outlet::take(Verb verb, const char* name, Act&& act) {
    if (said_.failure || said_.error) return false;
    try {
        if (!call_.name)
            throw Mistake(std::string("out->") + name + " was called outside of the call that received it");
        if (verb == emits && !call_.good) return false;
        if (!(call_.allowed & verb))
            throw Mistake(std::string("out->") + name + " was called in " + call_.name + ", which may not");
        act();
        return !said_.error;
    } catch (const Mistake& mistake) {
        said_.error = defect(mistake.what());
    } catch (const std::exception&) {
        said_.error = defect(std::string("the argument of out->") + name + " could not be stored");
    }
    return false;
}

void Outlet::pass(Event event, std::size_t bytes) {
    spent_ += bytes + bytes_of_an_event;
    if (spent_ > limits_.max_answer_bytes)
        throw Mistake(std::string(call_.name) + " emits more than max_response_bytes, " +
                      std::to_string(limits_.max_answer_bytes) + ", in one call");
    if (auto ok = call_.rules->take(std::move(event), *call_.events); !ok) said_.error = ok.error();
}

void Outlet::on_fail(void* context, gatehouse_c_bytes error) noexcept {
    if (!context) return;
    auto& self = *static_cast<Outlet*>(context);
    self.take(fails, "fail",
              [&] { self.said_.failure.emplace(view("the error", error, max_error_bytes, "the bound")); });
}

void Outlet::on_request(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body) noexcept {
    if (!context) return;
    auto& self = *static_cast<Outlet*>(context);
    self.take(requests, "request", [&] {
        if (self.said_.request)
            throw Mistake("out->request was called twice in " + std::string(self.call_.name));
        self.json_ = view("the request", request, max_request_bytes, "the bound");
        const std::string_view bytes = view("the body of the request", body, max_body_bytes, "the bound");
        self.said_.request = read_request(self.json_, bytes);
    });
}

int32_t Outlet::on_emit(void* context, gatehouse_c_bytes event) noexcept {
    if (!context) return 0;
    auto& self = *static_cast<Outlet*>(context);
    return self.take(emits, "emit", [&] {
        self.json_ = view("an event", event, self.limits_.max_event_bytes, "max_event_bytes");
        self.pass(read_event(self.json_), event.size);
    });
}

int32_t Outlet::on_text(void* context, int32_t choice, gatehouse_c_bytes text) noexcept {
    if (!context) return 0;
    auto& self = *static_cast<Outlet*>(context);
    return self.take(emits, "text", [&] {
        if (choice < 0) throw Mistake("out->text was given the choice " + std::to_string(choice));
        const std::string_view bytes = view("a text", text, self.limits_.max_event_bytes, "max_event_bytes");
        if (!bytes.empty()) self.pass(TextDelta{std::string(bytes), choice}, bytes.size());
    });
}

}  // namespace gatehouse::c_bridge
