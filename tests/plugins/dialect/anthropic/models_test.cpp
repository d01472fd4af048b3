// SPDX-License-Identifier: Apache-2.0
// Lists of models and counts of tokens.
#include "plugins/dialect/anthropic/models.hpp"
#include "plugins/dialect/anthropic/counts.hpp"
#include "tests/plugins/dialect/anthropic/helper.hpp"

#include <gatehouse/token_estimate.hpp>

using namespace gatehouse;
using namespace gatehouse::anthropic_dialect;
using namespace gatehouse::anthropic_dialect::testing;

namespace {

std::vector<Event> models(int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) events.push_back(ModelInfo{.id = "m" + std::to_string(i)});
    return events;
}

Json page(const std::string& query, int count) {
    Bench bench;
    auto result = bench.get("/v1/models", query);
    REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
    return Json::parse(answer(*result->formatter(), models(count)).body);
}

/// "m1-m3+": the first and the last id, and whether there are more.
std::string brief(const Json& json) {
    if (json["data"].empty()) return json["first_id"].is_null() && json["last_id"].is_null() ? "-" : "?";
    CHECK(json["data"][0]["id"] == json["first_id"]);
    CHECK(json["data"].back()["id"] == json["last_id"]);
    return json["first_id"].get<std::string>() + "-" + json["last_id"].get<std::string>() +
           (json["has_more"] == true ? "+" : "");
}

}  // namespace

// G1
TEST_CASE("the paths of models are for requests with the protocol's header") {
    Bench bench;
    int with_header = 0;
    for (const auto& endpoint : bench.dialect.endpoints()) {
        CHECK((endpoint.method == "GET") == (endpoint.header == "anthropic-version"));
        with_header += !endpoint.header.empty();
    }
    CHECK(with_header == 2);
    CHECK(bench.dialect.request_id_header() == "request-id");
}

TEST_CASE("a model, to the byte") {
    Bench bench;
    auto result = bench.get("/v1/models/a%2Fb");
    REQUIRE(result);
    CHECK(std::get<ModelsRequest>(result->operation).id == "a/b");
    CHECK(answer(*result->formatter(), {ModelInfo{.id = "a/b", .created = 1759104000, .context_window = 7}})
              .body ==
          R"({"type":"model","id":"a/b","display_name":"a/b","created_at":"2025-09-29T00:00:00Z",)"
          R"("max_input_tokens":7,"max_tokens":null})");
    const Answer missing = answer(*result->formatter(), {});
    CHECK(missing.head.status == 404);
    CHECK(Json::parse(missing.body)["error"]["type"] == "not_found_error");
}

TEST_CASE("pages of models") {
    CHECK(brief(page("", 3)) == "m0-m2");
    CHECK(brief(page("", 0)) == "-");
    CHECK(brief(page("", 25)) == "m0-m19+");
    CHECK(brief(page("limit=1000", 25)) == "m0-m24");
    CHECK(brief(page("limit=2&after_id=m1", 5)) == "m2-m3+");
    CHECK(brief(page("after_id=m4", 5)) == "-");
    CHECK(brief(page("limit=2&before_id=m3", 5)) == "m1-m2+");
    CHECK(brief(page("limit=2&before_id=m2", 5)) == "m0-m1");
    CHECK(brief(page("before_id=m0", 5)) == "-");
    CHECK(brief(page("after_id=zz&x=%41", 5)) == "-");
    Bench bench;
    for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=", "limit=1x", "limit"}) {
        auto result = bench.get("/v1/models", query);
        REQUIRE(!result);
        CHECK(result.error().message == "limit: must be an integer between 1 and 1000");
    }
    CHECK(page("", 1)["data"][0]["created_at"] == "1970-01-01T00:00:00Z");
}

// E3, E4, E6
TEST_CASE("counts of tokens") {
    auto count = [](bool estimates, const Event& event) {
        return answer(*count_formatter(estimates), {event});
    };
    const Answer exact = count(true, TokenCount{12});
    CHECK(exact.body == R"({"input_tokens":12})");
    CHECK(!exact.head.headers.has("x-gatehouse-estimate"));
    const Answer estimated = count(true, TokenCount{12, true});
    CHECK(estimated.body == R"({"input_tokens":12})");
    CHECK(estimated.head.headers.get("x-gatehouse-estimate") == "true");
    const Answer off = count(false, TokenCount{12, true});
    CHECK(off.head.status == 404);
    CHECK(Json::parse(off.body)["error"]["type"] == "not_found_error");
    CHECK(count(false, TokenCount{12}).head.status == 200);
    CHECK(count(true, BlockEnd{}).head.status == 502);
}

TEST_CASE("the estimate counts system, tools, results and images, and never base64") {
    auto tokens = [](const std::string& body) { return estimated_tokens(request(body)); };
    const std::int64_t least = tokens(with(""));
    CHECK(least >= 1);
    CHECK(least <= 10);
    CHECK(tokens(with(R"("system":")" + std::string(4000, 'a') + R"(")")) >= least + 1000);
    const std::string schema = R"({"type":"object","x":")" + std::string(3000, 'a') + R"("})";
    CHECK(tokens(with(R"("tools":[{"name":"f","input_schema":)" + schema + "}]")) >= least + 1000);
    const std::string image =
        R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
        std::string(400'000, 'A') + R"("}}]}])";
    CHECK(tokens(messages(image)) >= 1600);
    CHECK(tokens(messages(image)) < 1700);
    const std::string result =
        R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":")" +
        std::string(4000, 'b') + R"("}]}])";
    CHECK(tokens(messages(result)) >= 1000);
    std::int64_t last = 0;
    for (std::size_t size = 0; size < 2000; size += 100) {
        const std::int64_t now =
            tokens(messages(R"([{"role":"user","content":")" + std::string(size, 'x') + R"("}])"));
        CHECK(now >= last);
        last = now;
    }
}
