// SPDX-License-Identifier: Apache-2.0
// Tests the limiter without a gateway.  The test makes the instance through the plugin's
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

LimitDecision ask(Limiter& limiter, const std::string& client) {
    const Identity who{.name = client};
    const Operation operation = ChatRequest{.model = "any"};
    const std::vector<Route> routes = {{"greeter", "any"}};
    const FakeHealths healths;
    std::optional<Result<LimitDecision>> out;
    limiter.admit({.id = "req_1",
                   .who = who,
                   .authenticator = "team",
                   .operation = operation,
                   .routes = routes,
                   .healths = healths},
                  into(out));
    if (!out || !*out) return {};
    return std::move(**out);
}

}  // namespace

int main() {
    FakeHost host;
    FakeStore store;
    host.given_store = &store;
    Table table;
    table.entries.push_back({"requests_per_minute", Value{std::int64_t{2}}});
    auto made = create<Limiter>(gatehouse_plugin, table, host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Limiter& limiter = **made;

    check(bool(ask(limiter, "ann").grant) && bool(ask(limiter, "ann").grant), "two requests pass");
    const LimitDecision refused = ask(limiter, "ann");
    check(!refused.grant && refused.refusal.kind == ErrorKind::rate_limited, "the third one is refused");
    check(bool(ask(limiter, "bob").grant), "another client has its own limit");
    check(refused.standing.retry_after.has_value(), "a refusal says when to try again");
    store.time += *refused.standing.retry_after;
    check(bool(ask(limiter, "ann").grant), "the next try passes");
    return failures == 0 ? 0 : 1;
}
