// SPDX-License-Identifier: Apache-2.0
// The events of a response: each text is masked separately, nothing is lost, the order stays.
#include "plugins/hook/redact/answer.hpp"
#include "secrets.hpp"
#include "tests/json.hpp"

#include <gatehouse/testing.hpp>

#include <map>

using namespace gatehouse;
using namespace gatehouse::redact;
using namespace gatehouse::redact::testing;
using gatehouse::test::Json;
using gatehouse::testing::all;
using gatehouse::testing::Events;

namespace {

const Rules& every() {
    static const Rules rules = redact::testing::rules();
    return rules;
}

std::vector<Event> through(const std::vector<Event>& events) {
    Tally tally(every().names().size());
    Events out;
    Answer answer(every(), tally);
    for (const Event& event : events) answer.event(event, out);
    answer.end(out);
    return std::move(out.list);
}

/// The texts that a client assembles, by kind, choice and tool call.
std::map<std::string, std::string> joined(const std::vector<Event>& events) {
    std::map<std::string, std::string> texts;
    for (const Event& event : events) {
        if (auto* one = std::get_if<TextDelta>(&event))
            texts["text " + std::to_string(one->choice)] += one->text;
        if (auto* one = std::get_if<ReasoningDelta>(&event))
            texts["reasoning " + std::to_string(one->choice)] += one->text;
        if (auto* one = std::get_if<RefusalDelta>(&event))
            texts["refusal " + std::to_string(one->choice)] += one->text;
        if (auto* one = std::get_if<ToolCallDelta>(&event))
            texts["call " + std::to_string(one->choice) + "." + std::to_string(one->index)] += one->arguments;
    }
    return texts;
}

std::string in_json(const std::string& text) { return Json(std::vector<std::string>{text}).dump(); }

}  // namespace

TEST_CASE("each secret is masked in each kind of text, cut at every byte") {
    for (const auto& [name, secret] : secrets()) {
        const std::string text = "It is " + secret + ".", hidden = "It is [" + name + "].";
        const std::string json = in_json(text);
        std::vector<Event> texts, reasons, refusals, calls = {ToolCallDelta{0, "id", "f"}};
        for (const char c : text) {
            texts.push_back(TextDelta{std::string(1, c)});
            reasons.push_back(ReasoningDelta{std::string(1, c)});
            refusals.push_back(RefusalDelta{std::string(1, c)});
        }
        for (const char c : json) calls.push_back(ToolCallDelta{.index = 0, .arguments = std::string(1, c)});
        for (auto* events : {&texts, &reasons, &refusals, &calls}) events->push_back(Finish{});
        CHECK(joined(through(texts))["text 0"] == hidden);
        CHECK(joined(through(reasons))["reasoning 0"] == hidden);
        CHECK(joined(through(refusals))["refusal 0"] == hidden);
        CHECK(joined(through(calls))["call 0.0"] == in_json(hidden));
        for (std::size_t cut = 0; cut <= text.size(); ++cut)
            REQUIRE(joined(through({TextDelta{text.substr(0, cut)}, TextDelta{text.substr(cut)},
                                    Finish{}}))["text 0"] == hidden);
    }
}

TEST_CASE("alternating choices and tool calls do not affect each other") {
    std::mt19937 random(11);
    for (int round = 0; round < 60; ++round) {
        std::map<std::string, std::string> expected;
        struct Source {
            std::string key, text;
            int choice, call;  // -1: text
            std::size_t at = 0;
        };
        std::vector<Source> sources;
        std::vector<Event> events;
        for (int choice = 0; choice < 4; ++choice)
            for (int call = -1; call < 3; ++call) {
                if ((choice % 2 == 0) != (call == -1))
                    continue;  // one kind per choice; the next test mixes kinds
                const auto& one = secrets()[random() % secrets().size()];
                const auto& two = secrets()[random() % secrets().size()];
                const std::string text = "a " + one.text + " b " + two.text + " c";
                const std::string hidden = "a [" + one.name + "] b [" + two.name + "] c";
                const std::string key = call < 0
                                            ? "text " + std::to_string(choice)
                                            : "call " + std::to_string(choice) + "." + std::to_string(call);
                expected[key] = call < 0 ? hidden : in_json(hidden);
                sources.push_back({key, call < 0 ? text : in_json(text), choice, call});
                if (call >= 0) events.push_back(ToolCallDelta{call, "id", "f", "", choice});
            }
        for (std::size_t done = 0; done < sources.size();) {
            Source& source = sources[random() % sources.size()];
            if (source.at >= source.text.size()) continue;
            const std::string piece = source.text.substr(source.at, 1 + random() % 9);
            source.at += piece.size();
            if (source.at >= source.text.size()) ++done;
            if (source.call < 0)
                events.push_back(TextDelta{piece, source.choice});
            else
                events.push_back(
                    ToolCallDelta{.index = source.call, .arguments = piece, .choice = source.choice});
        }
        for (int choice = 0; choice < 4; ++choice) events.push_back(Finish{FinishReason::stop, choice});
        REQUIRE(joined(through(events)) == expected);
    }
}

TEST_CASE("alternating kinds of text stay in order, no secret passes, and other text stays") {
    for (const auto& [name, secret] : secrets()) {
        std::vector<Event> events;
        for (const char c : secret) {
            events.push_back(TextDelta{std::string(1, c)});
            events.push_back(ReasoningDelta{"so "});
        }
        events.push_back(Finish{});
        const auto texts = joined(through(events));
        CHECK(texts.at("text 0").find(secret) == std::string::npos);
        CHECK(texts.at("reasoning 0").size() == 3 * secret.size());
    }
    const auto out = through(
        {ReasoningDelta{"let me think"}, TextDelta{"I call"}, ToolCallDelta{0, "id", "f", "{}"}, Finish{}});
    REQUIRE(out.size() == 6);
    CHECK(std::get<ReasoningDelta>(out[0]).text == "let me ");
    CHECK(std::get<ReasoningDelta>(out[1]).text == "think");
    CHECK(std::get<TextDelta>(out[2]).text == "I ");
    CHECK(std::get<TextDelta>(out[3]).text == "call");
    CHECK(std::get<ToolCallDelta>(out[4]).arguments == "{}");
    CHECK(std::holds_alternative<Finish>(out[5]));
}

TEST_CASE("delayed text comes before the finish of its choice, or at the end") {
    auto out = through({TextDelta{"bob@example.com", 0}, TextDelta{"word", 1}, Finish{FinishReason::stop, 1},
                        Finish{FinishReason::stop, 0}, Usage{1, 2, 3}});
    REQUIRE(out.size() == 5);
    CHECK(std::get<TextDelta>(out[0]).text == "word");
    CHECK(std::get<Finish>(out[1]).choice == 1);
    CHECK(std::get<TextDelta>(out[2]).text == "[email]");
    CHECK(std::get<Finish>(out[3]).choice == 0);
    CHECK(std::holds_alternative<Usage>(out[4]));
    out = through({TextDelta{"no finish"}});
    REQUIRE(out.size() == 2);
    CHECK(std::get<TextDelta>(out[1]).text == "finish");
}

TEST_CASE("events without text pass at once and unchanged") {
    const auto out = through({AnswerInfo{7, "default"}, Embedding{1, {0.5F}}, Ranking{2, 0.25},
                              ModelInfo{.id = "bob@example.com"}, TextDelta{""}, Usage{1, 2, 3}});
    REQUIRE(out.size() == 6);
    CHECK(std::get<AnswerInfo>(out[0]).created == 7);
    CHECK(std::get<Embedding>(out[1]).vector == std::vector<float>{0.5F});
    CHECK(std::get<ModelInfo>(out[3]).id == "bob@example.com");
    CHECK(std::get<TextDelta>(out[4]).text.empty());
}

TEST_CASE("a tool call begins at once even if its arguments are delayed") {
    const auto out = through({ToolCallDelta{0, "id", "mail", "{\"to\":\"bob"},
                              ToolCallDelta{.index = 0, .arguments = "@example.com\"}"},
                              ToolCallDelta{1, "id2", "none"}, Finish{}});
    const auto calls = all<ToolCallDelta>(out);
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].id == "id");
    CHECK(calls[0].name == "mail");
    CHECK(calls[0].arguments == "{\"to\":\"");
    CHECK(calls[1].arguments == "[email]\"}");
    CHECK(calls[2].name == "none");
}

TEST_CASE("tokens and their alternatives do not reveal a masked secret") {
    std::vector<Event> events;
    const std::vector<std::string> tokens = {"To", " bob", "@", "example", ".com", ",", "", " ok"};
    for (const std::string& token : tokens) {
        events.push_back(TextDelta{token});
        events.push_back(
            LogprobsDelta{{{token, -1.5, {{token, -1.5}, {"alice@example.com", -2}, {"x", -3}}}}});
    }
    events.push_back(Finish{});
    const auto out = through(events);
    CHECK(joined(out)["text 0"] == "To [email], ok");
    std::string text;
    std::size_t count = 0;
    for (const auto& delta : all<LogprobsDelta>(out))
        for (const auto& token : delta.tokens) {
            text += token.token;
            ++count;
            CHECK(token.logprob == -1.5);
            const std::size_t expected =
                token.token.find("email") != std::string::npos || token.token == " [email]" ? 0 : 3;
            if (expected) {
                for (const auto& alternative : token.top)
                    CHECK(alternative.token.find('@') == std::string::npos);
            }
        }
    CHECK(text == "To [email], ok");
    CHECK(count == tokens.size());
}

TEST_CASE("citations are masked and point to the same words of the masked text") {
    // "Grüß bob@example.com, see alice@example.org now"
    const auto out = through({TextDelta{"Gr\u00fc\u00df bob@example.com, see alice@example.org now. "},
                              Citation{"https://h/bob@example.com", "by bob@example.com", 22, 25},
                              Citation{"u", "t", 5, 20}, Citation{"u", "t", 44, 47}, Citation{"u", "t", 0, 4},
                              Citation{"u", "t", 7, 24}, Finish{}});
    const std::string text = joined(out)["text 0"];
    CHECK(text == "Gr\u00fc\u00df [email], see [email] now. ");
    const auto citations = all<Citation>(out);
    REQUIRE(citations.size() == 5);
    CHECK(citations[0].url == "https://h/[email]");
    CHECK(citations[0].title == "by [email]");
    CHECK(std::pair(citations[0].start, citations[0].end) ==
          std::pair<std::int64_t, std::int64_t>(14, 17));  // "see"
    CHECK(std::pair(citations[1].start, citations[1].end) ==
          std::pair<std::int64_t, std::int64_t>(5, 12));  // the mask
    CHECK(std::pair(citations[2].start, citations[2].end) ==
          std::pair<std::int64_t, std::int64_t>(26, 29));  // "now"
    CHECK(std::pair(citations[3].start, citations[3].end) == std::pair<std::int64_t, std::int64_t>(0, 4));
    CHECK(std::pair(citations[4].start, citations[4].end) == std::pair<std::int64_t, std::int64_t>(5, 16));
}

TEST_CASE("unknown members are masked, also if a string of a message arrives in pieces") {
    for (const auto& [name, secret] : secrets()) {
        std::vector<Event> events;
        for (const char c : "It is " + secret + "!") {
            if (static_cast<unsigned char>(c) >= 0x80) continue;
            events.push_back(
                Extra{Extra::Place::message, {Json{{"reasoning", std::string(1, c)}, {"n", 1}}.dump()}});
        }
        events.push_back(Finish{});
        std::string thought;
        for (const auto& extra : all<Extra>(through(events)))
            thought += Json::parse(extra.members.text).value("reasoning", "");
        CHECK(thought.find(secret) == std::string::npos);
        if (std::none_of(secret.begin(), secret.end(),
                         [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
            CHECK(thought == "It is [" + name + "]!");
    }
    const auto out =
        through({Extra{Extra::Place::answer, {R"({"fingerprint":"fp_1","by":"bob@example.com"})"}},
                 Extra{Extra::Place::choice, {R"({"a":["bob@example.com"]})"}, 1}, Finish{}});
    CHECK(std::get<Extra>(out[0]).members.text == R"({"fingerprint":"fp_1","by":"[email]"})");
    CHECK(std::get<Extra>(out[1]).members.text == R"({"a":["[email]"]})");
    CHECK(std::get<Extra>(out[1]).choice == 1);
}

TEST_CASE("a response with too many texts is rejected") {
    Tally tally(every().names().size());
    Events out;
    Answer answer(every(), tally);
    CHECK_THROWS([&] {
        for (int i = 0; i < 100'000; ++i) answer.event(ToolCallDelta{.index = i, .arguments = "[\"a"}, out);
    }());
}

TEST_CASE("the text of a call of a custom tool is not read as JSON, cut at every byte") {
    const std::string code = R"(["bob\u0040example.com", bob@example.com, 4111111111111111])";
    for (std::size_t cut = 0; cut <= code.size(); ++cut) {
        const auto out = through({ToolCallDelta{.id = "id", .name = "f", .custom = true},
                                  ToolCallDelta{.arguments = code.substr(0, cut), .custom = true},
                                  ToolCallDelta{.arguments = code.substr(cut), .custom = true}, Finish{}});
        REQUIRE(joined(out)["call 0.0"] == R"(["bob\u0040example.com", [email], [card]])");
        for (const auto& delta : all<ToolCallDelta>(out)) REQUIRE(delta.custom);
    }
}

TEST_CASE("unknown members of a tool call are masked, and pass even if its arguments are delayed") {
    const JsonText json{R"({"signature":"AbCd","by":"bob@example.com"})"};
    const auto calls = all<ToolCallDelta>(
        through({ToolCallDelta{.id = "id", .name = "f", .arguments = "[\"a", .extra = json},
                 ToolCallDelta{.arguments = "b", .inner_extra = json}, Finish{}}));
    REQUIRE(calls.size() == 3);
    CHECK(calls[0].extra.text == R"({"signature":"AbCd","by":"[email]"})");
    CHECK(calls[1].inner_extra.text == R"({"signature":"AbCd","by":"[email]"})");
    CHECK(calls[0].arguments + calls[1].arguments + calls[2].arguments == "[\"ab");
}

TEST_CASE("a masked thought loses its signature and its encrypted text, and another thought stays") {
    const ThoughtEnd end{"sig", "enc", "anthropic"};
    const auto out =
        through({ReasoningDelta{"one bob@exa"}, ReasoningDelta{"mple.com"}, end, ReasoningDelta{"two"}, end,
                 ReasoningDelta{"three c@d.co", 1}, end, ThoughtEnd{"sig", "enc", "anthropic", 1}, Finish{}});
    CHECK(joined(out)["reasoning 0"] == "one [email]two");
    const auto ends = all<ThoughtEnd>(out);
    REQUIRE(ends.size() == 4);
    const std::vector<std::string> signatures = {"", "sig", "sig", ""};
    for (std::size_t i = 0; i < ends.size(); ++i) {
        CHECK(ends[i].signature == signatures[i]);
        CHECK(ends[i].encrypted == (signatures[i].empty() ? "" : "enc"));
        CHECK(ends[i].origin == "anthropic");
    }
}

TEST_CASE("the end of a thought and of a block follow the delayed text") {
    const auto out = through({ReasoningDelta{"think"}, ThoughtEnd{"sig"}, TextDelta{"bob@example.com"},
                              BlockEnd{}, TextDelta{", word"}, OtherBlock{"anthropic", "result", {"{}"}},
                              TextDelta{"word", 1}, BlockEnd{}, Finish{}, Finish{.choice = 1}});
    std::string order;
    for (const Event& event : out) {
        if (auto* one = std::get_if<TextDelta>(&event)) order += one->text + " ";
        if (auto* one = std::get_if<ReasoningDelta>(&event)) order += one->text + " ";
        if (std::holds_alternative<ThoughtEnd>(event)) order += "| ";
        if (std::holds_alternative<BlockEnd>(event)) order += "/ ";
        if (std::holds_alternative<OtherBlock>(event)) order += "{} ";
        if (std::holds_alternative<Finish>(event)) order += ". ";
    }
    CHECK(order == "think | [email] / ,  word {} / . word . ");
}

TEST_CASE("unknown members of blocks, citations, finishes and usage are masked") {
    const JsonText json{R"({"by":"bob@example.com","n":4111111111111111})"};
    const std::string hidden = R"({"by":"[email]","n":"[card]"})";
    const auto out =
        through({OtherBlock{"anthropic", "result", json}, Citation{.extra = json, .inner_extra = json},
                 Finish{.native = "stop_sequence", .stop_sequence = "c@d.co", .details = json},
                 Usage{.prompt = 1, .extra = json, .prompt_extra = json, .completion_extra = json}});
    REQUIRE(out.size() == 4);
    CHECK(std::get<OtherBlock>(out[0]).json.text == hidden);
    CHECK(std::get<OtherBlock>(out[0]).type == "result");
    CHECK(std::get<Citation>(out[1]).extra.text == hidden);
    CHECK(std::get<Citation>(out[1]).inner_extra.text == hidden);
    CHECK(std::get<Finish>(out[2]).native == "stop_sequence");
    CHECK(std::get<Finish>(out[2]).stop_sequence == "[email]");
    CHECK(std::get<Finish>(out[2]).details.text == hidden);
    // The numbers of usage are counts and prices.
    const auto& usage = std::get<Usage>(out[3]);
    for (const JsonText* one : {&usage.extra, &usage.prompt_extra, &usage.completion_extra})
        CHECK(one->text == R"({"by":"[email]","n":4111111111111111})");
}

TEST_CASE("delayed unknown members keep their protocol") {
    const auto out =
        through({Extra{Extra::Place::message, {R"({"thinking":"word"})"}, 0, "other"}, Finish{}});
    const auto extras = all<Extra>(out);
    REQUIRE(extras.size() == 1);
    CHECK(extras[0].members.text == R"({"thinking":"word"})");
    CHECK(extras[0].protocol == "other");
}

TEST_CASE("the bytes of tokens do not reveal a masked secret") {
    auto token = [](const std::string& text, const std::string& bytes) {
        return TokenLogprob{text, -1, {{text, -1, bytes}, {"c@d.co", -2, "c@d.co"}}, bytes};
    };
    // The first two tokens are the halves of a character within the secret.
    const std::string half = "\uFFFD";
    const auto out =
        through({LogprobsDelta{{token("Hi ", "Hi "), token("j" + half, "j\xC3"), token(half + "r@", "\xBCr@"),
                                token("b.co", "b.co"), token(" \uFFFD", " \xE2"), token(half, "\x98\x83")}},
                 Finish{}});
    std::vector<TokenLogprob> tokens;
    for (const auto& delta : all<LogprobsDelta>(out))
        tokens.insert(tokens.end(), delta.tokens.begin(), delta.tokens.end());
    REQUIRE(tokens.size() == 6);
    CHECK(tokens[0].token == "Hi ");
    CHECK(tokens[0].bytes == "Hi ");
    REQUIRE(tokens[0].top.size() == 2);
    CHECK(tokens[0].top[0].bytes == "Hi ");
    CHECK(tokens[0].top[1].token == "[email]");
    CHECK_FALSE(tokens[0].top[1].bytes);
    CHECK(tokens[1].token == "[email]");
    for (int i = 1; i <= 3; ++i) {
        CHECK_FALSE(tokens[i].bytes);
        CHECK(tokens[i].top.empty());
    }
    CHECK(tokens[2].token.empty());
    CHECK(tokens[3].token.empty());
    CHECK(tokens[4].token == " \uFFFD");
    CHECK(tokens[4].bytes == " \xE2");
    CHECK(tokens[5].bytes == "\x98\x83");
}

TEST_CASE("the unknown members of tokens do not reveal a masked secret") {
    auto token = [](const std::string& text) {
        const JsonText extra{R"({"id":7,"said":"a@b.co","piece":")" + text + "\"}"};
        return TokenLogprob{
            .token = text, .logprob = -1, .top = {{.token = text, .extra = extra}}, .extra = extra};
    };
    const auto out =
        through({LogprobsDelta{.tokens = {token("Hi"), token(" bo"), token("b@c.de"), token(" x")},
                               .extra = {R"({"all":"a@b.co","n":1.50})"}},
                 Finish{}});
    std::vector<TokenLogprob> tokens;
    std::string beside;
    for (const auto& delta : all<LogprobsDelta>(out)) {
        tokens.insert(tokens.end(), delta.tokens.begin(), delta.tokens.end());
        beside += delta.extra.text;
    }
    CHECK(beside == R"({"all":"[email]","n":1.50})");
    REQUIRE(tokens.size() == 4);
    CHECK(tokens[0].extra.text == R"({"id":7,"said":"[email]","piece":"Hi"})");
    REQUIRE(tokens[0].top.size() == 1);
    CHECK(tokens[0].top[0].extra.text == tokens[0].extra.text);
    CHECK(tokens[1].extra.empty());
    CHECK(tokens[2].extra.empty());
    CHECK(tokens[3].extra.text == R"({"id":7,"said":"[email]","piece":" x"})");
}

TEST_CASE("the tokens of a refusal are separate from those of the text") {
    auto piece = [](const std::string& text, bool refusal) {
        return LogprobsDelta{{{text, -1}}, 0, refusal};
    };
    const auto out = through({piece("bob@exa", true), piece("Hi 4111 1111", false), piece("mple.com", true),
                              piece(" 1111 1111", false), Finish{}});
    std::string text, refusal;
    for (const auto& delta : all<LogprobsDelta>(out))
        for (const auto& token : delta.tokens) (delta.refusal ? refusal : text) += token.token;
    CHECK(refusal == "[email]");
    CHECK(text == "Hi [card]");
}

TEST_CASE("bytes of other operations, counts of tokens and headers pass unchanged") {
    const auto out = through({AnswerInfo{.id = "a@b.co", .headers = {{"x", "a@b.co"}}},
                              RawBytes{"text/plain", "a@b.co"}, TokenCount{7, true}});
    REQUIRE(out.size() == 3);
    CHECK(std::get<AnswerInfo>(out[0]).id == "a@b.co");
    CHECK(std::get<AnswerInfo>(out[0]).headers.size() == 1);
    CHECK(std::get<RawBytes>(out[1]).bytes == "a@b.co");
    CHECK(std::get<TokenCount>(out[2]).input == 7);
}
