// SPDX-License-Identifier: Apache-2.0
// A signer that is asked about a refused request, and for which client it signs.
#include "tests/core/request/given.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;

namespace {

Scripted refused(int status, std::string body = "no") {
    return {.status = status, .pieces = {std::move(body)}, .headers = {{"x-reason", "expired"}}};
}
const Scripted fine = {.pieces = {"data: ok\n\ndata: FINISH\n\n"}};

}  // namespace

TEST_CASE("a signer is asked after 400, 401 and 403 with status, head and body, and may renew once") {
    for (const int status : {400, 401, 403}) {
        Given given;
        given.stamp.renews = true;
        given.upstream.script = {refused(status, "expired token"), fine};
        given.send("a hi");
        CHECK(given.client.answer == "ok.");
        CHECK(given.upstream.requests.at(1).headers.get("stamp") == "2");
        CHECK(given.stamp.seen ==
              std::vector<std::string>{std::to_string(status) + " expired expired token for tester"});
    }
}

TEST_CASE("a signer is not asked after other statuses") {
    for (const int status : {402, 404, 407, 422, 429}) {
        Given given;
        given.stamp.renews = true;
        given.upstream.script = {refused(status)};
        given.send("a hi");
        CHECK(given.stamp.seen.empty());
    }
}

TEST_CASE("a signer that says no leaves the upstream's error, and is asked again until it has said yes") {
    Given given;
    given.upstream.script = {refused(400, " amend"), refused(401), fine};
    given.stamp.renews_after = 1;
    given.send("a hi");
    CHECK(given.client.answer == "ok.");
    CHECK(given.stamp.rejections == 2);

    Given stubborn;
    stubborn.stamp.renews = true;
    stubborn.upstream.script = {refused(403), refused(403)};
    stubborn.send("a hi");
    CHECK(stubborn.status() == 502);
    CHECK(stubborn.stamp.rejections == 1);
}

TEST_CASE("a signer sees at most 8 KiB of a refusal") {
    Given given;
    given.upstream.script = {{.status = 403, .pieces = {std::string(5'000, 'x'), std::string(5'000, 'y')}}};
    given.send("a hi");
    REQUIRE(given.stamp.seen.size() == 1);
    CHECK(given.stamp.seen[0].size() == std::string("403   for tester").size() + 8 * 1024);
}

TEST_CASE("a signer knows the client, also if it completes after the client has left") {
    Given given;
    given.stamp.hold = true;
    given.send("a hi");
    CHECK(given.stamp.clients == std::vector<std::string>{"tester"});
    given.listener().on_gone();
    given.flow.reset();
    CHECK(given.stamp.last_who->name == "tester");  // the identity lives until the completion is called
    given.stamp.waiting.clear();
    given.loop.run();
}
