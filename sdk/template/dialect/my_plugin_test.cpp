// SPDX-License-Identifier: Apache-2.0
// The dialect without a gateway: requests and events in, text out.  Made through
// the plugin's door, as the gateway makes it.
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
    check(bool(parsed), "a question is a good request");
    if (!parsed) return 1;
    const auto& chat = std::get<ChatRequest>(parsed->operation);
    check(chat.model == "any" && last_user_text(chat) == "why?", "the body is what the user says");

    std::string out;
    auto answer = parsed->formatter();
    answer->event(TextDelta{"be"}, out);
    answer->event(TextDelta{"cause"}, out);
    answer->event(Finish{FinishReason::stop}, out);
    answer->end(out);
    check(out == "because\n", "the answer is plain text");
    check(answer->head().status == 200, "a good answer has status 200");

    auto broken = parsed->formatter();
    out.clear();
    broken->event(TextDelta{"be"}, out);
    broken->error(Error{ErrorKind::timeout, "too slow"}, out);
    check(out == "be\n[too slow]\n", "an answer that breaks says so");

    auto empty = dialect.parse(head, "");
    check(!empty && dialect.error(empty.error()).head.status == 400,
          "no question is a mistake of the client");
    return failures == 0 ? 0 : 1;
}
