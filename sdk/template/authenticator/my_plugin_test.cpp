// SPDX-License-Identifier: Apache-2.0
// Tests the authenticator without a gateway: heads in, identities out.  The test makes
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

Table clients(const std::vector<std::pair<std::string, std::string>>& list) {
    std::vector<Table> tables;
    for (const auto& [name, token] : list) tables.push_back(strings({{"name", name}, {"token", token}}));
    return Table{{{"clients", Value{std::move(tables)}}}};
}

/// The client that sends this header, or the message of the error.
std::string who(Authenticator& authenticator, const http::Headers& headers) {
    std::optional<Result<Identity>> identity;
    authenticator.authenticate({.headers = headers}, into(identity));
    if (!identity) return "never completed";
    return *identity ? (*identity)->name : (*identity).error().message;
}

}  // namespace

int main() {
    FakeHost host;
    auto made = create<Authenticator>(gatehouse_plugin, clients({{"laptop", "abc"}, {"ci", "xyz"}}), host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Authenticator& authenticator = **made;
    check(who(authenticator, {{"Authorization", "Bearer abc"}}) == "laptop", "a token identifies its client");
    check(who(authenticator, {{"authorization", "bearer xyz"}}) == "ci", "the case of the scheme is ignored");

    const std::string refusal = who(authenticator, {});
    check(refusal == "expected a valid token in the header Authorization",
          "a request without a token is rejected");
    for (const char* wrong : {"Bearer ab", "Bearer abcd", "Bearer", "Bearer ", "abc", "Basic abc"})
        check(who(authenticator, {{"authorization", wrong}}) == refusal, "all failures look alike");

    auto empty = create<Authenticator>(gatehouse_plugin, clients({{"laptop", ""}}), host);
    check(!empty && empty.error().message == "clients[0].token: a token must not be empty",
          "an empty token is reported at its key");
    auto twice = create<Authenticator>(gatehouse_plugin, clients({{"a", "1"}, {"a", "2"}}), host);
    check(!twice && twice.error().message == "clients[1].name: two clients have this name",
          "a duplicate name is reported at its key");
    return failures == 0 ? 0 : 1;
}
