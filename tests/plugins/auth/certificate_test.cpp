// SPDX-License-Identifier: Apache-2.0
// The authenticator as the core uses it, and the parser of a subject.
#include "plugins/auth/certificate/subject.hpp"

#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::certificate;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Rule = std::vector<std::pair<std::string, std::string>>;

Table config(const std::vector<Rule>& rules, const std::string& prefix = {}) {
    std::vector<Table> list;
    for (const Rule& rule : rules) {
        Table& table = list.emplace_back();
        for (const auto& [key, value] : rule)
            table.entries.push_back(key == "models" || key == "groups"
                                        ? Entry{key, Value{std::vector<std::string>(1, value)}}
                                        : Entry{key, Value{value}});
    }
    Table all{{Entry{"clients", Value{list}}}};
    if (!prefix.empty()) all.entries.push_back({"name_prefix", Value{prefix}});
    return all;
}

FakeHost host;

/// The client's name under these rules, or the detail of the error.
std::string who(const Table& config, const std::string& subject, std::vector<std::string> names = {}) {
    auto made = gatehouse_plugin.create(FakeConfig(config), host);
    if (!made) FAIL(made.error().message);
    const std::unique_ptr<Authenticator> instance(static_cast<Authenticator*>(made->release()));
    http::RequestHead head;
    head.certificate = subject;
    head.certificate_names = std::move(names);
    std::optional<Result<Identity>> out;
    instance->authenticate(head, into(out));
    REQUIRE(out);
    if (!*out) {
        CHECK(out->error().kind == ErrorKind::unauthenticated);
        CHECK(out->error().message == "the client certificate is missing or not allowed");
        return "not: " + out->error().detail;
    }
    std::string text = (**out).name;
    for (const std::string& model : (**out).models) text += " " + model;
    for (const std::string& group : (**out).groups) text += " in " + group;
    return text;
}

std::string error(const std::vector<Rule>& rules, const std::string& prefix = {}) {
    auto made = gatehouse_plugin.create(FakeConfig(config(rules, prefix)), host);
    return made ? "" : made.error().message;
}

}  // namespace

TEST_CASE("the first matching rule gives the client's name and models") {
    const Table rules = config({{{"common_name", "openclaw"}, {"name", "claw"}, {"models", "gpt-5"}},
                                {{"subject", "CN=*,OU=CI,O=Example"}, {"models", "oci/*"}},
                                {{"common_name", "*.agents.example"}, {"subject", "*,O=Example"}}},
                               "tls:");
    CHECK(who(rules, "CN=openclaw,O=Anybody") == "claw gpt-5");
    CHECK(who(rules, "CN=openclaw,OU=CI,O=Example") == "claw gpt-5");
    CHECK(who(rules, "CN=runner,OU=CI,O=Example") == "tls:runner oci/*");
    CHECK(who(rules, "CN=a.agents.example,O=Example") == "tls:a.agents.example");
    CHECK(who(rules, "CN=a.agents.example,O=Other") == "not: no rule matches CN=a.agents.example,O=Other");
    CHECK(who(rules, "CN=OpenClaw") == "not: no rule matches CN=OpenClaw");
    CHECK(who(rules, "O=openclaw") == "not: no rule matches O=openclaw");
    CHECK(who(rules, "") == "not: the client sent no certificate");
}

TEST_CASE("a rule gives groups to its client") {
    CHECK(who(config({{{"common_name", "a"}, {"groups", "red"}}}), "CN=a") == "a in red");
    CHECK(error({{{"common_name", "a"}, {"groups", ""}}}) ==
          "clients[0].groups[0]: a group must have 1 to 200 bytes and no control characters");
}

TEST_CASE("a rule may require an alternative name, which becomes the client's name") {
    const Table rules = config({{{"alternative_name", "URI:spiffe://example.org/*"}, {"models", "gpt-5"}},
                                {{"common_name", "agent"}, {"alternative_name", "DNS:*.example"}},
                                {{"alternative_name", "email:*"}, {"name", "mail"}}},
                               "tls:");
    const std::string spiffe = "URI:spiffe://example.org/agent";
    CHECK(who(rules, "", {spiffe}) == "tls:spiffe://example.org/agent gpt-5");
    CHECK(who(rules, "CN=agent", {"IP:192.0.2.7", spiffe}) == "tls:spiffe://example.org/agent gpt-5");
    CHECK(who(rules, "CN=agent", {"DNS:a.other", "DNS:a.example", "DNS:b.example"}) == "tls:a.example");
    CHECK(who(rules, "CN=other", {"DNS:a.example"}) == "not: no rule matches CN=other DNS:a.example");
    CHECK(who(rules, "", {"DNS:a.example", "IP:::1"}) == "not: no rule matches DNS:a.example IP:::1");
    CHECK(who(rules, "CN=agent", {}) == "not: no rule matches CN=agent");
    CHECK(who(rules, "CN=spiffe://example.org/agent", {"DNS:spiffe://example.org/agent"}) ==
          "not: no rule matches CN=spiffe://example.org/agent DNS:spiffe://example.org/agent");
    CHECK(who(rules, "", {"email:" + std::string(65, 'x')}) == "mail");
    CHECK(who(rules, "", {"URI:spiffe://example.org/" + std::string(64, 'x')}) ==
          "not: its alternative name is too long for a client's name; give the rule a name");
    CHECK(who(rules, "", {}) == "not: the client sent no certificate");
}

TEST_CASE("a rule gives a name to a certificate whose own name is not usable") {
    const Table any = config({{{"subject", "*"}}}),
                named = config({{{"subject", "*"}, {"name", "somebody"}}});
    const std::string no_name =
        "not: its CN cannot be a name: it is missing, repeated, empty or too long, or has blanks";
    for (const std::string& subject : {std::string("O=Example"), std::string("CN=a,CN=b"), std::string("CN="),
                                       std::string("CN=John Doe"), "CN=" + std::string(65, 'x')}) {
        CHECK(who(any, subject) == no_name);
        CHECK(who(named, subject) == "somebody");
    }
    CHECK(who(any, "CN=a\\,CN=b,O=x") == "a\\,CN=b");
}

TEST_CASE("the CN is found despite escapes, and several CNs count as no CN") {
    CHECK(common_name("CN=a,O=b") == "a");
    CHECK(common_name("O=b,CN=a") == "a");
    CHECK(common_name("UID=1+CN=a,O=b") == "a");
    CHECK(common_name("CN=a\\,b\\+c\\\\,O=d") == "a\\,b\\+c\\\\");
    CHECK(common_name("O=x\\,CN=evil") == std::nullopt);
    CHECK(common_name("O=x\\\\,CN=good") == "good");
    CHECK(common_name("CN=a+CN=b") == std::nullopt);
    CHECK(common_name("cn=a") == std::nullopt);
    CHECK(common_name("") == std::nullopt);
    CHECK(common_name("CN=\\") == "\\");
}

TEST_CASE("a pattern must match the whole text, and each star matches any part of it") {
    CHECK(fits("abc", "abc"));
    CHECK_FALSE(fits("abc", "abcd"));
    CHECK_FALSE(fits("abc", "xabc"));
    CHECK(fits("*", ""));
    CHECK(fits("a*", "a"));
    CHECK(fits("*.example", "a.b.example"));
    CHECK_FALSE(fits("*.example", "example"));
    CHECK_FALSE(fits("*.example", "a.example.evil"));
    CHECK(fits("a*c*e", "abcde"));
    CHECK(fits("a**e", "ae"));
    CHECK_FALSE(fits("ab*ba", "aba"));
    CHECK_FALSE(fits("a*b*b", "ab"));
    CHECK(fits("CN=*,O=x,*", "CN=a,O=x,C=y"));
    CHECK(fits(std::string(50, '*'), std::string(100'000, 'x')));
}

TEST_CASE("rules that match no client are rejected at their key") {
    CHECK(error({}).ends_with("no clients; give at least one rule, such as [{ common_name = \"...\" }]"));
    CHECK(error({{{"name", "a"}}})
              .ends_with("the rule matches no certificate; give common_name, subject or alternative_name, or "
                         "\"*\" for any"));
    for (const char* pattern : {"", "*", "agent.example", "DNS:", "dns:agent.example", "IP Address:::1"})
        CHECK(
            error({{{"alternative_name", pattern}}})
                .ends_with("expected a kind of name and a name, such as \"DNS:agent.example\"; the kinds are "
                           "DNS:, URI:, email: and IP:"));
    CHECK(error({{{"alternative_name", "DNS:Agent.example"}}})
              .ends_with("host names are compared in lower case; write this name in lower case"));
    CHECK(error({{{"common_name", ""}}})
              .ends_with("the CN is empty and matches no certificate; use \"*\" for any CN"));
    CHECK(error({{{"subject", ""}}})
              .ends_with("the subject is empty and matches no certificate; use \"*\" for any subject"));
    CHECK(error({{{"subject", "*"}, {"name", "a b"}}})
              .ends_with("a name must have 1 to 64 visible ASCII characters and no blanks"));
    CHECK(
        error({{{"subject", "*"}, {"models", "a*b"}}})
            .ends_with("must be a name, or a prefix with a star at its end; \"*\" alone matches every name"));
    CHECK(error({{{"subject", "*"}}}, "a\n")
              .ends_with("name_prefix must have at most 64 visible ASCII characters and no blanks"));
    CHECK(error({{{"subject", "*"}}}) == "");
}
