// SPDX-License-Identifier: Apache-2.0
// Tests the hook without a gateway.  The test makes the instance through the plugin's
// entry point, as the gateway does.
#include <gatehouse/testing.hpp>

#include <cstdio>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

int failures = 0;

void check(bool holds, const char* sentence) {
    if (holds) return;
    std::printf("FAILED: %s\n", sentence);
    ++failures;
}

Operation chat(std::size_t messages) {
    ChatRequest request{.model = "any"};
    for (std::size_t i = 0; i < messages; ++i)
        request.messages.push_back({.role = Role::user, .parts = {Text{"why?"}}});
    return request;
}

}  // namespace

int main() {
    FakeHost host;
    Table table = strings({{"instruction", "Be brief."}});
    table.entries.push_back({"max_messages", Value{std::int64_t{2}}});
    auto made = create<Hook>(gatehouse_plugin, table, host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Hook& hook = **made;

    const FakeRequest laptop{.who = {"laptop"}};
    auto state = hook.begin(laptop.info());
    Operation good = chat(2);
    check(bool(state->request(good)), "a short chat passes");
    const auto& messages = std::get<ChatRequest>(good).messages;
    check(messages.size() == 3 && text_of(messages.front()) == "Be brief.", "the instruction comes first");

    Events events;
    state->attempt({.number = 1});
    state->event(TextDelta{"lost"}, events);
    state->attempt({.number = 2});  // another route, after a failure
    events.list.clear();
    state->event(TextDelta{"because"}, events);
    state->event(Finish{FinishReason::stop}, events);
    state->end(events);
    state->done({});
    check(text(events.list) == "because" && events.list.size() == 2, "events pass unchanged");
    check(host.logged == std::vector<std::string>{"a request was answered bytes=7"},
          "the bytes of the answer are counted");

    auto refused = hook.begin(laptop.info());
    Operation long_chat = chat(3);
    auto result = refused->request(long_chat);
    check(!result && result.error().param == "messages", "a long chat is rejected with its param");
    if (!result) refused->done({.error = &result.error()});
    check(host.logged.back() == "a request failed bytes=0", "a failure is logged as a failure");
    return failures == 0 ? 0 : 1;
}
