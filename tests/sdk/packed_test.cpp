// SPDX-License-Identifier: Apache-2.0
// Chats and events as bytes: nothing is lost, and damaged bytes are refused.
#include <gatehouse/packed.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace gatehouse;

namespace {

const std::vector<Event> every_event = {
    AnswerInfo{.created = 17, .id = "a", .model = "m", .prompt_tokens = 3, .headers = {{"x-a", "b"}}},
    TextDelta{"gr\xc3\xbc\xc3\x9f", 1},
    ReasoningDelta{"r", 2},
    RefusalDelta{"no", 0},
    BlockEnd{3},
    ThoughtEnd{"sig", "enc", "anthropic", 1},
    ToolCallDelta{.index = 1, .id = "c", .name = "f", .arguments = "{}", .custom = true, .extra = {"{}"}},
    OtherBlock{"anthropic", "t", {"{\"a\":1}"}, 1},
    LogprobsDelta{.tokens = {{.token = "t", .logprob = -0.25, .top = {{.token = "u", .logprob = -7}}}}},
    Citation{.url = "u", .title = "t", .start = -1, .end = 5'000'000'000},
    Finish{FinishReason::tool_calls, 1, "native", "stop", {"{}"}},
    Usage{.prompt = 1, .completion = 2, .total = 3, .cached = 0, .cache_written = 9},
    Embedding{1, {0.5F, -1.25F}},
    Ranking{2, 0.75},
    TokenCount{4, true},
    RawBytes{"text/plain", std::string("\0\xff", 2)},
    ModelInfo{"id", "owner", 5, 6, {}},
    Extra{Extra::Place::message, {"{\"x\":1}"}, 2, "openai"}};

std::string packed_events(const std::vector<Event>& events) {
    std::string bytes;
    for (const Event& event : events) pack(event, bytes);
    return bytes;
}

}  // namespace

TEST_CASE("every event survives") {
    REQUIRE(every_event.size() == std::variant_size_v<Event>);
    const std::string bytes = packed_events(every_event);
    const auto read = unpacked_events(bytes);
    REQUIRE(read);
    REQUIRE(read->size() == every_event.size());
    for (std::size_t i = 0; i < every_event.size(); ++i) CHECK((*read)[i].index() == i);
    CHECK(packed_events(*read) == bytes);
    CHECK(std::get<TextDelta>((*read)[1]).text == "gr\xc3\xbc\xc3\x9f");
    CHECK(std::get<AnswerInfo>((*read)[0]).headers.get("x-a") == "b");
    CHECK(std::get<LogprobsDelta>((*read)[8]).tokens.at(0).top.at(0).logprob == -7);
    CHECK(std::get<Citation>((*read)[9]).start == -1);
    CHECK(std::get<Citation>((*read)[9]).end == 5'000'000'000);
    CHECK(std::get<Usage>((*read)[11]).cached == 0);
    CHECK(!std::get<Usage>((*read)[11]).reasoning);
    CHECK(std::get<Embedding>((*read)[12]).vector == std::vector<float>{0.5F, -1.25F});
}

TEST_CASE("bytes that are cut or damaged are refused, or give other events, and harm nothing") {
    const std::string one = packed_events({every_event[8]}), all = packed_events(every_event);
    for (std::size_t cut = 2; cut < one.size(); ++cut) CHECK(!unpacked_events(one.substr(0, cut)));
    for (std::size_t i = 0; i < all.size(); ++i)
        for (const char damage : {'\x01', '\x7f', '\xff'}) {
            std::string bytes = all;
            bytes[i] = static_cast<char>(bytes[i] ^ damage);
            CHECK(unpacked_events(bytes).value_or(every_event).size() <= all.size());
        }
    CHECK(!unpacked_events(""));
    CHECK(!unpacked_events(std::string(1, static_cast<char>(detail::packed_version + 1))));
}

TEST_CASE("chats that differ in any member have different bytes") {
    const ChatRequest chat{.model = "m", .messages = {{.parts = {Text{"ab"}, Text{"c"}}}}};
    std::set<std::string> all = {packed(chat)};
    const std::vector<void (*)(ChatRequest&)> changes = {
        [](ChatRequest& c) { c.model = "n"; },
        [](ChatRequest& c) { c.protocol = "anthropic"; },
        [](ChatRequest& c) { c.messages[0].role = Role::system; },
        [](ChatRequest& c) {
            c.messages[0].parts = {Text{"a"}, Text{"bc"}};
        },
        [](ChatRequest& c) { c.messages[0].parts = {Text{"abc"}}; },
        [](ChatRequest& c) { c.messages[0].parts[0] = Refusal{"ab"}; },
        [](ChatRequest& c) { c.messages.push_back({}); },
        [](ChatRequest& c) { c.messages[0].parts[1] = Image{.url = "data:,"}; },
        [](ChatRequest& c) { c.tools.push_back({.name = "f"}); },
        [](ChatRequest& c) { c.tool_choice.mode = ToolChoice::Mode::required; },
        [](ChatRequest& c) { c.response_format.kind = ResponseFormat::Kind::json_object; },
        [](ChatRequest& c) { c.sampling.temperature = 0; },
        [](ChatRequest& c) { c.sampling.temperature = 0.1; },
        [](ChatRequest& c) { c.sampling.top_p = 0; },
        [](ChatRequest& c) { c.sampling.stop = {"x"}; },
        [](ChatRequest& c) { c.reasoning_effort = "low"; },
        [](ChatRequest& c) { c.verbosity = "low"; },
        [](ChatRequest& c) { c.stream = true; },
        [](ChatRequest& c) { c.betas = {"b"}; },
        [](ChatRequest& c) { c.extra = {"{}"}; },
        [](ChatRequest& c) { c.completion.emplace(); }};
    for (const auto& change : changes) {
        ChatRequest other = chat;
        change(other);
        all.insert(packed(other));
    }
    CHECK(all.size() == changes.size() + 1);
    CHECK(packed(chat) == *all.find(packed(ChatRequest(chat))));
}

TEST_CASE("a text in the spelling of JSON is not confused with the text that looks like it") {
    ChatRequest line_end{.messages = {{.parts = {Text{JsonString::spelled("a\\nb", true)}}}}};
    ChatRequest letters{.messages = {{.parts = {Text{"a\\nb"}}}}};
    ChatRequest decoded{.messages = {{.parts = {Text{"a\nb"}}}}};
    CHECK(packed(line_end) != packed(letters));
    CHECK(packed(line_end) == packed(decoded));
}
