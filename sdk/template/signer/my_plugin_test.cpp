// SPDX-License-Identifier: Apache-2.0
// Tests the signer without a network: the token service is a list of responses.  The test
// makes the instance through the plugin's entry point, as the gateway does.
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

/// The Authorization header after signing; "" if the request was not signed.
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
    check(authorization(signer) == "Bearer first", "a token is fetched and sent");
    check(host.fetched.front().headers.get("x-client-secret") == "hush",
          "the token service receives the client's secret");
    check(authorization(signer) == "Bearer first" && host.fetched.size() == 1, "a token is kept");
    host.time += std::chrono::hours(2);
    check(authorization(signer) == "Bearer second", "an expired token is fetched again");

    std::optional<Result<bool>> again;
    const http::ResponseHead forbidden{.status = 403}, refused{.status = 401};
    signer.rejected({forbidden, "no access", Identity{}}, into(again));
    check(again && *again && !**again, "another token does not give access");
    signer.rejected({refused, "expired", Identity{}}, into(again));
    check(again && *again && **again, "after a rejection another token may help");
    check(authorization(signer) == "Bearer third", "a rejected token is fetched again");

    host.time += std::chrono::hours(2);
    host.answers = {http::Response{{500}, "oops"}, http::Response{{200}, "two\r\nlines"},
                    http::Response{{200}, "fourth"}};
    check(authorization(signer).empty(), "no request is signed without a token");
    check(authorization(signer).empty(), "a token with a line break is rejected");
    check(authorization(signer) == "Bearer fourth", "a failure is not kept");

    auto wrong = create<Signer>(gatehouse_plugin, strings({{"token_url", "login"}}), host);
    check(!wrong && wrong.error().message == "token_url: expected http:// or https:// at its beginning",
          "a wrong URL is reported at its key");
    return failures == 0 ? 0 : 1;
}
