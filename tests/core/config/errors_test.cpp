// SPDX-License-Identifier: Apache-2.0
// Every mistake in a configuration has its exact message: tests/data/config/*_errors.txt.
#include "tests/core/config/errors.hpp"

#include <fstream>
#include <sstream>

using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

struct Case {
    std::string toml, expected;
};

std::vector<Case> cases_of(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/config/" + name);
    std::stringstream content;
    content << file.rdbuf();
    const std::string text = content.str();
    std::vector<Case> cases;
    for (std::size_t at = text.find("<<<\n"); at != std::string::npos;) {
        const std::size_t middle = text.find("\n>>>\n", at), next = text.find("\n<<<\n", middle);
        const std::size_t end = next == std::string::npos ? text.size() - 1 : next;
        cases.push_back({text.substr(at + 4, middle - at - 4), text.substr(middle + 5, end - middle - 5)});
        at = next == std::string::npos ? next : next + 1;
    }
    return cases;
}

/// `text` with the keys of route_timeouts.hpp for "{route timeouts}".
std::string with_route_timeouts(std::string text) {
    std::string keys;
    for (const auto& key : route_timeout_keys<RouteTimeouts>)
        keys += (keys.empty() ? "" : ", ") + std::string(key.name);
    const std::string mark = "{route timeouts}";
    if (const std::size_t at = text.find(mark); at != std::string::npos) text.replace(at, mark.size(), keys);
    return text;
}

void check_all(const std::string& name, std::size_t at_least) {
    const Variable unset("GATEHOUSE_TEST_UNSET", nullptr), empty("GATEHOUSE_TEST_EMPTY", "");
    const std::vector<Case> cases = cases_of(name);
    CHECK(cases.size() >= at_least);
    for (const Case& one : cases) {
        CAPTURE(one.toml);
        CHECK(error_of(one.toml) == with_route_timeouts(one.expected));
    }
}

}  // namespace

TEST_CASE("a mistake in the outline of a file has its exact message") { check_all("outline_errors.txt", 20); }

TEST_CASE("a mistake in a table of the core has its exact message") {
    check_all("core_tables_errors.txt", 30);
}

TEST_CASE("a mistake in the table of a plugin has its exact message") { check_all("values_errors.txt", 30); }

TEST_CASE("text that is not TOML has its exact message") { check_all("syntax_errors.txt", 15); }

TEST_CASE("no message shows a secret, wherever on its line the mistake is") {
    const std::string head = "[provider.p]\nuse = \"x\"\ntext = \"t\"\n";
    for (const char* line : {
             "pass = \"SECRET-1234\" x",
             "pass = SECRET-1234",
             "pass = 'SECRET-1234",
             "pass = \"\"\"SECRET-1234\\q\"\"\"",
             "pass \"SECRET-1234\"",
             "pass: SECRET-1234",
             "pass = [\"SECRET-1234\"]",
             "pass = { value = \"SECRET-1234\" }",
             "pass = \"file:/nowhere\" # was SECRET-1234",
             "pass = \"credential:nowhere\" # was SECRET-1234",
             "passs = \"SECRET-1234\"",
             "keys = [{ name = \"a\", key = \"SECRET-1234\", limit = \"x\" }]",
             "keys = [{ name = \"a\", key = 'SECRET-1234', limit = 1000 }]",
             "keys = [{ name = \"a\", kee = \"SECRET-1234\" }]",
             "keys = { name = \"a\", key = \"SECRET-1234\" }",
             "keys = \"SECRET-1234\"",
             "pass = 12345678901234567890123",
             "\"quoted\" = \"SECRET-1234\"",
             "pass = \"a\"\npass = \"SECRET-1234\"",
             "pass = \"a\"\nlist = [\"SECRET-1234\", 5]",
         }) {
        const std::string message = error_of(head + line);
        CAPTURE(line);
        CAPTURE(message);
        CHECK_FALSE(message.empty());
        CHECK(message.find("SECRET") == std::string::npos);
        CHECK(message.find("123456789012") == std::string::npos);
    }
}
