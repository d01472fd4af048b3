// SPDX-License-Identifier: Apache-2.0
// Members that clients add to tools, parts and response formats, in the requests of the providers
// whose upstreams have other words for them.  tests/plugins/lossless/cases_test.cpp has
// provider/openai.
#include "tests/plugins/lossless/upstreams.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

/// The body that the upstream `name` receives.
Json received(std::string_view name, const std::string& members,
              const std::string& messages = R"([{"role":"user","content":"hi"}])") {
    const std::string body = R"({"model":"m","messages":)" + messages + members + "}";
    for (const Upstream& upstream : upstreams()) {
        if (upstream.name != name) continue;
        testing::FakeHost host;
        auto provider = upstream.make(host);
        const Json body_sent = Json::parse(sent(*provider, parse(body, upstream.model)));
        return name.starts_with("oci") ? body_sent.at("chatRequest") : body_sent;
    }
    FAIL(std::string(name));
    return {};
}

Json tool_in(const std::string& tool) {
    return received("anthropic", R"(,"tools":[)" + tool + "]").at("tools").at(0);
}

Json part_in(std::string_view upstream, const std::string& part) {
    return received(upstream, "", R"([{"role":"user","content":[)" + part + "]}]")
        .at("messages")
        .at(0)
        .at("content")
        .at(0);
}

const Json ephemeral = {{"type", "ephemeral"}};
const std::string schema = R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})";

}  // namespace

TEST_CASE("anthropic: members of a tool reach the upstream at the tool") {
    const std::string function = R"("function":{"name":"f","parameters":{"type":"object"}})";
    Json tool =
        tool_in(R"({"type":"function",)" + function + R"(,"cache_control":{"type":"ephemeral","ttl":"1h"}})");
    CHECK(tool["cache_control"] == Json{{"type", "ephemeral"}, {"ttl", "1h"}});
    tool = tool_in(
        R"({"type":"function","function":{"name":"f","parameters":{"type":"object"},"cache_control":{"type":"ephemeral"}}})");
    CHECK(tool["cache_control"] == ephemeral);
    tool = tool_in(R"({"type":"function",)" + function +
                   R"(,"defer_loading":true,"input_examples":[{"a":1.50}]})");
    CHECK(tool["defer_loading"] == true);
    CHECK(tool["input_examples"] == Json::parse(R"([{"a":1.5}])"));
    tool = tool_in(R"({"type":"custom","custom":{"name":"f"},"cache_control":{"type":"ephemeral"}})");
    CHECK(tool["cache_control"] == ephemeral);
    CHECK(tool["name"] == "f");
}

TEST_CASE("anthropic: members of a part reach the upstream at the block") {
    for (
        const char* part :
        {R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","uuid":"u"},"cache_control":{"type":"ephemeral"}})",
         R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","cache_control":{"type":"ephemeral"}}})",
         R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}})",
         R"({"type":"file","file":{"file_id":"f"},"cache_control":{"type":"ephemeral"}})"}) {
        CAPTURE(std::string(part));
        CHECK(part_in("anthropic", part)["cache_control"] == ephemeral);
    }
}

TEST_CASE("anthropic: a schema in any form of response_format is the answer's") {
    for (const std::string& format :
         {R"({"type":"json_object","schema":)" + schema + "}",
          R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + "}}",
          R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + R"(,"x":1},"y":2})",
          R"({"type":"json_object","x":{"a":1},"schema":)" + schema + "}"}) {
        CAPTURE(format);
        const Json body = received("anthropic", R"(,"response_format":)" + format);
        CHECK(body["output_config"]["format"]["schema"] == Json::parse(schema));
    }
}

TEST_CASE("OCI: members of tools and parts that OCI does not have are left out") {
    for (const char* upstream : {"oci GENERIC", "oci COHERE V2"}) {
        CAPTURE(std::string(upstream));
        const std::string function =
            R"("function":{"name":"f","parameters":{"type":"object","properties":{}}})";
        const Json plain = received(upstream, R"(,"tools":[{"type":"function",)" + function + "}]")["tools"];
        for (const char* more :
             {R"(,"cache_control":{"type":"ephemeral"})", R"(,"defer_loading":true)", R"(,"x":{"a":1.50})"}) {
            CAPTURE(std::string(more));
            CHECK(received(upstream, R"(,"tools":[{"type":"function",)" + function + more + "}]")["tools"] ==
                  plain);
        }
        const Json text = part_in(upstream, R"({"type":"text","text":"a"})");
        for (const char* more : {R"(,"cache_control":{"type":"ephemeral"})", R"(,"uuid":"u")", R"(,"x":[1])"})
            CHECK(part_in(upstream, R"({"type":"text","text":"a")" + std::string(more) + "}") == text);
    }
}

TEST_CASE("OCI: an image keeps its address and its detail, whatever is next to them") {
    const Json image =
        part_in("oci GENERIC",
                R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","detail":"high"}})");
    CHECK(image["imageUrl"]["url"] == "https://a.example/x.png");
    for (
        const char* part :
        {R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","detail":"high","uuid":"u"}})",
         R"({"type":"image_url","image_url":{"url":"https://a.example/x.png","detail":"high"},"cache_control":{"type":"ephemeral"}})",
         R"({"type":"image_url","min_pixels":1.50,"image_url":{"detail":"high","url":"https://a.example/x.png","fps":2}})"})
        CHECK(part_in("oci GENERIC", part) == image);
}

TEST_CASE("OCI: a schema in any form of response_format is the answer's") {
    for (const char* upstream : {"oci GENERIC", "oci COHERE V2"}) {
        CAPTURE(std::string(upstream));
        const Json first = received(upstream, R"(,"response_format":{"type":"json_object","schema":)" +
                                                  schema + "}")["responseFormat"];
        CHECK(first.dump().find(R"("required":["a"])") != std::string::npos);
        const Json second = received(upstream, R"(,"response_format":{"type":"json_object","x":1,"schema":)" +
                                                   schema + "}")["responseFormat"];
        CHECK(second == first);
        for (const std::string& format :
             {R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema + "}}",
              R"({"type":"json_schema","json_schema":{"name":"n","schema":)" + schema +
                  R"(,"x":1},"y":2})"}) {
            CAPTURE(format);
            CHECK(received(upstream, R"(,"response_format":)" + format)["responseFormat"].dump().find(
                      R"("required":["a"])") != std::string::npos);
        }
    }
}

TEST_CASE("OCI: the thinking of Anthropic's protocol is not Cohere's") {
    for (const Upstream& upstream : upstreams()) {
        if (std::string_view(upstream.name) != "oci COHERE V2") continue;
        testing::FakeHost host;
        auto provider = upstream.make(host);
        ChatRequest request =
            parse(R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", upstream.model);
        request.protocol = "anthropic";
        request.reasoning_effort = "high";
        request.extra.text = R"({"thinking":{"type":"adaptive"}})";
        CHECK(Json::parse(sent(*provider, request))["chatRequest"]["thinking"] == Json{{"type", "ENABLED"}});
        request.protocol = "openai";
        CHECK(!begin(*provider, request)->request());
    }
}
