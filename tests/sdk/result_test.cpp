// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <vector>

using namespace gatehouse;

TEST_CASE("a result holds a value or an error") {
    Result<int> good = 7;
    REQUIRE(good);
    CHECK(*good == 7);
    Result<int> bad = Error{ErrorKind::timeout, "too late"};
    REQUIRE(!bad);
    CHECK(bad.error().message == "too late");
    Result<void> nothing;
    CHECK(nothing);
    Result<void> failed = Error{ErrorKind::timeout, "too late"};
    REQUIRE(!failed);
    CHECK(failed.error().kind == ErrorKind::timeout);
}

TEST_CASE("a value may be move-only, and a type that converts to it converts to the result") {
    Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
    REQUIRE(made);
    std::unique_ptr<int> taken = *std::move(made);
    CHECK(*taken == 3);
    Result<std::string> text = "a literal";
    CHECK(text->size() == 9);
    // An int, because g++ 12 warns at -O2 about unread members of a string.
    Result<std::optional<int>> none = std::nullopt;
    REQUIRE(none);
    CHECK(!none->has_value());
    Result<std::vector<int>> list = std::vector<int>{1, 2};
    CHECK((*std::as_const(list))[1] == 2);
}

TEST_CASE("false is a value, not a failure") {
    Result<bool> flag = false;
    REQUIRE(flag);
    CHECK(!*flag);
}

TEST_CASE("a result can be copied, and a value and an error can be assigned to each other") {
    Result<std::string> a = "x", b = Error{ErrorKind::internal, "e"};
    Result<std::string> copy = a;
    CHECK(*copy == "x");
    copy = b;
    CHECK(!copy);
    copy = a;
    CHECK(*copy == "x");
    CHECK(*a == "x");
}

TEST_CASE("the kind decides the status, unless the error names one") {
    const struct {
        ErrorKind kind;
        int status;
    } table[] = {
        {ErrorKind::bad_config, 500},      {ErrorKind::bad_request, 400},  {ErrorKind::context_length, 400},
        {ErrorKind::unauthenticated, 401}, {ErrorKind::forbidden, 403},    {ErrorKind::not_found, 404},
        {ErrorKind::conflict, 409},        {ErrorKind::too_large, 413},    {ErrorKind::unprocessable, 422},
        {ErrorKind::unsupported, 400},     {ErrorKind::rate_limited, 429}, {ErrorKind::upstream, 502},
        {ErrorKind::unavailable, 503},     {ErrorKind::timeout, 504},      {ErrorKind::internal, 500},
    };
    for (const auto& row : table) {
        CHECK(status_of(row.kind) == row.status);
        CHECK(status_of(Error{row.kind}) == row.status);
    }
    CHECK(status_of(Error{.kind = ErrorKind::bad_request, .status = 431}) == 431);
}
