// SPDX-License-Identifier: Apache-2.0
// The cost of a hook that passes everything on, per event and per request: nanoseconds, and under
// callgrind instructions.  Arguments: requests, events of each.
#include "core/request/hooks.hpp"

#include <gatehouse/testing.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace gatehouse;

namespace {

struct Plain final : Hook {
    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<HookState>(); }
};

struct CountingSink final : EventSink {
    void emit(Event) override { ++events; }
    std::size_t events = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const int requests = argc > 1 ? std::atoi(argv[1]) : 10'000;
    const int events = argc > 2 ? std::atoi(argv[2]) : 100;
    Plain plain;
    const std::vector<core::NamedHook> hooks = {{"plain", &plain}};
    const testing::FakeRequest request;
    CountingSink count;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < requests; ++i) {
        core::Hooks all(hooks, request.info(), nullptr);
        Operation operation = ChatRequest{};
        if (auto asked = all.request(operation); !asked || *asked) return 1;
        all.attempt(count, {"provider", "model", 1});
        for (int j = 0; j < events; ++j) all.entry().emit(TextDelta{"some text"});
        all.end();
        all.done({});
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begun;
    std::printf("%.1f ns per event, %.0f ns per request of %d events\n", spent.count() / (requests * events),
                spent.count() / requests, events);
    return count.events == static_cast<std::size_t>(requests) * static_cast<std::size_t>(events) ? 0 : 1;
}
