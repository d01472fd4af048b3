// SPDX-License-Identifier: Apache-2.0
// Tests the provider without a network: recorded bytes in, events out.  The test makes
// the instance through the plugin's entry point, as the gateway does.
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

ChatRequest chat(const char* text) {
    ChatRequest request{.model = "small"};
    request.messages = {{.role = Role::user, .parts = {Text{text}}}};
    return request;
}

}  // namespace

int main() {
    FakeHost host;
    auto made = create<Provider>(gatehouse_plugin, strings({{"base_url", "http://backend/"}}), host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Provider& provider = **made;
    const ChatRequest request = chat("say \"hi\"");

    auto exchange = provider.chat(request);
    auto sent = (*exchange)->request();
    check((*sent)->url == "http://backend/generate", "the request goes to the configured backend");
    check((*sent)->body == R"({"model":"small","prompt":"say \"hi\""})", "the prompt is the user's text");

    // The text is the same wherever the response is cut.
    const char* answer = "data: Hello\n\ndata: , world\n\nevent: end\ndata: {}\n\n";
    replay_cut_everywhere(provider, request, answer, [](const Result<std::vector<Event>>& events) {
        check(bool(events), "a complete answer succeeds");
        if (!events) return;
        check(text(*events) == "Hello, world", "the text is the text of the events");
        check(all<Finish>(*events).size() == 1, "the exchange emits one finish");
    });

    check(!replay(provider, request, {"data: Hel"}), "a truncated answer is an error");
    auto busy = replay(provider, request, {"slow down"}, {.status = 429});
    check(!busy && busy.error().kind == ErrorKind::rate_limited,
          "a 429 of the backend is a 429 for the client");

    auto wrong = create<Provider>(gatehouse_plugin, strings({{"base_url", "backend"}}), host);
    check(!wrong && wrong.error().message.starts_with(
                        "base_url: base_url begins with neither https:// nor http://"),
          "a wrong URL is reported at its key");
    return failures == 0 ? 0 : 1;
}
