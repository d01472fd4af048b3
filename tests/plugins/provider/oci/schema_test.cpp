// SPDX-License-Identifier: Apache-2.0
// Clients' schemas, and the schemas that are sent to OCI.
#include "plugins/provider/oci/schema/json_schema.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const SchemaRules tool{.arguments = true};
const SchemaRules google{.arguments = true, .exclusive_bounds = false};
const SchemaRules response{.arguments = false};

Result<std::string> rewritten(const std::string& schema, const SchemaRules& rules) {
    SchemaBudget budget;
    return acceptable_schema(schema, rules, "tools[0].function.parameters", budget);
}

/// The result of `schema` as one property of a tool's arguments.
Json property(const std::string& schema, const SchemaRules& rules = tool, const std::string& more = "") {
    const auto found = rewritten(R"({"type":"object","properties":{"p":)" + schema + "}" + more + "}", rules);
    REQUIRE_MESSAGE(found, (found ? "" : found.error().message));
    return Json::parse(*found).at("properties").at("p");
}

std::string failure(const std::string& schema, const SchemaRules& rules = tool) {
    const auto found = rewritten(schema, rules);
    REQUIRE(!found);
    CHECK(found.error().kind == ErrorKind::bad_request);
    CHECK(found.error().param == "tools[0].function.parameters");
    return found.error().message;
}

}  // namespace

TEST_CASE("a schema that OCI accepts is sent byte for byte") {
    for (
        const char* text :
        {R"({ "type" : "object", "properties":{"a":{"type":"number","minimum":1.0, "maximum":1e2}} , "required" : ["a"]})",
         R"({"type":"object","properties":{"$ref":{"type":"string"},"anyOf":{"type":"string"},"const":{}}})",
         R"({"type":"object","properties":{"a":{"type":["string","number"]}},"additionalProperties":false})",
         R"({"type":"object","properties":{"a":{"enum":["$ref"],"default":{"$ref":"#"},"examples":[{"const":1}]}}})",
         R"({"type":"object","properties":{"a":{}},"x-own":{"$ref":"#/nowhere"}})"}) {
        CAPTURE(text);
        const auto found = rewritten(text, tool);
        REQUIRE(found);
        CHECK(*found == text);
    }
}

TEST_CASE("an unreadable schema is sent unchanged too") {
    for (const char* text : {R"({"type":"object","maximum":1e999,"$ref":"#"})", "{", "[]", R"({"a":)"}) {
        const auto found = rewritten(text, tool);
        REQUIRE(found);
        CHECK(*found == text);
    }
}

TEST_CASE("a tool without a schema, or with an empty one, still has arguments") {
    const Json none = Json::parse(R"({"type":"object","properties":{}})");
    for (const char* text :
         {"", "{}", R"({"type":"object"})", R"({"properties":{}})",
          R"({"type":"object","properties":{},"required":[]})",
          R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{}})"}) {
        CAPTURE(text);
        CHECK(Json::parse(*rewritten(text, tool)) == none);
    }
    CHECK(*rewritten("", response) == "");
    CHECK(*rewritten("{}", response) == "{}");
}

TEST_CASE("references are expanded, and the definitions are removed") {
    CHECK(Json::parse(*rewritten(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"x",
        "type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"type":"array","items":{"$ref":"#/definitions/B"}}},
        "$defs":{"A":{"type":"object","properties":{"b":{"$ref":"#/definitions/B"}}}},
        "definitions":{"B":{"$comment":"c","type":"string"}}})",
                                 tool)) == Json::parse(R"({"type":"object","properties":{
              "a":{"type":"object","properties":{"b":{"type":"string"}}},
              "b":{"type":"array","items":{"type":"string"}}}})"));
    // The whole schema is a reference, as zod writes it.
    CHECK(
        Json::parse(*rewritten(
            R"({"$ref":"#/definitions/T","definitions":{"T":{"type":"object","properties":{"x":{"type":"string"}}}}})",
            response)) == Json::parse(R"({"type":"object","properties":{"x":{"type":"string"}}})"));
    // To another property, and through a list.
    CHECK(property(R"({"$ref":"#/x-types/0"})", tool, R"(,"x-types":[{"type":"integer"}])") ==
          Json{{"type", "integer"}});
}

TEST_CASE("JSON pointers and fragments are unescaped") {
    auto by = [](const std::string& reference, const std::string& name) {
        return Json::parse(*rewritten(R"({"type":"object","properties":{"p":{"$ref":")" + reference +
                                          R"("}},"$defs":{")" + name + R"(":{"type":"boolean"}}})",
                                      tool))
            .at("properties")
            .at("p");
    };
    const Json boolean = {{"type", "boolean"}};
    CHECK(by("#/$defs/a~1b", "a/b") == boolean);
    CHECK(by("#/$defs/a~0b", "a~b") == boolean);
    CHECK(by("#/$defs/a~01", "a~1") == boolean);
    CHECK(by("#/$defs/a%25b", "a%b") == boolean);
    CHECK(by("#/%24defs/A%20B", "A B") == boolean);
    CHECK(by("#/$defs/Gr%C3%BC%C3%9Fe",
             "Gr\xc3\xbc\xc3\x9f"
             "e") == boolean);
    CHECK(by("#/$defs/a%zz", "a%zz") == boolean);
    CHECK(by("#/$defs/~1", "/") == boolean);
}

TEST_CASE("references by $id and $anchor are resolved") {
    CHECK(property(R"({"$ref":"Node"})", tool, R"(,"$defs":{"n":{"$id":"Node","type":"integer"}})") ==
          Json{{"type", "integer"}});
    CHECK(property(R"({"$ref":"#node"})", tool, R"(,"$defs":{"n":{"$anchor":"node","type":"integer"}})") ==
          Json{{"type", "integer"}});
    CHECK(property(R"({"$ref":"Node#/properties/x"})", tool,
                   R"(,"$defs":{"n":{"$id":"Node","properties":{"x":{"type":"integer"}}}})") ==
          Json{{"type", "integer"}});
}

TEST_CASE("keywords next to a reference also hold; their titles and descriptions take precedence") {
    const std::string defs =
        R"(,"$defs":{"A":{"type":"string","description":"inner","title":"A","minLength":1}})";
    CHECK(property(R"({"$ref":"#/$defs/A","description":"outer","default":"x"})", tool, defs) ==
          Json::parse(R"({"type":"string","description":"outer","title":"A","minLength":1,"default":"x"})"));
    CHECK(property(R"({"description":"outer","allOf":[{"$ref":"#/$defs/A"}]})", tool, defs) ==
          Json::parse(R"({"type":"string","description":"outer","title":"A","minLength":1})"));
    CHECK(property(R"({"$ref":"#/$defs/A","maxLength":3,"type":"string"})", tool, defs)["maxLength"] == 3);
    // Contradicting keywords stay separate.
    CHECK(
        property(R"({"$ref":"#/$defs/A","minLength":2})", tool, defs) ==
        Json::parse(
            R"({"minLength":2,"allOf":[{"type":"string","description":"inner","title":"A","minLength":1}]})"));
}

TEST_CASE("references that are dangling, external, or not to a schema are a client error") {
    CHECK(failure(R"({"properties":{"p":{"$ref":"#/$defs/Gone"}}})") ==
          R"(the JSON schema refers by $ref to "#/$defs/Gone", which it does not contain)");
    for (const char* reference :
         {"https://example.com/s.json", "other.json#/a", "#anchor", "#/properties/p/9", "#/$defs/", "#//"})
        CHECK(failure(R"({"properties":{"p":{"$ref":")" + std::string(reference) + "\"}}}")
                  .find("which it does not contain") != std::string::npos);
    CHECK(failure(R"({"properties":{"p":{"$ref":"#/type"}},"type":"object"})") ==
          R"(the JSON schema refers by $ref to "#/type", which is not a schema)");
}

TEST_CASE("recursion of any length is a clear error") {
    const std::string wanted = R"(the JSON schema refers to itself by $ref to "#/$defs/N")";
    CHECK(
        failure(
            R"({"properties":{"p":{"$ref":"#/$defs/N"}},"$defs":{"N":{"properties":{"n":{"$ref":"#/$defs/N"}}}}})")
            .starts_with(wanted));
    CHECK(failure(R"({"properties":{"p":{"$ref":"#"}}})").find("itself") != std::string::npos);
    CHECK(failure(R"({"$ref":"#"})").find("itself") != std::string::npos);
    // Through siblings, unions and single lists.
    CHECK(failure(R"({"properties":{"p":{"$ref":"#/$defs/A"}},"$defs":{
        "A":{"$ref":"#/$defs/B","title":"a"},"B":{"anyOf":[{"$ref":"#/$defs/C"},{"type":"null"}]},
        "C":{"allOf":[{"$ref":"#/$defs/A"}],"description":"c"}}})")
              .find("itself") != std::string::npos);
    CHECK(
        failure(
            R"({"type":"object","properties":{"tree":{"type":"array","items":{"$ref":"#/properties/tree"}}}})")
            .find("itself") != std::string::npos);
    CHECK(
        failure(
            R"({"properties":{"p":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"type":"string"},{"type":"array","items":{"$ref":"#/$defs/A"}}]}}})",
            response)
            .find("itself") != std::string::npos);
    // Two references to the same schema are not a recursion.
    CHECK(rewritten(
        R"({"properties":{"a":{"$ref":"#/$defs/A"},"b":{"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}]}},
        "$defs":{"A":{"type":"string"},"B":{"type":"array","items":{"$ref":"#/$defs/A"}}}})",
        tool));
    // An unused definition is not checked.
    CHECK(
        rewritten(R"({"type":"object","properties":{},"$defs":{"N":{"items":{"$ref":"#/$defs/N"}}}})", tool));
}

TEST_CASE("references that double at each level are stopped early") {
    for (const char* shape :
         {R"({"type":"object","properties":{"a":{"$ref":"#/$defs/D%"},"b":{"$ref":"#/$defs/D%"}}})",
          R"({"allOf":[{"$ref":"#/$defs/D%"},{"$ref":"#/$defs/D%"}]})",
          R"({"anyOf":[{"$ref":"#/$defs/D%"},{"$ref":"#/$defs/D%"},{"type":"null"}]})"}) {
        std::string schema = R"({"type":"object","properties":{"p":{"$ref":"#/$defs/D0"}},"$defs":{)";
        for (int i = 0; i < 60; ++i) {
            std::string one = shape;
            for (std::size_t at; (at = one.find('%')) != one.npos;) one.replace(at, 1, std::to_string(i + 1));
            schema += "\"D" + std::to_string(i) + "\":" + one + ",";
        }
        schema += R"("D60":{"type":"string"}}})";
        const auto start = std::chrono::steady_clock::now();
        const std::string message = failure(schema);
        CHECK(message.find("when its references are resolved") != std::string::npos);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(5));
    }
    // A large schema that is referenced often.
    const std::string large(100'000, 'x');
    std::string schema =
        R"({"type":"object","$defs":{"L":{"description":")" + large + R"("}},"properties":{)";
    for (int i = 0; i < 200; ++i) schema += "\"p" + std::to_string(i) + R"(":{"$ref":"#/$defs/L"},)";
    schema += R"("q":{}}})";
    CHECK(failure(schema).find("too large") != std::string::npos);
}

TEST_CASE("all schemas of a request share one budget") {
    const std::string large(300'000, 'x');
    const std::string schema =
        R"({"type":"object","$defs":{"L":{"description":")" + large +
        R"("}},"properties":{"a":{"$ref":"#/$defs/L"},"b":{"$ref":"#/$defs/L"},"c":{"$ref":"#/$defs/L"}}})";
    SchemaBudget budget;
    int good = 0;
    while (good < 100 && acceptable_schema(schema, tool, "x", budget)) ++good;
    CHECK(good > 2);
    CHECK(good < 10);
}

TEST_CASE("deep and wide schemas neither break nor hang") {
    std::string deep = R"({"type":"object","properties":{"p":)";
    for (int i = 0; i < 90; ++i) deep += R"({"items":)";
    deep += "{\"const\":1}" + std::string(90, '}') + "}}";
    CHECK(rewritten(deep, tool));
    std::string chain = R"({"type":"object","properties":{"p":{"$ref":"#/$defs/D0"}},"$defs":{)";
    for (int i = 0; i < 5000; ++i)
        chain +=
            "\"D" + std::to_string(i) + R"(":{"items":{"$ref":"#/$defs/D)" + std::to_string(i + 1) + "\"}},";
    chain += R"("D5000":{}}})";
    CHECK(failure(chain).find("nested too deeply") != std::string::npos);
    std::string wide = R"({"type":"object","properties":{)";
    for (int i = 0; i < 20'000; ++i)
        wide += "\"p" + std::to_string(i) + R"(":{"$ref":"#/$defs/D)" + std::to_string(i) + "\"},";
    wide += R"("q":{}},"$defs":{)";
    for (int i = 0; i < 20'000; ++i) wide += "\"D" + std::to_string(i) + R"(":{"const":1},)";
    wide += R"("Z":{}}})";
    const auto start = std::chrono::steady_clock::now();
    CHECK(rewritten(wide, tool));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes(5));
    std::string keywords = R"({"type":"object","properties":{"p":{)";
    for (int i = 0; i < 50'000; ++i) keywords += "\"k" + std::to_string(i) + "\":0,";
    keywords += R"("const":1}}})";
    CHECK(rewritten(keywords, tool));
}

TEST_CASE("unions with null lose the null in tools, and keep it in response formats") {
    CHECK(property(R"({"anyOf":[{"type":"string"},{"type":"null"}],"default":null,"description":"d"})") ==
          Json::parse(R"({"type":"string","description":"d"})"));
    CHECK(property(R"({"oneOf":[{"type":"null"},{"type":"array","items":{"type":["integer","null"]}}]})") ==
          Json::parse(R"({"type":"array","items":{"type":"integer"}})"));
    CHECK(property(R"({"anyOf":[{"$ref":"#/$defs/E"},{"type":"null"}]})", tool,
                   R"(,"$defs":{"E":{"type":"string","enum":["a","b"]}})") ==
          Json::parse(R"({"type":"string","enum":["a","b"]})"));
    CHECK(property(R"({"anyOf":[{"type":"string","enum":["a"]},{"type":"number"},{"const":null}]})") ==
          Json::parse(R"({"anyOf":[{"type":"string","enum":["a"]},{"type":"number"}]})"));
    CHECK(property(R"({"type":["string","null"],"enum":["a",null]})") ==
          Json::parse(R"({"type":"string","enum":["a"]})"));
    CHECK(property(R"({"type":["string","integer","null"]})") ==
          Json::parse(R"({"type":["string","integer"]})"));
    CHECK(property(R"({"type":["string"]})") == Json::parse(R"({"type":"string"})"));
    CHECK(property(R"({"type":"null"})") == Json::parse(R"({"type":"null"})"));
    CHECK(property(R"({"anyOf":[{"type":"null"}]})") == Json::parse(R"({"anyOf":[{"type":"null"}]})"));
    for (const char* kept : {R"({"anyOf":[{"type":"string"},{"type":"null"}]})",
                             R"({"type":["string","null"],"enum":["a",null]})"})
        CHECK(property(kept, response) == Json::parse(kept));
}

TEST_CASE("const becomes an enum of one value, and a union of values an enum") {
    CHECK(property(R"({"const":"a"})") == Json::parse(R"({"type":"string","enum":["a"]})"));
    CHECK(property(R"({"const":1})", response) == Json::parse(R"({"type":"integer","enum":[1]})"));
    CHECK(property(R"({"const":1.5,"type":"number"})") == Json::parse(R"({"type":"number","enum":[1.5]})"));
    CHECK(property(R"({"const":true})") == Json::parse(R"({"type":"boolean","enum":[true]})"));
    CHECK(
        property(
            R"({"anyOf":[{"const":"a","type":"string"},{"const":"b","type":"string"}],"description":"d"})") ==
        Json::parse(R"({"description":"d","type":"string","enum":["a","b"]})"));
    CHECK(property(R"({"anyOf":[{"const":"a"},{"enum":["b","c"]},{"type":"null"}],"type":"string"})") ==
          Json::parse(R"({"type":"string","enum":["a","b","c"]})"));
    // A union of two types, or with other keywords, stays a union.
    CHECK(property(R"({"anyOf":[{"const":"a"},{"const":1}]})").contains("anyOf"));
    CHECK(property(R"({"anyOf":[{"const":"a"},{"type":"string"}]})").contains("anyOf"));
}

TEST_CASE("in tools a union of different types becomes a list of types, with the keywords of each") {
    CHECK(
        property(
            R"({"anyOf":[{"type":"string","minLength":1},{"type":"array","items":{"const":1}},{"type":"null"}],"description":"d"})") ==
        Json::parse(
            R"({"description":"d","type":["string","array"],"minLength":1,"items":{"type":"integer","enum":[1]}})"));
    CHECK(
        property(
            R"({"oneOf":[{"$ref":"#/$defs/S"},{"$ref":"#/$defs/L"}]})", tool,
            R"(,"$defs":{"S":{"type":"string","title":"S"},"L":{"type":"array","items":{"$ref":"#/$defs/S"}}})") ==
        Json::parse(R"({"type":["string","array"],"items":{"type":"string","title":"S"}})"));
    CHECK(property(R"({"anyOf":[{"type":"string"},{"type":"boolean"}]})", response).contains("anyOf"));
    // Keywords next to the union, or in two of its members, must not be mixed.
    for (const char* kept :
         {R"({"items":{},"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]})",
          R"({"anyOf":[{"type":"string","not":{}},{"type":"boolean"}]})",
          R"({"type":"string","anyOf":[{"type":"string"},{"type":"boolean"}]})"})
        CHECK(property(kept) == Json::parse(kept));
    CHECK(
        failure(
            R"({"properties":{"p":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/A"}]}}})")
            .find("itself") != std::string::npos);
    CHECK(
        failure(
            R"({"properties":{"p":{"$ref":"#/$defs/A"}},"$defs":{"A":{"anyOf":[{"type":"string"},{"type":"array","items":{"$ref":"#/$defs/A"}}]}}})")
            .find("itself") != std::string::npos);
}

TEST_CASE("a pattern for all names becomes additionalProperties") {
    CHECK(
        property(R"({"type":"object","patternProperties":{"^.*$":{"type":"string"}},"description":"env"})") ==
        Json::parse(R"({"type":"object","additionalProperties":{"type":"string"},"description":"env"})"));
    CHECK(
        property(
            R"({"type":"object","patternProperties":{"^(.*)$":{"const":"x"}},"additionalProperties":false})") ==
        Json::parse(R"({"type":"object","additionalProperties":{"type":"string","enum":["x"]}})"));
    for (
        const char* kept :
        {R"({"type":"object","patternProperties":{"^x-":{"type":"string"}}})",
         R"({"type":"object","properties":{"a":{"type":"string"}},"patternProperties":{".*":{"type":"string"}}})"})
        CHECK(property(kept) == Json::parse(kept));
}

TEST_CASE("booleans are accepted as schemas") {
    CHECK(property("true") == Json::object());
    CHECK(property(R"({"type":"array","items":true})") == Json::parse(R"({"type":"array","items":{}})"));
    CHECK(property(R"({"type":"object","additionalProperties":true})")["additionalProperties"] == true);
    CHECK(property(R"({"$ref":"#/$defs/Never"})", tool, R"(,"$defs":{"Never":false})") ==
          Json::parse(R"({"not":{}})"));
    CHECK(property(R"({"$ref":"#/$defs/Any"})", tool, R"(,"$defs":{"Any":true})") == Json::object());
}

TEST_CASE("lists of schemas stay, with rewritten members") {
    CHECK(
        property(R"({"allOf":[{"$ref":"#/$defs/A"},{"properties":{"b":{"const":1}}}]})", tool,
                 R"(,"$defs":{"A":{"properties":{"a":{"type":"string"}}}})") ==
        Json::parse(
            R"({"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"integer","enum":[1]}}}]})"));
    CHECK(
        property(
            R"({"not":{"const":1},"if":{"$ref":"#/$defs/A"},"dependentSchemas":{"x":{"const":2}},"prefixItems":[{"const":3}]})",
            tool, R"(,"$defs":{"A":{"type":"string"}})") ==
        Json::parse(
            R"({"not":{"type":"integer","enum":[1]},"if":{"type":"string"},"dependentSchemas":{"x":{"type":"integer","enum":[2]}},
              "prefixItems":[{"type":"integer","enum":[3]}]})"));
}

TEST_CASE("exclusive bounds become inclusive ones for Google's models, and stay for others") {
    CHECK(property(R"({"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10})", google) ==
          Json::parse(R"({"type":"integer","minimum":1,"maximum":9})"));
    CHECK(property(R"({"type":"number","exclusiveMinimum":0,"description":"Height"})", google) ==
          Json::parse(R"({"type":"number","minimum":0,"description":"Height. Greater than 0."})"));
    CHECK(property(R"({"type":"number","exclusiveMaximum":1.5})", google) ==
          Json::parse(R"({"type":"number","maximum":1.5,"description":"Less than 1.5."})"));
    CHECK(property(R"({"type":"integer","minimum":5,"exclusiveMinimum":0})", google) ==
          Json::parse(R"({"type":"integer","minimum":5})"));
    // As draft 4 had it.
    CHECK(
        property(
            R"({"type":"integer","minimum":5,"exclusiveMinimum":true,"maximum":7,"exclusiveMaximum":false})",
            google) == Json::parse(R"({"type":"integer","minimum":6,"maximum":7})"));
    CHECK(property(R"({"type":"integer","exclusiveMinimum":true})", google) ==
          Json::parse(R"({"type":"integer"})"));
    CHECK(property(R"({"type":"integer","exclusiveMinimum":9007199254740993})", google)["minimum"] ==
          9007199254740993);
    CHECK(property(R"({"type":"integer","minimum":1})", google) ==
          Json::parse(R"({"type":"integer","minimum":1})"));
    CHECK(property(R"({"type":"integer","exclusiveMinimum":0})").contains("exclusiveMinimum"));
}

TEST_CASE("the last of two members with the same name counts") {
    CHECK(property(R"({"type":"string","type":"integer"})") == Json::parse(R"({"type":"integer"})"));
    CHECK(property(R"({"const":1,"const":2})") == Json::parse(R"({"type":"integer","enum":[2]})"));
}

TEST_CASE("the error names the tool or response format with the invalid schema, in every chat format") {
    Tool first, second;
    first.name = "a";
    second.name = "b";
    second.parameters.text = R"({"type":"object","properties":{"p":{"$ref":"#"}}})";
    for (const char* model :
         {"meta.llama-3.3-70b-instruct", "cohere.command-a-03-2025", "cohere.command-a-reasoning"}) {
        CAPTURE(model);
        Bench bench;
        ChatRequest request = ask(model);
        request.tools = {first, second};
        CHECK(refused(bench.provider, request).param == "tools[1].function.parameters");
        CHECK(status_of(refused(bench.provider, request)) == 400);
        request.tools.clear();
        request.response_format = {
            ResponseFormat::Kind::json_schema, "n", "", {R"({"$ref":"#/$defs/X"})"}, {}};
        CHECK(refused(bench.provider, request).param == "response_format.json_schema.schema");
    }
}

TEST_CASE("every chat format sends rewritten schemas, and Google gets its own") {
    Tool one;
    one.name = "f";
    one.parameters.text =
        R"({"$schema":"x","type":"object","properties":{"p":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"integer","exclusiveMinimum":0}}})";
    auto sent_to = [&](const char* model) {
        Bench bench;
        ChatRequest request = ask(model);
        request.tools = {one};
        return chat_sent(bench.provider, request).at("tools").at(0);
    };
    CHECK(sent_to("meta.llama-3.3-70b-instruct")["parameters"] ==
          Json::parse(R"({"type":"object","properties":{"p":{"type":"integer","exclusiveMinimum":0}}})"));
    CHECK(sent_to("google.gemini-2.5-pro")["parameters"] ==
          Json::parse(R"({"type":"object","properties":{"p":{"type":"integer","minimum":1}}})"));
    CHECK(
        sent_to(
            "cohere.command-a-reasoning")["function"]["parameters"]["properties"]["p"]["exclusiveMinimum"] ==
        0);
    CHECK(sent_to("cohere.command-a-03-2025")["parameterDefinitions"] ==
          Json::parse(R"({"p":{"type":"int","description":"Greater than 0","isRequired":false}})"));
}
