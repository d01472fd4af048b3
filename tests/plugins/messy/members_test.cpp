// SPDX-License-Identifier: Apache-2.0
// Members that the gateway does not know, in tool calls and in usage, and lists of models in other shapes.
#include "tests/plugins/messy/wires.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

Result<std::vector<Event>> events_of(const Wire& wire, const std::string& body, bool stream) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    ChatRequest request{.model = wire.model(), .stream = stream, .include_usage = true};
    request.messages = {{.role = Role::user, .parts = {Text{"Hello"}}}};
    return testing::replay(*provider, request, {body});
}

/// The names of the models in `list`, with a comma behind each.
std::string models(const Wire& wire, const std::string& list) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    auto exchange = provider->models();
    REQUIRE(exchange);
    testing::Events events;
    // OCI has several lists, one after the other.
    for (auto request = (*exchange)->request(); request && *request; request = (*exchange)->next()) {
        (*exchange)->head({});
        if (auto ok = (*exchange)->body(list, events); !ok) return ok.error().message;
        if (auto ok = (*exchange)->end(events); !ok) return ok.error().message;
    }
    std::string names;
    for (const ModelInfo& model : testing::all<ModelInfo>(events.list)) names += model.id + ",";
    return names;
}

bool is_oci(const Wire& wire) { return std::string_view(wire.name()).starts_with("oci"); }

}  // namespace

TEST_CASE("further members of a tool call reach the client, streaming and non-streaming") {
    for (const Wire* wire : wires()) {
        if (!wire->chats()) continue;
        for (const char* member :
             {R"("extra_content":{"google":{"thought_signature":"c2ln"}})", R"("cache_control":{"type":"x"})",
              R"("x":1.50)", R"("y":["a",{"b":null}])", R"("thought_signature":"c2ln")"}) {
            CAPTURE(std::string(wire->name()));
            CAPTURE(member);
            std::string body = wire->whole_call("c", wire->arguments_are_text() ? R"({})" : "{}");
            body.insert(body.find(R"("name":"f")"), std::string(member) + ",");
            for (const bool stream : {false, true}) {
                const auto events = events_of(*wire, stream ? wire->frame(body) : body, stream);
                REQUIRE(events);
                const auto calls = testing::all<ToolCallDelta>(*events);
                REQUIRE(!calls.empty());
                const std::string& outer = calls[0].extra.text;
                CHECK((outer.empty() ? calls[0].inner_extra.text : outer) == "{" + std::string(member) + "}");
            }
        }
    }
}

TEST_CASE("lists of models are read in the shapes of other servers") {
    for (const Wire* wire : wires()) {
        CAPTURE(std::string(wire->name()));
        auto entry = [&](const std::string& id) {
            return is_oci(*wire) ? R"({"id":")" + id + R"(","displayName":")" + id +
                                       R"(","capabilities":["CHAT"],"lifecycleState":"ACTIVE"})"
                                 : R"({"id":")" + id + R"(","object":"model","created":1.5})";
        };
        const std::string list = "[" + entry("a") + "," + entry("org/b") + "]";
        CHECK(models(*wire, list) == "a,org/b,");  // the case
        CHECK(models(*wire, R"({"data":)" + list + "}") == "a,org/b,");
        CHECK(models(*wire, R"({"object":"list","models":)" + list + "}") == "a,org/b,");
        CHECK(models(*wire, R"({"result":)" + list + R"(,"success":true})") == "a,org/b,");
        CHECK(models(*wire, R"({"data":{"models":)" + list + "}}") == "a,org/b,");
        CHECK(models(*wire, "[" + entry("a") + ",7,null,{}," + entry("b") + "]") == "a,b,");
        if (!is_oci(*wire)) {
            CHECK(models(*wire, R"(["a","org/b"])") == "a,org/b,");
            CHECK(models(*wire, R"({"models":[{"name":"a"},{"model":"b"}]})") == "a,b,");
        }
        for (const char* none : {"{}", "7", R"({"data":7})"})
            CHECK(models(*wire, none).find("list of models") != std::string::npos);
    }
}
