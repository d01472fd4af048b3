// SPDX-License-Identifier: Apache-2.0
// Requests about files, vector stores and containers: which paths pass, and what the provider gets.
#include "plugins/dialect/openai/stored_objects.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace gatehouse;
using openai_dialect::parse_stored_object;

namespace {

Result<RawRequest> parse(std::string_view path, std::string query = "", std::string type = "",
                         std::string method = "GET") {
    http::RequestHead head{.method = std::move(method), .query = std::move(query)};
    if (!type.empty()) head.headers.add("content-type", type);
    return parse_stored_object(head, "files", path, type.empty() ? "" : "bytes", "objects");
}

}  // namespace

TEST_CASE("a request about a stored object passes as it is") {
    const auto request =
        parse("/file-1/content", "limit=2&after=a%20b", "multipart/form-data; boundary=x", "POST");
    REQUIRE(request);
    CHECK(request->stored);
    CHECK(request->operation == "files");
    CHECK(request->path == "/file-1/content");
    CHECK(request->query == "limit=2&after=a%20b");
    CHECK(request->method == "POST");
    CHECK(request->content_type == "multipart/form-data; boundary=x");
    CHECK(request->body == "bytes");
    CHECK(request->model == "objects");
    CHECK(parse("")->path.empty());
    CHECK(parse("")->content_type.empty());
}

TEST_CASE("a path that could leave the objects, or that no object can have, is not found") {
    for (const char* path : {"/", "//", "/a/", "/a//b", "/.", "/..", "/a/..", "/a/../b", "/%2e%2e", "/a%2Fb",
                             "/a b", "/a;b", "/a?b", "/a#b", "/a\\b", "/\xC3\xA4", "/a\nb", "/a:b", "/a@b"}) {
        CAPTURE(path);
        const auto request = parse(path);
        REQUIRE_FALSE(request);
        CHECK(request.error().kind == ErrorKind::not_found);
    }
    CHECK(parse("/" + std::string(511, 'a')));
    CHECK_FALSE(parse("/" + std::string(512, 'a')));
}

TEST_CASE("a query and a content-type have bounds") {
    CHECK(parse("", std::string(2'000, 'a')));
    for (const std::string& query : {std::string(2'001, 'a'), std::string("a b"), std::string("a\x01"),
                                     std::string("a#b"), std::string("\xC3\xA4")}) {
        const auto request = parse("", query);
        REQUIRE_FALSE(request);
        CHECK(request.error().kind == ErrorKind::bad_request);
    }
    CHECK_FALSE(parse_stored_object({.method = "POST"}, "files", "", "bytes", "objects"));
    CHECK(parse("", "", std::string(200, 'a')));
    CHECK_FALSE(parse("", "", std::string(201, 'a')));
}
