// SPDX-License-Identifier: Apache-2.0
// The admin resources of a configuration: their names are unique, and their methods are valid.
#include "core/instances/admin_resources.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

struct Offering final : Plugin, AdminResource {
    AdminResource* admin() override { return offers ? this : nullptr; }
    std::string name() const override { return given; }
    std::vector<AdminMethod> methods() const override {
        if (given == "throws") throw std::runtime_error("no methods today");
        return all;
    }
    void handle(AdminRequest, Completion<http::Response> done) override { done(http::Response{}); }

    bool offers = true;
    std::string given = "costs";
    std::vector<AdminMethod> all = {{"GET", "read", "Costs."}};
};

}  // namespace

TEST_CASE("a resource is found under its name; a plugin without one adds none") {
    AdminResources all;
    Offering one, none;
    none.offers = false;
    CHECK(add_resource(all, "hook", "a", one));
    CHECK(add_resource(all, "store", "b", none));
    REQUIRE(all.size() == 1);
    CHECK(all.begin()->first == "costs");
    CHECK(all.begin()->second.instance == "a");
    CHECK(all.begin()->second.resource == &one);
    const auto again = add_resource(all, "store", "c", one);
    REQUIRE(!again);
    CHECK(again.error().message ==
          "[store.c] offers the admin resource \"costs\", as [hook.a] does: give one of them another name");
}

TEST_CASE("an invalid name or method is an error with its instance") {
    const std::string begin = "[hook.b] offers the admin resource \"costs\", which is invalid: ";
    auto error_of = [](const std::string& name, std::vector<AdminMethod> methods) {
        AdminResources all;
        Offering plugin;
        plugin.given = name;
        plugin.all = std::move(methods);
        const auto added = add_resource(all, "hook", "b", plugin);
        return added ? std::string() : added.error().message;
    };
    const AdminMethod get{"GET", "read", ""};
    CHECK(error_of("costs-2_b", {get}).empty());
    for (const std::string name : {"", "Costs", "a/b", "a b", "\xc3\xa9"})
        CHECK(error_of(name, {get})
                  .find("which is invalid: its name has lower-case letters, digits, \"_\" and "
                        "\"-\", and at most 64 of them") != std::string::npos);
    CHECK(error_of("costs", {}) == begin + "it needs at least one method");
    CHECK(error_of("costs", {get, get}) == begin + "it has the method GET twice");
    CHECK(error_of("costs", {{"get", "read", ""}}) ==
          begin + "a method is GET, POST, PUT, PATCH or DELETE, not \"get\"");
    CHECK(error_of("costs", {{"GET", "", ""}}) ==
          begin + "the right for GET is a word such as \"read\" or \"operate\", not \"\"");
    CHECK(error_of("throws", {}).find("no methods today") != std::string::npos);
}
