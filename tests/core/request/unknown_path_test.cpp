// SPDX-License-Identifier: Apache-2.0
// The error for a path that no dialect serves.
#include "core/request/unknown_path.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

struct Silent final : Dialect {
    std::vector<Endpoint> endpoints() const override { return {}; }
    Result<Parsed> parse(const http::RequestHead&, std::string) override { return Error{}; }
    http::Response error(const Error&) const override { return {}; }
};

struct Paths {
    Silent silent;
    Routing routing{{{"openai",
                      &silent,
                      {{"POST", "/v1/chat/completions"},
                       {"POST", "/v2/rerank"},
                       {"GET", "/v1/models"},
                       {"GET", "/v1/models/*"}}},
                     {"anthropic", &silent, {{"POST", "/v1/messages"}, {"GET", "/v1/models", "version"}}}}};

    UnknownPath at(std::string path, std::string method = "POST", http::Headers headers = {}) {
        return unknown_path(routing, {.method = method, .path = path, .headers = headers});
    }
    std::string message(const std::string& path, const std::string& method = "POST") {
        return at(path, method).error.message;
    }
};

}  // namespace

TEST_CASE("a path without /v1 names the path that exists, and the end of the base URL") {
    Paths paths;
    const std::string base = " The base URL of the client must end in /v1";
    CHECK(paths.message("/chat/completions") ==
          "no endpoint at /chat/completions; did you mean POST /v1/chat/completions?" + base);
    CHECK(paths.message("//chat/completions") ==
          "no endpoint at //chat/completions; did you mean POST /v1/chat/completions?" + base);
    CHECK(paths.message("/models", "GET") == "no endpoint at /models; did you mean GET /v1/models?" + base);
    CHECK(paths.message("/models", "HEAD") == "no endpoint at /models; did you mean HEAD /v1/models?" + base);
    CHECK(paths.message("/models/a/b", "GET") ==
          "no endpoint at /models/a/b; did you mean GET /v1/models/a/b?" + base);
    CHECK(paths.message("/chat/completions", "GET") ==
          "no endpoint at /chat/completions; did you mean POST /v1/chat/completions?" + base);
    CHECK(paths.message("/v1/v1/messages") ==
          "no endpoint at /v1/v1/messages; did you mean POST /v1/messages? The path contains /v1 twice: "
          "remove it from the base URL");
}

TEST_CASE("a path near another one names that, and another path only itself") {
    Paths paths;
    CHECK(paths.message("/v1/chat/completion") ==
          "no endpoint at /v1/chat/completion; did you mean POST /v1/chat/completions?");
    CHECK(paths.message("/rerank") == "no endpoint at /rerank; did you mean POST /v2/rerank?");
    CHECK(paths.message("/v1/images/edits") == "no endpoint at /v1/images/edits");
    CHECK(paths.message("/", "GET") == "no endpoint at /");
    CHECK(paths.at("/v1/images/edits").error.kind == ErrorKind::not_found);
}

TEST_CASE("the error has the form of the dialect that is meant") {
    Paths paths;
    CHECK(paths.at("/messages").dialect->name == "anthropic");
    CHECK(paths.at("/v1/v1/messages").dialect->name == "anthropic");
    CHECK(paths.at("/v1/mesages").dialect->name == "anthropic");
    CHECK(paths.at("/messages", "GET").dialect->name == "anthropic");
    CHECK(paths.at("/chat/completions").dialect->name == "openai");
    CHECK(paths.at("/models", "GET", {{"version", "1"}}).dialect->name == "anthropic");
    CHECK(!paths.at("/favicon.ico").dialect);
}

TEST_CASE("the message has no long or invisible part of a path, and the log has no path twice") {
    Paths paths;
    const std::string key = "sk-0123456789abcdef0123456789abcdef";
    CHECK(paths.message("/x/" + key + "/y") == "no endpoint at /x/.../y");
    CHECK(paths.message("/models/" + key, "GET").find(key) == std::string::npos);
    CHECK(paths.message("/a\xff\x01'b") == "no endpoint at /a?\?'b");
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "/abcdefgh";
    CHECK(paths.message(deep).size() < 130);
    CHECK(paths.message(std::string(100'000, '/')).size() < 130);
    CHECK(paths.at("/x/secret").error.detail == "no endpoint at this path");
    CHECK(paths.at("/chat/completions").error.detail.starts_with("no endpoint at this path; did you mean"));
}
