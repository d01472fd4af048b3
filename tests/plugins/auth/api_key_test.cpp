// SPDX-License-Identifier: Apache-2.0
// The authenticator through its entry point, as the core uses it.
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

Table config(const Keys& keys) {
    std::vector<Table> list;
    for (const auto& [name, key] : keys)
        list.push_back(Table{{Entry{"name", Value{name}}, Entry{"key", Value{key}}}});
    return Table{{Entry{"keys", Value{list}}}};
}

FakeHost host;

std::unique_ptr<Authenticator> authenticator(const Keys& keys) {
    auto made = gatehouse_plugin.create(FakeConfig(config(keys)), host);
    if (!made) FAIL(made.error().message);
    return std::unique_ptr<Authenticator>(static_cast<Authenticator*>(made->release()));
}

std::string error_of(const Table& config) {
    auto made = gatehouse_plugin.create(FakeConfig(config), host);
    REQUIRE(!made);
    CHECK(made.error().kind == ErrorKind::bad_config);
    return made.error().message;
}

std::string error(const Keys& keys) { return error_of(config(keys)); }

/// One key that may use `models`.
Table limited(const std::vector<std::string>& models) {
    std::vector<Table> list = {
        Table{{Entry{"name", Value{std::string("a")}}, Entry{"key", Value{std::string("a-long-enough-key")}},
               Entry{"models", Value{models}}}}};
    return Table{{Entry{"keys", Value{list}}}};
}

/// The name of an accepted client, or the error's message.
std::string who(Authenticator& instance, http::Headers headers) {
    const http::RequestHead head{.headers = std::move(headers)};
    std::optional<Result<Identity>> out;
    instance.authenticate(head, into(out));
    REQUIRE(out);
    if (*out) return (**out).name;
    CHECK(out->error().kind == ErrorKind::unauthenticated);
    return out->error().message;
}

const std::string refused = "the API key is missing or wrong";
const Keys three = {
    {"a", "sk-test"},
    {"b", "another-long-enough-key"},
    {"c", "sha256:2CF24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}};  // hello

}  // namespace

TEST_CASE("the entry point describes the library") {
    CHECK(std::string(gatehouse_plugin.kind) == "authenticator/1");
    CHECK(std::string(gatehouse_plugin.name) == "api_key");
    const auto keys = gatehouse_plugin.keys();
    REQUIRE(keys.size() == 1);
    REQUIRE(keys[0].keys.size() == 5);
    CHECK(!keys[0].keys[0].secret);
    CHECK(keys[0].keys[1].secret);
}

TEST_CASE("a key authenticates its client in either header") {
    auto instance = authenticator(three);
    CHECK(who(*instance, {{"Authorization", "Bearer sk-test"}}) == "a");
    CHECK(who(*instance, {{"authorization", "bearer   another-long-enough-key "}}) == "b");
    CHECK(who(*instance, {{"AUTHORIZATION", "BEARER hello"}}) == "c");
    CHECK(who(*instance, {{"x-api-key", "sk-test"}}) == "a");
    CHECK(who(*instance, {{"X-Api-Key", " hello\t"}}) == "c");
    CHECK(who(*instance, {{"Authorization", "Basic Zm9vOmJhcg=="}, {"x-api-key", "hello"}}) == "c");
    CHECK(who(*instance, {{"Authorization", "Bearer hello"}, {"x-api-key", "wrong"}}) == "c");
}

TEST_CASE("every other credential is rejected with the same message") {
    auto instance = authenticator(three);
    const std::vector<http::Headers> heads = {
        {},
        {{"Authorization", ""}},
        {{"Authorization", "Bearer"}},
        {{"Authorization", "Bearer "}},
        {{"Authorization", "sk-test"}},
        {{"Authorization", "Bearersk-test"}},
        {{"Authorization", "Basic sk-test"}},
        {{"Authorization", "Bearer sk-tes"}},
        {{"Authorization", "Bearer sk-test2"}},
        {{"Authorization", "Bearer SK-TEST"}},
        {{"Authorization", "Bearer sk-test,x"}},
        {{"Authorization", "Bearer sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}},
        {{"Authorization", "Bearer " + std::string(100'000, 'x')}},
        {{"Authorization", std::string("Bearer sk-test\0", 15)}},
        {{"x-api-key", ""}},
        {{"x-api-key", "Bearer sk-test"}},
        {{"x-api-key", "wrong"}},
        {{"Authorization", "Bearer wrong"}, {"x-api-key", "sk-test"}},
    };
    for (const auto& head : heads) CHECK(who(*instance, head) == refused);
}

TEST_CASE("a repeated header is rejected even if both keys are valid") {
    auto instance = authenticator(three);
    CHECK(who(*instance, {{"Authorization", "Bearer sk-test"}, {"authorization", "Bearer sk-test"}}) ==
          refused);
    CHECK(who(*instance, {{"x-api-key", "sk-test"}, {"X-API-Key", "sk-test"}}) == refused);
}

TEST_CASE("a short key works, and the warning does not contain it") {
    host.logged.clear();
    authenticator({{"a", "sk-test"}, {"b", "another-long-enough-key"}});
    CHECK(host.logged == std::vector<std::string>{"a key of less than 16 characters can be guessed key=a"});
}

TEST_CASE("a configuration error names its key and does not contain the secret") {
    CHECK(error({}) == "keys: no keys; give at least one, such as [{ name = \"...\", key = \"...\" }]");
    CHECK(error({{"", "x"}}) == "keys[0].name: the name is missing; the log shows it");
    CHECK(error({{"a b", "x"}}) ==
          "keys[0].name: a name must have at most 64 visible ASCII characters and no blanks");
    CHECK(error({{std::string(65, 'a'), "x"}}) ==
          "keys[0].name: a name must have at most 64 visible ASCII characters and no blanks");
    CHECK(error({{"a", ""}}) ==
          "keys[0].key: the key is empty; an empty key would authenticate every client");
    CHECK(error({{"a", "x"}, {"a", "y"}}) == "keys[1].name: there is a key named \"a\" already");
    CHECK(error({{"a", "hello"}, {"b", three[2].second}}) == "keys[1].key: this is the key of \"a\" too");
    CHECK(error({{"a", "hunter2\n"}}) ==
          "keys[0].key: a key must have only visible ASCII characters, without blanks and line ends");
    for (const char* digest : {"sha256:", "sha256:00",
                               "sha256:zzf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e7304336"
                               "2938b9824"})
        CHECK(error({{"a", digest}}) ==
              "keys[0].key: expected 64 hex digits after sha256:, as `gatehouse hash-key` prints them");
}

TEST_CASE("the identity has the models of the key unchanged") {
    auto made = gatehouse_plugin.create(FakeConfig(limited({"gpt-5", "oci/*", "*"})), host);
    REQUIRE(made);
    auto& instance = static_cast<Authenticator&>(**made);
    const http::RequestHead head{.headers = {{"x-api-key", "a-long-enough-key"}}};
    std::optional<Result<Identity>> out;
    for (int again = 0; again < 2; ++again) {
        instance.authenticate(head, into(out));
        REQUIRE((out && *out));
        CHECK((*out)->name == "a");
        CHECK((*out)->models == std::vector<std::string>{"gpt-5", "oci/*", "*"});
    }
    out.reset();
    authenticator(three)->authenticate({.headers = {{"x-api-key", "sk-test"}}}, into(out));
    REQUIRE((out && *out));
    CHECK((*out)->models.empty());
}

TEST_CASE("the identity has the groups and attributes of the key") {
    const auto keys = [](Entry more) {
        std::vector<Table> list = {
            Table{{Entry{"name", Value{std::string("a")}},
                   Entry{"key", Value{std::string("a-long-enough-key")}}, std::move(more)}}};
        return Table{{Entry{"keys", Value{list}}}};
    };
    const std::vector<std::string> two = {"red", "blue"}, bad = {"red", "b\nlue"};
    std::optional<Result<Identity>> out;
    for (const auto& [name, value] : {std::pair{"groups", Value{two}},
                                      std::pair{"attributes", Value{Table{{Entry{"tenant", Value{two}}}}}}}) {
        auto made = create<Authenticator>(gatehouse_plugin, keys({name, value}), host);
        REQUIRE(made);
        (*made)->authenticate({.headers = {{"x-api-key", "a-long-enough-key"}}}, into(out));
        REQUIRE((out && *out));
        CHECK((std::string(name) == "groups" ? (*out)->groups : (*out)->attributes.at("tenant")) == two);
    }
    CHECK(error_of(keys({"groups", Value{bad}})) ==
          "keys[0].groups[1]: a group must have 1 to 200 bytes and no control characters");
    CHECK(error_of(keys({"attributes", Value{Table{{Entry{"t", Value{bad}}}}}})) ==
          "keys[0].attributes.\"t\"[1]: the value of an attribute must have 1 to 200 bytes and no control "
          "characters");
    CHECK(
        error_of(keys({"attributes", Value{Table{{Entry{"", Value{two}}}}}})) ==
        "keys[0].attributes.\"\": the name of an attribute must have 1 to 200 bytes and no control characters");
}

TEST_CASE("a pattern that matches no model or looks like another pattern is rejected at its key") {
    CHECK(error_of(limited({})) ==
          "keys[0].models: the list is empty, so that the key would allow no model; remove it to allow "
          "all models");
    CHECK(
        error_of(limited({"gpt-5", ""})) ==
        "keys[0].models[1]: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    for (const char* pattern : {"*-mini", "oci/*/x", "**", "a*b*"})
        CHECK(
            error_of(limited({pattern})) ==
            "keys[0].models[0]: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
}
