// SPDX-License-Identifier: Apache-2.0
// The signer without a network: the token service is a list of answers.
// Made through the plugin's door, as the gateway makes it.
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

Table options() {
    return strings({{"token_url", "http://login/token"}, {"client_id", "me"}, {"client_secret", "hush"}});
}

/// What a request carries after signing; "" if it was not signed.
std::string authorization(Signer& signer) {
    std::optional<Result<http::Request>> signed_request;
    signer.sign({.url = "http://backend/"}, into(signed_request));
    if (!signed_request || !*signed_request) return {};
    return std::string((*signed_request)->headers.get("authorization"));
}

}  // namespace

int main() {
    FakeHost host;
    auto made = create<Signer>(gatehouse_plugin, options(), host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Signer& signer = **made;

    host.answers = {http::Response{{200}, "first\n"}, http::Response{{200}, "second"},
                    http::Response{{200}, "third"}};
    check(authorization(signer) == "Bearer first", "a token is fetched and shown");
    check(host.fetched.front().headers.get("x-client-secret") == "hush",
          "the token service is told who asks");
    check(authorization(signer) == "Bearer first" && host.fetched.size() == 1, "a token is kept");
    host.time += std::chrono::hours(2);
    check(authorization(signer) == "Bearer second", "a token that has expired is fetched anew");

    std::optional<Result<bool>> again;
    signer.rejected(into(again));
    check(again && *again && **again, "after a refusal another token may help");
    check(authorization(signer) == "Bearer third", "a token that was refused is fetched anew");

    host.time += std::chrono::hours(2);
    host.answers = {http::Response{{500}, "oops"}, http::Response{{200}, "two\r\nlines"},
                    http::Response{{200}, "fourth"}};
    check(authorization(signer).empty(), "without a token nothing is signed");
    check(authorization(signer).empty(), "a token that would break the header is none");
    check(authorization(signer) == "Bearer fourth", "a failure is not kept");

    auto wrong = create<Signer>(gatehouse_plugin, strings({{"token_url", "login"}}), host);
    check(!wrong && wrong.error().message == "token_url: expected http:// or https:// at its beginning",
          "a wrong URL is reported at its key");
    return failures == 0 ? 0 : 1;
}
