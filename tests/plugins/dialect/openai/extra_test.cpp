// SPDX-License-Identifier: Apache-2.0
// Unknown members of the upstream's response are written at their positions, once.
#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;
using Place = Extra::Place;

namespace {
Extra at(Place place, std::string members, int choice = 0) { return {place, {std::move(members)}, choice}; }
}  // namespace

TEST_CASE("a non-streaming response has the upstream's own members at their positions") {
    CHECK(
        whole({at(Place::answer, R"({"system_fingerprint":"fp","x_groq":{"id":1}})"), TextDelta{"hi"},
               at(Place::message, R"({"audio":{"data":"QQ=="}})"),
               at(Place::choice, R"({"stop_reason":128001})"), Finish{}, Usage{1, 1, 2}}) ==
        R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-5","choices":[)"
        R"({"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"audio":{"data":"QQ=="}},)"
        R"("logprobs":null,"finish_reason":"stop","stop_reason":128001}],)"
        R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},)"
        R"("system_fingerprint":"fp","x_groq":{"id":1}})");
}

TEST_CASE("members of another protocol are ignored") {
    std::vector<Event> events = {TextDelta{"hi"}, Finish{}};
    const std::string expected = whole(events), expected_stream = brief(streamed(events));
    for (const Place place : {Place::answer, Place::choice, Place::message}) {
        Extra extra =
            at(place, R"({"system_fingerprint":"fp","container":{"id":1},"annotations":[{"a":1}]})");
        extra.protocol = "anthropic";
        events.insert(events.begin(), extra);
    }
    CHECK(whole(events) == expected);
    CHECK(brief(streamed(events)) == expected_stream);
}

TEST_CASE("members that the formatter writes by itself are not written twice") {
    const std::vector<Event> events = {
        at(Place::answer,
           R"({"id":"other","object":"o","created":1,"model":"m","choices":[],"usage":{},"a":1})"),
        at(Place::choice, R"({"index":9,"delta":{},"message":{},"finish_reason":"x","logprobs":1,"b":2})"),
        at(Place::message, R"({"role":"r","content":"c","tool_calls":[],"refusal":"f","c":3})"),
        TextDelta{"hi"}, Finish{}};
    CHECK(whole(events) ==
          R"({"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-5","choices":[)"
          R"({"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"c":3},)"
          R"("logprobs":null,"finish_reason":"stop","b":2}],"system_fingerprint":null,"a":1})");
    CHECK(brief(streamed(events)) ==
          R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"a":1})"
          "\n"
          R"({"choices":[{"index":0,"delta":{"c":3},"finish_reason":null,"b":2}]})"
          "\n"
          R"({"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]})"
          "\n"
          R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
          "\n[DONE]\n");
}

TEST_CASE("the last of two members with the same name counts") {
    CHECK(whole({at(Place::answer, R"({"a":1,"b":2})"), at(Place::answer, R"({"a":3})"), TextDelta{"x"},
                 Finish{}})
              .ends_with(R"("system_fingerprint":null,"b":2,"a":3})"));
}

TEST_CASE("a stream's members go with the next chunk of their choice") {
    openai_dialect::AnswerFacts two = facts();
    two.choices = 2;
    two.include_usage = true;
    CHECK(
        brief(streamed(
            {TextDelta{"a", 0}, TextDelta{"b", 1}, at(Place::choice, R"({"t":[1]})", 1),
             at(Place::choice, R"({"t":[2]})", 1), TextDelta{"c", 0}, at(Place::choice, R"({"s":0})", 0),
             Finish{FinishReason::stop, 0}, Finish{FinishReason::stop, 1},
             at(Place::answer, R"({"timings":{"ms":5}})"), Usage{1, 2, 3}},
            two)) ==
        R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null})"
        "\n"
        R"({"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":null})"
        "\n"
        R"({"choices":[{"index":1,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null})"
        "\n"
        R"({"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}],"usage":null})"
        "\n"
        R"({"choices":[{"index":1,"delta":{},"finish_reason":null,"t":[1]}],"usage":null})"
        "\n"
        R"({"choices":[{"index":0,"delta":{"content":"c"},"finish_reason":null}],"usage":null})"
        "\n"
        R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","s":0}],"timings":{"ms":5},"usage":null})"
        "\n"
        R"({"choices":[{"index":1,"delta":{},"finish_reason":"stop","t":[2]}],"usage":null})"
        "\n"
        R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"
        "\n[DONE]\n");
}

TEST_CASE("members that are written on several lines do not end the event of a stream") {
    const std::vector<Event> events = {at(Place::choice, "{\"a\":[1,\r\n2],\r\"b\":\n{\"c\":\"\\n\"}}"),
                                       TextDelta{"x"}, Finish{}};
    const std::string stream = brief(streamed(events));
    CHECK(stream.find(R"("a":[1,  2],"b":{"c":"\n"})") != std::string::npos);
    CHECK(stream.find('\r') == std::string::npos);
    std::size_t lines = 0;
    for (char c : stream) lines += c == '\n';
    CHECK(lines == 4);  // as many as events: role, text, finish, [DONE]
}

TEST_CASE("annotations that are not citations of a URL are written as they came, behind or before those") {
    const std::string file =
        R"({"type":"file","file":{"hash":"abc","name":"a.pdf","content":[{"type":"text"}]}})";
    const std::string cited =
        R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"title":"A","url":"https://a"}})";
    const Event citation = Citation{"https://a", "A", 0, 1};
    const Event other = at(Place::message, R"({"annotations":[)" + file + R"(],"c":3})");
    CHECK(whole({TextDelta{"a"}, citation, other, Finish{}})
              .find(R"("annotations":[)" + cited + "," + file + R"(],"c":3)") != std::string::npos);
    CHECK(whole({TextDelta{"a"}, other, citation, Finish{}})
              .find(R"("annotations":[)" + file + "," + cited + "]") != std::string::npos);
    CHECK(whole({TextDelta{"a"}, other, Finish{}}).find(R"("annotations":[)" + file + R"(],"c":3)") !=
          std::string::npos);
    CHECK(brief(streamed({TextDelta{"a"}, other, Finish{}}))
              .find(R"("delta":{"annotations":[)" + file + R"(],"c":3})") != std::string::npos);
    CHECK(brief(streamed({TextDelta{"a"}, at(Place::message, R"({"annotations":[)" + file + "]}"), Finish{}}))
              .find(R"("delta":{"annotations":[)" + file + "]}") != std::string::npos);
    for (const char* none : {R"({"annotations":[]})", R"({"annotations":[ ]})", R"({"annotations":7})"})
        CHECK(whole({TextDelta{"a"}, at(Place::message, none), Finish{}}) ==
              whole({TextDelta{"a"}, Finish{}}));
}

TEST_CASE("the bytes of tokens are those of their texts, unless the text does not say them") {
    auto bytes = [](const std::string& token) {
        const std::string out =
            whole({TextDelta{"a"}, LogprobsDelta{{{token, -1, {{token, -1}}}}}, Finish{}});
        const std::string key = R"("bytes":)", end = out.find(key + "null") == out.npos ? "]" : ",\"";
        const std::size_t first = out.find(key) + key.size(), last = out.rfind(key) + key.size();
        const std::string found = out.substr(first, out.find(end, first) - first);
        CHECK(out.substr(last).starts_with(found));  // that of the alternative
        return found;
    };
    CHECK(bytes("\xC3\xA9") == "[195,169");
    CHECK(bytes("hi") == "[104,105");
    CHECK(bytes("\xF0\x9F\x98\x80") == "[240,159,152,128");
    CHECK(bytes("\n") == "[10");
    // Half a character, as OpenAI and others write it.
    CHECK(bytes("\xEF\xBF\xBD") == "null");
    CHECK(bytes("a\xEF\xBF\xBD") == "null");
    CHECK(bytes(R"(\xf0\x9f)") == "[240,159");
    CHECK(bytes(R"(bytes: \xf0)") == "[32,240");
    CHECK(bytes(R"(bytes:)") == "[98,121,116,101,115,58");
    CHECK(bytes(R"(\xf0a)") == "[92,120,102,48,97");
    CHECK(bytes(R"(\n)") == "[92,110");
}

TEST_CASE("members that are not a JSON object are dropped") {
    for (const char* members : {"", "[1]", "{", "\"x\"", "{\"a\":}", "{}"}) {
        const std::vector<Event> events = {at(Place::answer, members), at(Place::choice, members),
                                           at(Place::message, members), TextDelta{"x"}, Finish{}};
        CHECK(whole(events) == whole({TextDelta{"x"}, Finish{}}));
        CHECK(streamed(events) == streamed({TextDelta{"x"}, Finish{}}));
    }
}
