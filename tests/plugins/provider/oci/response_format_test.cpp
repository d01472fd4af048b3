// SPDX-License-Identifier: Apache-2.0
// Response formats and other words of newer clients.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

using Kind = ResponseFormat::Kind;

const char* const generic = "meta.llama-3.3-70b-instruct";
const char* const v1 = "cohere.command-a-03-2025";
const char* const v2 = "cohere.command-a-reasoning-08-2025";
const char* const schema = R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})";

ChatRequest with_format(const char* model, ResponseFormat format) {
    ChatRequest request = ask(model);
    request.response_format = std::move(format);
    return request;
}
ChatRequest json_object(const char* model, const std::string& extra) {
    return with_format(model, {.kind = Kind::json_object, .extra = {extra}});
}
Json format_sent(const ChatRequest& request) {
    Bench bench;
    return chat_sent(bench.provider, request).at("responseFormat");
}

}  // namespace

TEST_CASE("the schema next to json_object is sent as that of a JSON schema") {
    const std::string extra = std::string(R"({"schema":)") + schema + "}";
    const Json expected = Json::parse(schema);
    CHECK(format_sent(json_object(generic, extra)) ==
          Json{{"type", "JSON_SCHEMA"}, {"jsonSchema", {{"name", "response"}, {"schema", expected}}}});
    for (const char* model : {v1, v2})
        CHECK(format_sent(json_object(model, extra)) == Json{{"type", "JSON_OBJECT"}, {"schema", expected}});
    for (const char* model : {generic, v1, v2})
        for (const char* none : {"", "{}", R"({"schema":null})", R"({"schema":"a"})", R"({"other":{}})"})
            CHECK(format_sent(json_object(model, none)) == Json{{"type", "JSON_OBJECT"}});
}

TEST_CASE("an error in the schema next to json_object names it") {
    for (const char* model : {generic, v1, v2}) {
        Bench bench;
        const Error error =
            refused(bench.provider, json_object(model, R"({"schema":{"$ref":"#/$defs/missing"}})"));
        CHECK(error.param == "response_format.schema");
        CHECK(error.kind != ErrorKind::internal);
    }
}

TEST_CASE("a response format of another type is unsupported, and the message says what OCI has") {
    const ResponseFormat other = {.kind = Kind::other,
                                  .json = {R"({"type":"grammar","grammar":"root ::= x"})"}};
    for (const char* model : {generic, v1, v2}) {
        Bench bench;
        const Error error = refused(bench.provider, with_format(model, other));
        CHECK(error.kind == ErrorKind::unsupported);
        CHECK(error.param == "response_format.type");
        CHECK(error.message ==
              "OCI does not support the response_format.type \"grammar\": use \"text\", \"json_object\" or "
              "\"json_schema\"");
    }
    Bench bench;
    CHECK(refused(bench.provider, with_format(generic, {.kind = Kind::other, .json = {"7"}})).message ==
          "OCI does not support this response_format.type: use \"text\", \"json_object\" or \"json_schema\"");
}

TEST_CASE("a format of another type is left out for a model that has no formats") {
    Options given = options();
    given.models[generic].drop = {"response_format"};
    Bench bench(given);
    CHECK(!chat_sent(bench.provider, with_format(generic, {.kind = Kind::other, .json = {R"({"type":"x"})"}}))
               .contains("responseFormat"));
}

TEST_CASE("unknown words for an image's detail are left out") {
    for (const char* model : {generic, v2})
        for (const char* detail : {"original", "Highest", ""}) {
            CAPTURE(detail);
            Bench bench;
            ChatRequest request = ask(model);
            request.messages[0].parts = {Image{"https://example.com/a.png", detail}};
            CHECK(chat_sent(bench.provider, request)["messages"][0]["content"][0]["imageUrl"] ==
                  Json{{"url", "https://example.com/a.png"}});
        }
}

TEST_CASE("token ids as the input of embeddings are unsupported") {
    Bench bench;
    EmbeddingRequest request;
    request.model = "cohere.embed-v4.0";
    request.tokens = {{"[1,2]"}, {"[3]"}};
    const auto exchange = bench.provider.embed(request);
    REQUIRE(!exchange);
    CHECK(exchange.error().kind == ErrorKind::unsupported);
    CHECK(exchange.error().message == "OCI does not accept token ids: send the texts");
    CHECK(exchange.error().param == "input");
}
