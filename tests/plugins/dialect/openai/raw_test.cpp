// SPDX-License-Identifier: Apache-2.0
// Moderations, images and speech: only the model is read, and the response passes unchanged.
#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;
using gatehouse::test::Json;

namespace {

struct RawFixture {
    gatehouse::testing::FakeHost host;
    OpenAi dialect{Options{}, host};

    Result<Parsed> post(const std::string& path, std::string body,
                        http::Headers headers = {{"content-type", "application/json"}}) {
        return dialect.parse({.method = "POST", .path = path, .headers = std::move(headers)},
                             std::move(body));
    }
};

}  // namespace

TEST_CASE_FIXTURE(RawFixture, "the dialect names the operation by its path and keeps the body") {
    for (const std::string operation : {"moderations", "images/generations", "audio/speech"}) {
        const std::string body = R"({"model":"m","input":[1.50,{"x":"\u00e9"}]})";
        auto parsed = post("/v1/" + operation, body);
        REQUIRE(parsed);
        const auto& request = std::get<RawRequest>(parsed->operation);
        CHECK(request.operation == operation);
        CHECK(request.model == "m");
        CHECK(request.body == body);
        CHECK(request.content_type == "application/json");
        CHECK(model_of(parsed->operation) == "m");
    }
}

TEST_CASE_FIXTURE(RawFixture, "only a moderation may omit its model") {
    auto moderation = post("/v1/moderations", R"({"input":"a"})");
    REQUIRE(moderation);
    CHECK(model_of(moderation->operation) == "omni-moderation-latest");
    auto image = post("/v1/images/generations", R"({"prompt":"a"})");
    REQUIRE(!image);
    CHECK(image.error().param == "model");
    for (const std::string body : {"", "[]", "{", R"({"model":7})", R"({"model":""})"}) {
        auto refused = post("/v1/images/generations", body);
        REQUIRE(!refused);
        CHECK(refused.error().kind == ErrorKind::bad_request);
    }
    auto form = post("/v1/audio/speech", "a=b", {{"content-type", "multipart/form-data; boundary=x"}});
    REQUIRE(!form);
    CHECK(form.error().status == 415);
}

TEST_CASE_FIXTURE(RawFixture, "the response has the upstream's content type and bytes") {
    auto parsed = post("/v1/audio/speech", R"({"model":"m","input":"a"})");
    REQUIRE(parsed);
    auto formatter = parsed->formatter();
    std::string out;
    const std::string sound("\x00\xff\r\n", 4);
    formatter->event(RawBytes{"audio/mpeg", sound.substr(0, 2)}, out);
    formatter->event(RawBytes{"", sound.substr(2)}, out);
    formatter->end(out);
    CHECK(!formatter->streams());
    CHECK(formatter->head().status == 200);
    CHECK(formatter->head().headers.get("content-type") == "audio/mpeg");
    CHECK(out == sound);
}

TEST_CASE_FIXTURE(RawFixture, "a failed operation is an error in OpenAI's form") {
    auto parsed = post("/v1/audio/speech", R"({"model":"m","input":"a"})");
    REQUIRE(parsed);
    auto formatter = parsed->formatter();
    std::string out;
    formatter->error({ErrorKind::rate_limited, "slow down"}, out);
    CHECK(formatter->head().status == 429);
    CHECK(formatter->head().headers.get("content-type") == "application/json");
    CHECK(Json::parse(out)["error"]["message"] == "Slow down.");
}
