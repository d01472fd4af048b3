// SPDX-License-Identifier: Apache-2.0
// Logins of the console: codes, sessions, and the callers that they become.
#include "core/admin/caller.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using std::chrono::seconds;

namespace {

const std::string ops_token(22, 't');

Settings settings_with_token(std::vector<std::string> may = {"read", "operate"}) {
    std::vector<AdminTokenOptions> options = {{.name = "ops", .token = ops_token, .may = std::move(may)}};
    Mistakes mistakes("test.toml");
    Settings settings;
    settings.admin_tokens = AdminTokens::of(options, gatehouse::testing::FakeConfig({}), mistakes);
    REQUIRE(mistakes.empty());
    return settings;
}

http::RequestHead head_with(const std::string& token, http::Headers more = {}) {
    http::RequestHead head{.headers = {{"authorization", "Bearer " + token}}, .peer = "192.0.2.1"};
    for (const auto& [name, value] : more) head.headers.add(name, value);
    if (!head.headers.has("host")) head.headers.add("host", "127.0.0.1:8051");
    return head;
}

}  // namespace

TEST_CASE("a login code is valid once and for a minute, and only with the secret of the gateway") {
    AdminSessions sessions, other;
    const auto now = std::chrono::system_clock::now();
    const std::string code = LoginCode::make(sessions.secret(), now);
    CHECK_FALSE(other.open_by_code(code, now));
    CHECK(sessions.open_by_code(code, now));
    CHECK_FALSE(sessions.open_by_code(code, now));
    CHECK_FALSE(sessions.open_by_code(code, now + seconds(61)));
    const auto fresh = [&] { return LoginCode::make(sessions.secret(), now); };
    CHECK(sessions.open_by_code(fresh(), now + seconds(59)));
    CHECK_FALSE(sessions.open_by_code(fresh(), now + seconds(62)));
    CHECK_FALSE(sessions.open_by_code(fresh(), now - seconds(10)));
}

TEST_CASE("a code cannot be changed") {
    AdminSessions sessions;
    const auto now = std::chrono::system_clock::now();
    const std::string code = LoginCode::make(sessions.secret(), now);
    for (std::size_t i = 0; i < code.size(); ++i) {
        std::string changed = code;
        changed[i] = changed[i] == '1' ? '2' : '1';
        CHECK_FALSE(sessions.open_by_code(changed, now));
    }
    for (const std::string wrong : {"", ".", "..", "a.b.c", "1", "99999999999999999999.a.b"})
        CHECK_FALSE(sessions.open_by_code(wrong, now));
    CHECK(sessions.open_by_code(code, now));
}

TEST_CASE("a session ends by its own token, after its time, and when newer ones need its place") {
    AdminSessions sessions;
    const Settings settings = settings_with_token();
    auto open = [&] { return *sessions.open_by_token(ops_token, settings.admin_tokens); };
    const auto now = AdminSessions::Clock::now();
    const std::string token = open();
    CHECK(sessions.find(token, now));
    CHECK_FALSE(sessions.find(token, now + AdminSessions::lifetime + seconds(1)));
    CHECK_FALSE(sessions.find(token + "0", now));
    CHECK_FALSE(sessions.find(ops_token, now));
    sessions.close("session_other");
    CHECK(sessions.find(token, now));
    sessions.close(token);
    CHECK_FALSE(sessions.find(token, now));

    const std::string first = open();
    for (std::size_t i = 1; i < AdminSessions::most; ++i) open();
    CHECK(sessions.find(first, now));
    open();
    CHECK_FALSE(sessions.find(first, now));
    CHECK(sessions.count() == AdminSessions::most);
}

TEST_CASE("a session has the rights of its token, and of the configuration as it is now") {
    AdminSessions sessions;
    const Settings settings = settings_with_token();
    CHECK_FALSE(sessions.open_by_token("wrong", settings.admin_tokens));
    const std::string token = *sessions.open_by_token(ops_token, settings.admin_tokens);
    const auto caller = admin_caller(head_with(token), settings, sessions);
    REQUIRE(caller);
    CHECK(caller->name() == "ops");
    CHECK(caller->may("operate"));
    CHECK(caller->by_session);
    const Settings less = settings_with_token({"read"});
    CHECK_FALSE(admin_caller(head_with(token), less, sessions)->may("operate"));
    const auto without = admin_caller(head_with(token), Settings{}, sessions);
    REQUIRE_FALSE(without);
    CHECK(status_of(without.error()) == 401);
}

TEST_CASE("a login by a code has the rights of [admin] console") {
    AdminSessions sessions;
    const auto now = std::chrono::system_clock::now();
    const std::string token = *sessions.open_by_code(LoginCode::make(sessions.secret(), now), now);
    Settings settings = settings_with_token();
    const auto caller = admin_caller(head_with(token), settings, sessions);
    REQUIRE(caller);
    CHECK(caller->name() == "console");
    CHECK(caller->may("read"));
    CHECK_FALSE(caller->may("operate"));
    settings.admin.console = {};
    CHECK_FALSE(admin_caller(head_with(token), settings, sessions)->may("read"));
}

TEST_CASE("a session is refused under a foreign name, and for a page of another site") {
    AdminSessions sessions;
    Settings settings = settings_with_token();
    settings.admin.hosts = {"Gate.Example"};
    const std::string token = *sessions.open_by_token(ops_token, settings.admin_tokens);
    auto status = [&](http::Headers headers) {
        const auto caller = admin_caller(head_with(token, std::move(headers)), settings, sessions);
        return caller ? 200 : status_of(caller.error());
    };
    for (const std::string host :
         {"127.0.0.1:8051", "localhost", "[::1]:8051", "gate.example", "GATE.example:80"})
        CHECK(status({{"host", host}}) == 200);
    for (const std::string host : {"evil.example", "gate.example.evil", "x.gate.example", ""})
        CHECK(status({{"host", host}}) == 421);
    CHECK(status({{"host", "gate.example"}, {"origin", "https://gate.example"}}) == 200);
    CHECK(status({{"host", "gate.example"}, {"origin", "http://gate.example"}}) == 200);
    for (const std::string origin : {"https://evil.example", "null", "https://gate.example:444"})
        CHECK(status({{"host", "gate.example"}, {"origin", origin}}) == 403);
    CHECK(status({{"sec-fetch-site", "same-origin"}}) == 200);
    for (const std::string site : {"cross-site", "same-site"})
        CHECK(status({{"sec-fetch-site", site}}) == 403);
}
