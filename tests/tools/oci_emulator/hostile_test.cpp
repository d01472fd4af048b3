// SPDX-License-Identifier: Apache-2.0
// Replaces every value in the requests of every operation.  The emulator always
// responds, and refuses wrong types.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/service.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

// All positions in `tree`, including the root.
void pointers_in(const Json& tree, const Json::json_pointer& here, std::vector<Json::json_pointer>& all) {
    all.push_back(here);
    if (tree.is_object())
        for (const auto& [name, value] : tree.items()) pointers_in(value, here / name, all);
    if (tree.is_array())
        for (std::size_t i = 0; i < tree.size(); ++i) pointers_in(tree[i], here / i, all);
}

const std::vector<Json>& strange_values() {
    static const std::vector<Json> all = {nullptr,
                                          true,
                                          -1,
                                          0,
                                          18'446'744'073'709'551'615u,
                                          9'223'372'036'854'775'807,
                                          1e300,
                                          "",
                                          "text",
                                          std::string("\xff\xfe\0", 3),
                                          Json::array(),
                                          Json::array({nullptr}),
                                          Json::array({Json::array()}),
                                          Json::object(),
                                          Json{{"type", "TEXT"}},
                                          Json{{"role", "USER"}}};
    return all;
}

std::vector<std::pair<std::string, Json>> requests() {
    std::vector<std::pair<std::string, Json>> all;
    for (const char* name :
         {"req-generic-all-fields.json", "req-generic-tool-result.json", "req-cohere-all-fields.json",
          "req-cohere-tool-results.json", "req-coherev2-tools.json"})
        all.emplace_back("/20231130/actions/chat", json(fixture(name)));
    for (const char* name : {"req-embed.json", "req-embed-contents.json"})
        all.emplace_back("/20231130/actions/embedText", json(fixture(name)));
    all.emplace_back("/20231130/actions/rerankText", json(fixture("req-rerank.json")));
    all.emplace_back("/openai/v1/chat/completions",
                     json(R"({"model":"xai.grok-3","stream":true,"n":2,"max_tokens":9,
        "stop":["x"],"tool_choice":{"type":"function","function":{"name":"f"}},"stream_options":{"include_usage":true},
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}],
        "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}},
        "messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"https://a/b"}}]},
        {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"r"}]})"));
    all.emplace_back(
        "/v1/x509", json(R"({"certificate":"YQ==","publicKey":"YQ==","intermediateCertificates":["YQ=="]})"));
    all.emplace_back("/v1/authentication/refresh", json(R"({"currentToken":"a.b.c"})"));
    all.emplace_back("/resourcePrincipalSessionTokens", json(R"({"podKey":"YQ=="})"));
    return all;
}

}  // namespace

TEST_CASE("a request with any value at any position gets a well-formed response") {
    Settings settings;
    settings.signature.mode = SignatureRules::Mode::off;
    settings.request.any_compartment = true;
    Service service(std::move(settings));
    int asked = 0, taken = 0;
    for (const auto& request : requests()) {
        const std::string& path = request.first;
        const Json& good = request.second;
        std::vector<Json::json_pointer> places;
        pointers_in(good, Json::json_pointer(), places);
        for (std::size_t i = 0; i < places.size(); ++i)
            // Each position gets a quarter of the values, the next position
            // another quarter.
            for (std::size_t k = i % 4; k < strange_values().size(); k += 4) {
                const Json::json_pointer& place = places[i];
                const Json& value = strange_values()[k];
                Json spoiled = good;
                spoiled[place] = value;
                const std::string body = to_text(spoiled);
                const Script script =
                    service.answer({.method = "POST",
                                    .path = path,
                                    .headers = {{"authorization", path[1] == 'r' ? "Bearer x" : ""},
                                                {"opc-compartment-id", "any"}}},
                                   body);
                ++asked;
                taken += script.head.status == 200;
                CAPTURE(path);
                CAPTURE(body);
                CHECK(script.head.status >= 200);
                CHECK(script.head.status <= 500);
                if (script.whole) CHECK(parse_json(script.steps.front().bytes));
            }
    }
    CHECK(asked > 1000);
    CHECK(taken > 50);
}

TEST_CASE("the endpoints below /_emulator/ accept any body") {
    Service service{Settings{}};
    for (const char* page : {"faults", "identity", "session-token", "resource-principal", "other"})
        for (const Json& value : strange_values())
            for (const char* name : {"fault", "token_lifetime", "publicKey", "lifetime", "first"}) {
                const auto response =
                    service.control({.method = "POST", .path = std::string("/_emulator/") + page},
                                    to_text(Json{{name, value}}));
                CHECK(response.head.status >= 200);
                CHECK(response.head.status < 500);
            }
}

TEST_CASE("a body that is not JSON, or is nested too deeply, is refused") {
    Settings settings;
    settings.signature.mode = SignatureRules::Mode::off;
    Service service(std::move(settings));
    const std::string deep(100'000, '[');
    for (const std::string& body :
         {std::string(), std::string("{"), std::string("\xff"), deep, std::string("null")})
        for (const char* path : {"/20231130/actions/chat", "/20231130/actions/embedText",
                                 "/20231130/actions/rerankText", "/v1/x509", "/v1/authentication/refresh"})
            CHECK(service.answer({.method = "POST", .path = path}, body).head.status == 400);
}
