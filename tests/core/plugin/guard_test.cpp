// SPDX-License-Identifier: Apache-2.0
// The caller receives a Result for every return value and exception of a plugin.
#include "core/plugin/guard.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

struct Silent : std::exception {
    const char* what() const noexcept override { return nullptr; }
};

template <typename T>
T thrower() {
    throw std::runtime_error("broken");
}

}  // namespace

TEST_CASE("a returned value becomes a Result with the value") {
    static_assert(std::is_same_v<decltype(guard("p", [] { return 5; })), Result<int>>);
    static_assert(
        std::is_same_v<decltype(guard("p", [] { return std::vector<int>{}; })), Result<std::vector<int>>>);
    static_assert(std::is_same_v<decltype(guard("p", [] {})), Result<void>>);
    CHECK(*guard("p", [] { return 5; }) == 5);
    CHECK(*guard("p", [] { return std::string("text"); }) == "text");
    CHECK(*guard("p", [] { return true; }));
    CHECK(bool(guard("p", [] {})));
}

TEST_CASE("a Result passes as it is") {
    static_assert(std::is_same_v<decltype(guard("p", [] { return Result<int>(5); })), Result<int>>);
    CHECK(*guard("p", [] { return Result<int>(5); }) == 5);
    const auto failed = guard("p", [] { return Result<int>(Error{ErrorKind::not_found, "no such thing"}); });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == ErrorKind::not_found);
    CHECK(failed.error().message == "no such thing");
    CHECK_FALSE(guard("p", [] { return Result<void>(Error{ErrorKind::upstream, "down"}); }));
    CHECK_FALSE((*guard("p", [] { return Result<std::optional<int>>(std::nullopt); })).has_value());
}

TEST_CASE("a move-only value is moved") {
    auto owner = guard("p", [] { return std::make_unique<int>(5); });
    REQUIRE(owner);
    CHECK(**owner == 5);
    auto inside = guard("p", [] { return Result<std::unique_ptr<int>>(std::make_unique<int>(6)); });
    REQUIRE(inside);
    CHECK(**inside == 6);
}

TEST_CASE("a null pointer where an object was due is an error") {
    for (const auto& failed : {guard("greeter", [] { return std::unique_ptr<int>(); }), guard("greeter", [] {
                                   return Result<std::unique_ptr<int>>(std::unique_ptr<int>());
                               })}) {
        REQUIRE_FALSE(failed);
        CHECK(failed.error().kind == ErrorKind::internal);
        CHECK(failed.error().detail == "greeter: returned nothing where an object was due");
    }
}

TEST_CASE("an exception becomes an internal error that reveals no detail to the client") {
    auto check = [](const auto& result) {
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::internal);
        CHECK(result.error().message == "internal error");
        CHECK(result.error().detail == "greeter: broken");
    };
    check(guard("greeter", [] { return thrower<int>(); }));
    check(guard("greeter", [] { thrower<void>(); }));
    check(guard("greeter", [] { return thrower<Result<int>>(); }));
    check(guard("greeter", [] { return thrower<Result<void>>(); }));
    check(guard("greeter", [] { return thrower<std::unique_ptr<int>>(); }));
    check(guard("greeter", [] { return thrower<std::vector<std::string>>(); }));
    const std::function<void()> task = [] { thrower<void>(); };
    check(guard("greeter", task));
}

TEST_CASE("an exception that is not a std::exception or has no text is caught too") {
    CHECK(guard("p", [] { throw 5; }).error().detail == "p: threw an object that is not a std::exception");
    CHECK(guard("p", [] { throw Silent(); }).error().detail == "p: threw an exception without a text");
    CHECK(guard("p", [] { throw std::runtime_error(std::string(100'000, 'x')); }).error().detail.size() <
          2100);
}
