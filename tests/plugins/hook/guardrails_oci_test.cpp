// SPDX-License-Identifier: Apache-2.0
// OCI's guardrails through the entry point of the hook: what the service gets, and what its findings do.
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

const std::string moderation_off =
    R"({"results":{"contentModeration":{"categories":[{"name":"OVERALL","score":0.0}]},"promptInjection":{"score":0.0}}})";
const std::string toxic =
    R"({"results":{"contentModeration":{"categories":[{"name":"OVERALL","score":1.0}]}}})";
const std::string injection =
    R"({"results":{"promptInjection":{"score":1.0,"flaggedModalities":["TEXT"]}},"guardrailVersion":{"version":"2.0"}})";

std::string personal(const std::string& text, const std::string& label) {
    return R"({"results":{"personallyIdentifiableInformation":[{"length":1,"offset":0,"text":")" + text +
           R"(","label":")" + label + R"(","score":0.9}]}})";
}

Result<http::Response> says(std::string body, int status = 200) {
    return http::Response{{.status = status}, std::move(body)};
}

struct Fixture {
    FakeHost host;
    FakeRequest request{.who = {"ci"}};
    std::unique_ptr<Hook> hook;

    std::unique_ptr<HookState> state(std::vector<std::pair<std::string, std::string>> more = {}) {
        std::vector<std::pair<std::string, std::string>> keys = {
            {"endpoint", "https://guard.example"}, {"compartment_id", "ocid1.compartment.oc1..a"}};
        keys.insert(keys.end(), more.begin(), more.end());
        Table table;
        for (auto& [key, value] : keys) table.entries.push_back({key, Value{value}});
        auto made = create<Hook>(gatehouse_plugin, table, host);
        REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
        hook = *std::move(made);
        return hook->begin(request.info());
    }

    /// "continue", or the error's message.
    static std::string decide(HookState& state, Operation& operation) {
        REQUIRE(state.request(operation));
        REQUIRE(state.decides());
        std::optional<Result<Verdict>> verdict;
        state.decide(operation, into(verdict));
        REQUIRE(verdict);
        return *verdict ? "continue" : verdict->error().message;
    }

    /// The events that come out, each wait answered at once; or the error of a wait.
    static Result<std::vector<Event>> pass(HookState& state, const std::vector<Event>& events) {
        Events out;
        state.attempt({"p", "m", 1});
        const auto settle = [&]() -> Result<void> {
            while (state.waits()) {
                std::optional<Result<void>> done;
                state.wait(into(done));
                REQUIRE(done);
                if (!*done) return *done;
                state.resume(out);
            }
            return {};
        };
        for (const Event& event : events) {
            state.event(event, out);
            if (auto ok = settle(); !ok) return ok.error();
        }
        state.end(out);
        if (auto ok = settle(); !ok) return ok.error();
        return std::move(out.list);
    }
};

Operation chat(std::string text) {
    return ChatRequest{.model = "m", .messages = {{.role = Role::user, .parts = {Text{std::move(text)}}}}};
}
std::string first_text(const Operation& operation) {
    return std::get<Text>(std::get<ChatRequest>(operation).messages.at(0).parts.at(0)).text;
}
std::vector<Event> spoken(const std::vector<std::string>& pieces) {
    std::vector<Event> events = {AnswerInfo{.created = 1}};
    for (const std::string& piece : pieces) events.emplace_back(TextDelta{piece});
    events.emplace_back(Finish{});
    events.emplace_back(Usage{.prompt = 1, .completion = 2, .total = 3});
    return events;
}

const std::string blocked = "the request was refused by a check of its content: ";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is checked in OCI's form, and continues") {
    auto one = state({{"language", "en"}, {"version", "2.0"}});
    Operation operation = chat("hi");
    host.answers = {says(moderation_off)};
    CHECK(decide(*one, operation) == "continue");
    const http::Request& sent = host.fetched.at(0);
    CHECK(sent.url == "https://guard.example/20231130/actions/applyGuardrails");
    CHECK(sent.total_timeout == std::chrono::seconds(5));
    CHECK(
        sent.body ==
        R"({"compartmentId":"ocid1.compartment.oc1..a","input":{"type":"TEXT","content":"hi","languageCode":"en"},)"
        R"("guardrailConfigs":{"contentModerationConfig":{"categories":["OVERALL","BLOCKLIST"]},"promptInjectionConfig":{}},)"
        R"("guardrailVersionConfig":{"guardrailVersion":"2.0"}})");
    CHECK(host.logged.empty());
}

TEST_CASE_FIXTURE(Fixture, "each check blocks, reports or is off") {
    Operation operation = chat("hi");
    host.answers = {says(toxic)};
    CHECK(decide(*state(), operation) == blocked + "content moderation");
    host.answers = {says(injection)};
    CHECK(decide(*state(), operation) == blocked + "prompt injection");
    host.answers = {says(injection)};
    CHECK(decide(*state({{"injection", "report"}}), operation) == "continue");
    host.answers = {says(personal("hi", "PERSON"))};
    CHECK(decide(*state({{"personal", "block"}}), operation) == blocked + "personal data");
    CHECK(
        host.logged.back() ==
        "guardrail flagged a text request_id=req_test side=request check=personal data action=block found=PERSON");
    host.answers = {says(toxic)};
    CHECK(decide(*state({{"moderation", "off"}}), operation) == "continue");
}

TEST_CASE_FIXTURE(Fixture, "personal data is masked where that is possible, else the request is blocked") {
    auto one = state({{"personal", "mask"}});
    Operation operation = chat("I am Jane, yes Jane");
    host.answers = {says(personal("Jane", "PERSON"))};
    CHECK(decide(*one, operation) == "continue");
    CHECK(first_text(operation) == "I am [PERSON], yes [PERSON]");

    Operation call = ChatRequest{
        .model = "m",
        .messages = {{.role = Role::assistant, .tool_calls = {{.arguments = R"({"who":"Jane"})"}}}}};
    host.answers = {says(personal("Jane", "PERSON"))};
    CHECK(decide(*state({{"personal", "mask"}}), call) ==
          blocked + "personal data in a place that cannot be masked");
}

TEST_CASE_FIXTURE(Fixture, "only new messages are sent if the key says so") {
    Operation operation = ChatRequest{.model = "m",
                                      .messages = {{.role = Role::user, .parts = {Text{"old"}}},
                                                   {.role = Role::assistant, .parts = {Text{"said"}}},
                                                   {.role = Role::user, .parts = {Text{"new"}}}}};
    host.answers = {says(moderation_off), says(moderation_off)};
    CHECK(decide(*state({{"messages", "new"}}), operation) == "continue");
    CHECK(host.fetched.at(0).body.find(R"("content":"new")") != std::string::npos);
    CHECK(decide(*state(), operation) == "continue");
    CHECK(host.fetched.at(1).body.find(R"(old\nsaid\nnew)") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "the beginning of an answer that the client has written is new") {
    Operation operation = ChatRequest{.model = "m",
                                      .messages = {{.role = Role::assistant, .parts = {Text{"old"}}},
                                                   {.role = Role::user, .parts = {Text{"asked"}}},
                                                   {.role = Role::assistant, .parts = {Text{"Sure,"}}}}};
    host.answers = {says(moderation_off)};
    CHECK(decide(*state({{"messages", "new"}}), operation) == "continue");
    REQUIRE(host.fetched.size() == 1);
    CHECK(host.fetched.at(0).body.find(R"("content":"asked\nSure,")") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a request with more text than the guardrails check is refused in any case") {
    Operation operation = chat(std::string((1 << 20) + 1, ' '));
    for (const char* on_failure : {"refuse", "allow"})
        CHECK(decide(*state({{"on_failure", on_failure}}), operation) ==
              "the text is longer than the guardrails check");
    CHECK(host.fetched.empty());
}

TEST_CASE_FIXTURE(Fixture, "a text that cannot be checked is refused or allowed") {
    Operation operation = chat("hi");
    for (const Result<http::Response>& answer :
         {Result<http::Response>(Error{ErrorKind::timeout, "too slow"}), says("", 500), says("{}"),
          says("[")}) {
        host.answers = {answer, answer, answer, answer};
        CHECK(decide(*state(), operation) == "the request could not be checked; try again later");
        CHECK(decide(*state({{"on_failure", "allow"}}), operation) == "continue");
        const auto refused = pass(*state(), spoken({"hi"}));
        REQUIRE(!refused);
        CHECK(refused.error().kind == ErrorKind::unavailable);
        CHECK(refused.error().message == "the response could not be checked; try again later");
        CHECK(text(*pass(*state({{"on_failure", "allow"}}), spoken({"hi"}))) == "hi");
    }
    CHECK(host.logged.at(0) ==
          "text not checked request_id=req_test side=request action=refuse reason=too slow");
}

TEST_CASE_FIXTURE(Fixture, "a stream is checked sentence by sentence, and nothing passes unchecked") {
    host.answers = {says(moderation_off), says(moderation_off), says(moderation_off)};
    auto one = state();
    const auto out = pass(*one, spoken({"One", " two.", " Three", " four. ", "Five"}));
    REQUIRE(out);
    CHECK(text(*out) == "One two. Three four. Five");
    REQUIRE(host.fetched.size() == 3);
    CHECK(host.fetched.at(0).body.find(R"("content":"One two.")") != std::string::npos);
    CHECK(host.fetched.at(1).body.find(R"("content":" Three four. ")") != std::string::npos);
    CHECK(host.fetched.at(2).body.find(R"("content":"Five")") != std::string::npos);
    CHECK(all<Finish>(*out).size() == 1);
    CHECK(all<Usage>(*out).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "pieces and the complete response are other parts") {
    host.answers = {says(moderation_off), says(moderation_off)};
    Table table;
    auto one = state({{"hold", "all"}});
    CHECK(text(*pass(*one, spoken({"One.", " Two."}))) == "One. Two.");
    CHECK(host.fetched.size() == 1);
    host.fetched.clear();
    host.answers = {says(moderation_off)};
    CHECK(text(*pass(*state({{"hold", "pieces"}}), spoken({"One.", " Two."}))) == "One. Two.");
    CHECK(host.fetched.size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a blocked response ends with content_filter, and keeps its usage") {
    host.answers = {says(moderation_off), says(toxic)};
    const auto out = pass(*state(), spoken({"Good. ", "Bad. ", "More. "}));
    REQUIRE(out);
    CHECK(text(*out) == "Good. ");
    REQUIRE(all<Finish>(*out).size() == 1);
    CHECK(all<Finish>(*out).front().reason == FinishReason::content_filter);
    CHECK(all<Usage>(*out).size() == 1);
    CHECK(host.fetched.size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a mask finds what several pieces contain") {
    host.answers = {says(personal("Jane Doe", "PERSON"))};
    const auto out =
        pass(*state({{"personal", "mask"}, {"hold", "all"}}), spoken({"I am Ja", "ne D", "oe, hi"}));
    REQUIRE(out);
    CHECK(text(*out) == "I am [PERSON], hi");
    CHECK(all<Finish>(*out).front().reason == FinishReason::stop);
}

TEST_CASE_FIXTURE(
    Fixture, "texts of several choices, and with log probabilities, are checked as the model said them") {
    host.answers = {says(personal("Jane Doe", "PERSON"))};
    const auto out =
        pass(*state({{"personal", "mask"}, {"hold", "all"}}),
             {TextDelta{"I am Ja", 0}, LogprobsDelta{}, TextDelta{"And ", 1}, TextDelta{"ne D", 0},
              LogprobsDelta{}, TextDelta{"I", 1}, TextDelta{"oe", 0}, Finish{}});
    REQUIRE(out);
    CHECK(host.fetched.at(0).body.find(R"("content":"I am Jane Doe\nAnd I")") != std::string::npos);
    const auto texts = all<TextDelta>(*out);
    REQUIRE(texts.size() == 2);
    CHECK(texts[0].text == "I am [PERSON]");
    CHECK(texts[1].text == "And I");
    CHECK(all<LogprobsDelta>(*out).empty());  // they have the tokens of the name
}

TEST_CASE_FIXTURE(Fixture, "arguments of a call in pieces are masked, and a thought loses its signature") {
    host.answers = {says(personal("Jane", "PERSON"))};
    const auto out =
        pass(*state({{"personal", "mask"}, {"hold", "all"}}),
             {ReasoningDelta{"Jane?"}, ThoughtEnd{.signature = "s"},
              ToolCallDelta{.index = 0, .id = "c", .name = "f", .arguments = "{\"n\":\"Ja"},
              ToolCallDelta{.index = 0, .arguments = "ne\"}"}, Finish{FinishReason::tool_calls}});
    REQUIRE(out);
    CHECK(all<ReasoningDelta>(*out).front().text == "[PERSON]?");
    CHECK(all<ThoughtEnd>(*out).front().signature.empty());
    CHECK(all<ToolCallDelta>(*out).front().arguments == "{\"n\":\"[PERSON]\"}");
}

TEST_CASE_FIXTURE(Fixture, "an answer of an attempt that has ended does not reach the next one") {
    auto one = state();
    Events out;
    one->attempt({"p", "m", 1});
    one->event(TextDelta{"One. "}, out);
    REQUIRE(one->waits());
    host.answers = {says(toxic)};
    std::optional<Result<void>> late;
    one->wait(into(late));
    host.answers = {says(moderation_off)};
    const auto again = pass(*one, spoken({"Two. "}));
    REQUIRE(again);
    CHECK(text(*again) == "Two. ");
}

TEST_CASE_FIXTURE(Fixture, "wrong keys are refused by name") {
    const auto wrong = [&](std::vector<std::pair<std::string, std::string>> keys) {
        Table table;
        for (auto& [key, value] : keys) table.entries.push_back({key, Value{value}});
        auto made = create<Hook>(gatehouse_plugin, table, host);
        return made ? std::string() : made.error().message;
    };
    CHECK(wrong({{"compartment_id", "c"}}).find("region and endpoint are missing") != std::string::npos);
    CHECK(wrong({{"compartment_id", "c"}, {"region", "us chicago"}}).find("is not a region") !=
          std::string::npos);
    CHECK(wrong({{"compartment_id", "c"},
                 {"region", "us-chicago-1"},
                 {"moderation", "off"},
                 {"injection", "off"}})
              .find("all checks are off") != std::string::npos);
}
