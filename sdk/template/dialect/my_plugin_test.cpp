// SPDX-License-Identifier: Apache-2.0
// Tests the dialect without a gateway: requests and events in, text out.  The test makes
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

}  // namespace

int main() {
    FakeHost host;
    auto made = create<Dialect>(gatehouse_plugin, strings({{"model", "any"}}), host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Dialect& dialect = **made;
    const http::RequestHead head{.method = "POST", .path = "/ask"};
    auto parsed = dialect.parse(head, "why?");
    check(bool(parsed), "a question is a valid request");
    if (!parsed) return 1;
    const auto& chat = std::get<ChatRequest>(parsed->operation);
    check(chat.model == "any" && last_user_text(chat) == "why?", "the body is the user's message");

    std::string out;
    auto answer = parsed->formatter();
    answer->event(TextDelta{"be"}, out);
    answer->event(TextDelta{"cause"}, out);
    answer->event(Finish{FinishReason::stop}, out);
    answer->end(out);
    check(out == "because\n", "the answer is plain text");
    check(answer->head().status == 200, "a successful answer has status 200");

    auto broken = parsed->formatter();
    out.clear();
    broken->event(TextDelta{"be"}, out);
    broken->error(Error{ErrorKind::timeout, "too slow"}, out);
    check(out == "be\n[too slow]\n", "a failed answer ends with the error");

    auto empty = dialect.parse(head, "");
    check(!empty && dialect.error(empty.error()).head.status == 400,
          "a request without a question is the client's error");
    return failures == 0 ? 0 : 1;
}
