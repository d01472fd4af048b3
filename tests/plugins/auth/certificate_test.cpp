// SPDX-License-Identifier: Apache-2.0
// The authenticator as the core sees it, and how it reads a subject.
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
            table.entries.push_back(key == "models" ? Entry{key, Value{std::vector<std::string>(1, value)}}
                                                    : Entry{key, Value{value}});
    }
    Table all{{Entry{"clients", Value{list}}}};
    if (!prefix.empty()) all.entries.push_back({"name_prefix", Value{prefix}});
    return all;
}

FakeHost host;

/// Who is let in under these rules, and as whom; the detail of the error otherwise.
std::string who(const Table& config, const std::string& subject) {
    auto made = gatehouse_plugin.create(FakeConfig(config), host);
    if (!made) FAIL(made.error().message);
    const std::unique_ptr<Authenticator> door(static_cast<Authenticator*>(made->release()));
    http::RequestHead head;
    head.certificate = subject;
    std::optional<Result<Identity>> out;
    door->authenticate(head, into(out));
    REQUIRE(out);
    if (!*out) {
        CHECK(out->error().kind == ErrorKind::unauthenticated);
        CHECK(out->error().message == "the client certificate is missing or not allowed");
        return "not: " + out->error().detail;
    }
    std::string text = (**out).name;
    for (const std::string& model : (**out).models) text += " " + model;
    return text;
}

std::string error(const std::vector<Rule>& rules, const std::string& prefix = {}) {
    auto made = gatehouse_plugin.create(FakeConfig(config(rules, prefix)), host);
    return made ? "" : made.error().message;
}

}  // namespace

TEST_CASE("the first rule that fits decides who somebody is, and what they may name") {
    const Table rules = config({{{"common_name", "openclaw"}, {"name", "claw"}, {"models", "gpt-5"}},
                                {{"subject", "CN=*,OU=CI,O=Example"}, {"models", "oci/*"}},
                                {{"common_name", "*.agents.example"}, {"subject", "*,O=Example"}}},
                               "tls:");
    CHECK(who(rules, "CN=openclaw,O=Anybody") == "claw gpt-5");
    CHECK(who(rules, "CN=openclaw,OU=CI,O=Example") == "claw gpt-5");
    CHECK(who(rules, "CN=runner,OU=CI,O=Example") == "tls:runner oci/*");
    CHECK(who(rules, "CN=a.agents.example,O=Example") == "tls:a.agents.example");
    CHECK(who(rules, "CN=a.agents.example,O=Other") == "not: no rule fits CN=a.agents.example,O=Other");
    CHECK(who(rules, "CN=OpenClaw") == "not: no rule fits CN=OpenClaw");
    CHECK(who(rules, "O=openclaw") == "not: no rule fits O=openclaw");
    CHECK(who(rules, "") == "not: none was shown");
}

TEST_CASE("what can be no name needs one in its rule") {
    const Table any = config({{{"subject", "*"}}}),
                named = config({{{"subject", "*"}, {"name", "somebody"}}});
    const std::string no_name =
        "not: its CN can be no name: there are none or several, or it is empty, too long, or has blanks";
    for (const std::string& subject : {std::string("O=Example"), std::string("CN=a,CN=b"), std::string("CN="),
                                       std::string("CN=John Doe"), "CN=" + std::string(65, 'x')}) {
        CHECK(who(any, subject) == no_name);
        CHECK(who(named, subject) == "somebody");
    }
    CHECK(who(any, "CN=a\\,CN=b,O=x") == "a\\,CN=b");
}

TEST_CASE("a CN is found in its place, whatever is escaped, and several are none") {
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

TEST_CASE("a pattern covers the whole text, and each star any part of it") {
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

TEST_CASE("rules that let in nobody, or say nothing, are refused at their key") {
    CHECK(error({}).ends_with("no clients: nobody could come in; give [{ common_name = \"...\" }]"));
    CHECK(error({{{"name", "a"}}})
              .ends_with("whose certificate?  Give common_name or subject; \"*\" stands for any"));
    CHECK(error({{{"common_name", ""}}}).ends_with("an empty CN is nobody's; \"*\" stands for any"));
    CHECK(error({{{"subject", ""}}}).ends_with("an empty subject is nobody's; \"*\" stands for any"));
    CHECK(error({{{"subject", "*"}, {"name", "a b"}}})
              .ends_with("a name has 1 to 64 visible ASCII characters, no blanks"));
    CHECK(error({{{"subject", "*"}, {"models", "a*b"}}})
              .ends_with("a star may only stand at the end of a name, for any rest of it"));
    CHECK(error({{{"subject", "*"}}}, "a\n")
              .ends_with("a prefix has at most 64 visible ASCII characters, no blanks"));
    CHECK(error({{{"subject", "*"}}}) == "");
}
