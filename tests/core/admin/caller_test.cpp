// SPDX-License-Identifier: Apache-2.0
// The callers of the admin API: tokens, and programs of this machine without tokens.
#include "core/admin/caller.hpp"
#include "core/admin/problem.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

/// The status for a request, or the name of its token; "local" without tokens.
std::string result(const http::RequestHead& head, const AdminTokens& tokens) {
    const auto caller = admin_caller(head, tokens);
    if (!caller) return std::to_string(status_of(caller.error()));
    return caller->token ? caller->name() : "local";
}

const std::string secret(22, 't');

AdminTokens one_token() {
    std::vector<AdminTokenOptions> options = {{.name = "ops", .token = secret}};
    Mistakes mistakes("test.toml");
    AdminTokens tokens = AdminTokens::of(options, gatehouse::testing::FakeConfig({}), mistakes);
    REQUIRE(mistakes.empty());
    return tokens;
}

}  // namespace

TEST_CASE("with tokens only the bearer of one may call, from any address and under any name") {
    const AdminTokens tokens = one_token();
    auto with = [&](http::Headers headers) {
        return result({.headers = std::move(headers), .peer = "192.0.2.1"}, tokens);
    };
    CHECK(with({{"Authorization", "Bearer " + secret}, {"host", "admin.example"}}) == "ops");
    CHECK(with({{"authorization", "bearer  " + secret}, {"origin", "http://page.example"}}) == "ops");
    const std::vector<std::string> all = {
        "", secret, "Bearer", "Bearer ", "Bearer " + secret + "t", "Basic " + secret};
    for (const std::string& wrong : all) CHECK(with({{"authorization", wrong}}) == "401");
    CHECK(with({}) == "401");
    CHECK(with({{"authorization", "Bearer " + secret}, {"authorization", "Bearer x"}}) == "401");
}

TEST_CASE("without tokens only programs of this machine may call, and no page of another site") {
    auto from = [](const std::string& peer, http::Headers headers) {
        return result({.headers = std::move(headers), .peer = peer}, {});
    };
    const http::Headers plain = {{"host", "127.0.0.1:8051"}};
    CHECK(from("127.0.0.1", plain) == "local");
    CHECK(from("127.8.8.8", plain) == "local");
    CHECK(from("::1", {{"host", "[::1]:8051"}}) == "local");
    for (const std::string peer : {"192.0.2.1", "::", "::2", "2001:db8::1", "12.7.0.1"})
        CHECK(from(peer, plain) == "403");
    for (const std::string host : {"localhost", "LOCALHOST:1", "10.0.0.1"})
        CHECK(from("127.0.0.1", {{"host", host}}) == "local");
    for (const std::string host : {"", ":8051", "page.example", "127.0.0.1.page.example:80", "localhost."})
        CHECK(from("127.0.0.1", {{"host", host}}) == "421");
    const std::string here = "127.0.0.1:8051";
    CHECK(from("127.0.0.1", {{"host", here}, {"origin", "http://127.0.0.1:8051"}}) == "local");
    for (const std::string origin :
         {"http://page.example", "http://127.0.0.1:9", "https://127.0.0.1:8051", "null"})
        CHECK(from("127.0.0.1", {{"host", here}, {"origin", origin}}) == "403");
    CHECK(from("127.0.0.1", {{"host", here}, {"sec-fetch-site", "none"}}) == "local");
    CHECK(from("127.0.0.1", {{"host", here}, {"sec-fetch-site", "same-site"}}) == "403");
}

TEST_CASE("an error becomes problem details, without its detail for the log") {
    const http::Response response = problem({.kind = ErrorKind::rate_limited,
                                             .message = "a \"busy\" resource",
                                             .detail = "secret",
                                             .code = "busy",
                                             .param = "id",
                                             .retry_after_seconds = 3});
    CHECK(response.head.status == 429);
    CHECK(response.head.headers.get("retry-after") == "3");
    CHECK(
        response.body ==
        R"({"type":"about:blank","title":"Too Many Requests","status":429,"detail":"a \"busy\" resource","code":"busy","param":"id"})");
}
