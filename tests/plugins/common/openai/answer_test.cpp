// SPDX-License-Identifier: Apache-2.0
// Responses of OpenAI-compatible servers as events.  Each stream is cut at every byte.
#include "plugins/common/openai/chat_answer.hpp"

#include "tests/plugins/describe.hpp"

using namespace gatehouse;
using namespace gatehouse::test;
using gatehouse::openai_format::make_reader;
using namespace std::literals;

namespace {

Lines feed(const std::vector<std::string_view>& pieces) {
    upstream::AnswerStream stream(make_reader("the upstream"), "the upstream", Limits{},
                                  [](std::string_view json) {
                                      return Error{ErrorKind::upstream, "told: " + std::string(json)};
                                  });
    testing::Events events;
    for (std::string_view piece : pieces)
        if (auto ok = stream.feed(piece, events); !ok) return lines(Result<std::vector<Event>>(ok.error()));
    if (auto ok = stream.end(events); !ok) return lines(Result<std::vector<Event>>(ok.error()));
    return lines(events.list);
}

/// The events of `body`, which must be the same wherever it is cut.
Lines read(std::string_view body) {
    const Lines whole = feed({body});
    for (std::size_t cut = 1; cut < body.size(); ++cut) {
        const Lines two = feed({body.substr(0, cut), body.substr(cut)});
        if (two != whole) {
            CAPTURE(cut);
            CHECK(two == whole);
            return whole;
        }
    }
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
    CHECK(feed(bytes) == whole);
    return whole;
}

/// A stream of chunks whose only choice has these members.
std::string stream(std::initializer_list<std::string> choices, const std::string& end = "data: [DONE]\n\n") {
    std::string out;
    for (const std::string& choice : choices) out += "data: {\"choices\":[{\"index\":0," + choice + "}]}\n\n";
    return out + end;
}
std::string delta(const std::string& members) { return "\"delta\":{" + members + "},\"finish_reason\":null"; }
std::string finish(const std::string& reason) { return "\"delta\":{},\"finish_reason\":\"" + reason + "\""; }
std::string whole(const std::string& message, const std::string& rest = "\"finish_reason\":\"stop\"") {
    return "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{" + message + "}," + rest +
           "}]}";
}
std::string call(const std::string& members) { return delta("\"tool_calls\":[{" + members + "}]"); }

const std::string cut_off =
    "error 502: the upstream's response ended before it was complete: it has no finish reason";
const std::string garbage = "error 502: the upstream's response is invalid: ";

}  // namespace

TEST_CASE("OpenAI's stream: role, text, finish, usage in a chunk of its own, [DONE]") {
    CHECK(
        read(
            R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"a1b2"}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"Hé"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"c3"}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-5","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":2,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":3,"accepted_prediction_tokens":1,"rejected_prediction_tokens":0}}}

data: [DONE]

)") == Lines{"info 1700000000 default", R"(extra answer {"system_fingerprint":"fp_1"})", "text Hé",
             "finish stop", "usage 9+4=13 cached=2 reasoning=3 accepted=1 rejected=0"});
}

TEST_CASE("lines end in CRLF, comments and other fields are between, the space is missing") {
    CHECK(read(": ping\r\n\r\nevent: message\r\nid: "
               "1\r\ndata:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\r\n"
               "\r\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: "
               "[DONE]\r\n\r\n") == Lines{"text a", "finish stop"});
}

TEST_CASE("usage rides on the last chunk, or on every one") {
    const std::string usage = R"(,"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";
    CHECK(read("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]" + usage + "}\n\n" +
               "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]" + usage + "}\n\n" +
               "data: [DONE]\n\n") == Lines{"text a", "finish stop", "usage 1+2=3"});
    CHECK(read("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]" + usage +
               "}\n\n") == Lines{"text a", "finish stop", "usage 1+2=3"});
}

TEST_CASE(
    "a stream may end without [DONE] if there is a finish reason, and without that if there is [DONE]") {
    CHECK(read(stream({delta(R"("content":"a")"), finish("length")}, "")) ==
          Lines{"text a", "finish length"});
    CHECK(read(stream({delta(R"("content":"a")")})) == Lines{"text a", "finish stop"});
    CHECK(read(stream({call(R"("index":0,"id":"c","function":{"name":"f","arguments":"{}"})")})) ==
          Lines{"call 0 id=c name=f {}", "finish tool_calls"});
    CHECK(read(stream({delta(R"("content":"a")")}, "")) == Lines{cut_off});
    CHECK(read("data: [DONE]\n\n") == Lines{cut_off});
    CHECK(read("data: {\"choices\":[]}\n\n") == Lines{cut_off});
}

TEST_CASE("bytes after [DONE] are ignored") {
    CHECK(read(stream({delta(R"("content":"a")"), finish("stop")}) + "data: {broken\n\n") ==
          Lines{"text a", "finish stop"});
}

TEST_CASE("deltas that are null, empty or only a role emit no event") {
    CHECK(read(stream({R"("delta":null)", R"("delta":{})", R"("delta":{"role":"assistant"})",
                       delta(R"("content":null,"tool_calls":null,"refusal":null,"reasoning_content":null)"),
                       delta(R"("content":"","tool_calls":[])"), R"("finish_reason":"")",
                       R"("delta":{},"finish_reason":"null")", delta(R"("content":"a")"), finish("stop")})) ==
          Lines{"text a", "finish stop"});
}

TEST_CASE("thoughts come by either name, and once if by both") {
    CHECK(read(stream({delta(R"("reasoning_content":"a")"), delta(R"("reasoning":"b")"),
                       delta(R"("reasoning_content":"c","reasoning":"c")"), delta(R"("content":"t")"),
                       finish("stop")})) ==
          Lines{"reasoning a", "reasoning b", "reasoning c", "text t", "finish stop"});
}

TEST_CASE("a refusal is told as one") {
    CHECK(read(stream({delta(R"("refusal":"I ")"), delta(R"("refusal":"won't")"), finish("stop")})) ==
          Lines{"refusal I ", "refusal won't", "finish stop"});
}

TEST_CASE("content may be parts, with thoughts among them") {
    CHECK(read(stream({delta(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]}])"),
                       delta(R"("content":[{"type":"text","text":"a"},{"type":"text","text":"b"}])"),
                       finish("stop")})) == Lines{"reasoning h", "text a", "text b", "finish stop"});
}

TEST_CASE("fragments of calls are put together by their index") {
    CHECK(
        read(stream({call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":""})"),
                     call(R"("index":0,"function":{"arguments":"{\"x\":"})"),
                     call(R"("index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{"})"),
                     call(R"("index":0,"function":{"arguments":"1}"})"),
                     call(R"("index":1,"function":{"arguments":"}"})"), finish("tool_calls")})) ==
        Lines{"call 0 id=a name=f ", "call 0 {\"x\":", "call 1 id=b name=g {", "call 0 1}", "call 1 }",
              "finish tool_calls"});
}

TEST_CASE("several calls in one chunk, and a finish reason that forgets them") {
    CHECK(read(stream({delta(R"("tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},)"
                             R"({"index":1,"id":"b","function":{"name":"f","arguments":"{\"y\":2}"}}])"),
                       finish("stop")})) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=b name=f {\"y\":2}", "finish tool_calls"});
}

TEST_CASE("id, type and name may come again in every fragment, or not at all") {
    CHECK(read(stream(
              {call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\""})"),
               call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":":1}"})"),
               call(R"("index":0,"id":"a","type":"function","function":{"name":"f","arguments":""})"),
               finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {\"x\"", "call 0 :1}", "finish tool_calls"});
    CHECK(read(stream({call(R"("index":0,"function":{"name":"f","arguments":"{}"})"),
                       finish("tool_calls")})) == Lines{"call 0 id=call_* name=f {}", "finish tool_calls"});
    CHECK(read(stream({call(R"("index":0,"id":"","function":{"name":"f","arguments":null})"),
                       finish("tool_calls")})) ==
          Lines{"call 0 id=call_* name=f ", "call 0 {}", "finish tool_calls"});
}

TEST_CASE("calls that all have index 0, or none, are told apart by ids and names") {
    const Lines two{"call 0 id=a name=f {}", "call 1 id=b name=g {}", "finish tool_calls"};
    CHECK(read(stream({call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})"),
                       call(R"("index":0,"id":"b","function":{"name":"g","arguments":"{}"})"),
                       finish("tool_calls")})) == two);
    CHECK(read(stream({call(R"("id":"a","function":{"name":"f","arguments":"{}"})"),
                       call(R"("id":"b","function":{"name":"g","arguments":"{"})"),
                       call(R"("function":{"arguments":"}"})"), finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=b name=g {", "call 1 }", "finish tool_calls"});
    CHECK(
        read(stream({call(R"("index":0,"function":{"name":"f","arguments":"{}"})"),
                     call(R"("index":0,"function":{"name":"f","arguments":"{}"})"), finish("tool_calls")})) ==
        Lines{"call 0 id=call_* name=f {}", "call 1 id=call_* name=f {}", "finish tool_calls"});
    // Two calls with the same id would mix up their results.
    CHECK(read(stream({call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{}"})"),
                       call(R"("index":1,"id":"a","function":{"name":"g","arguments":"{}"})"),
                       finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {}", "call 1 id=call_* name=g {}", "finish tool_calls"});
}

TEST_CASE("indexes may have gaps and be out of order: clients see 0, 1, 2") {
    CHECK(read(stream({call(R"("index":7,"id":"a","function":{"name":"f","arguments":"{"})"),
                       call(R"("index":3,"id":"b","function":{"name":"g","arguments":"{}"})"),
                       call(R"("index":7,"function":{"arguments":"}"})"), finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {", "call 1 id=b name=g {}", "call 0 }", "finish tool_calls"});
}

TEST_CASE("arguments may be an object, and a call may be of the older form or flat") {
    CHECK(read(stream({call(R"("index":0,"id":"a","function":{"name":"f","arguments":{"x": [1, "é"]}})"),
                       finish("stop")})) ==
          Lines{"call 0 id=a name=f {\"x\":[1,\"é\"]}", "finish tool_calls"});
    CHECK(read(stream({delta(R"("function_call":{"name":"f","arguments":"{"})"),
                       delta(R"("function_call":{"arguments":"}"})"), finish("function_call")})) ==
          Lines{"call 0 id=call_* name=f {", "call 0 }", "finish tool_calls"});
    CHECK(read(stream({call(R"("id":"a","name":"f","arguments":"{}")"), finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {}", "finish tool_calls"});
}

TEST_CASE("arguments that are not JSON reach the client, unless the stream was cut inside them") {
    const std::string broken = call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"})");
    CHECK(read(stream({broken, finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {\"x\":", "finish tool_calls"});
    CHECK(read(stream({broken, finish("stop")})) == Lines{"call 0 id=a name=f {\"x\":", "finish tool_calls"});
    CHECK(read(stream({broken, finish("length")})) == Lines{"call 0 id=a name=f {\"x\":", "finish length"});
    CHECK(read(stream({broken})) == Lines{cut_off});
    CHECK(read(stream({broken}, "")) == Lines{cut_off});
    // The text of a public report, in two fragments.
    CHECK(read(stream({call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"city\": \"A"})"),
                       call(R"("index":0,"function":{"arguments":"\"}<|call|>"})"), finish("tool_calls")})) ==
          Lines{"call 0 id=a name=f {\"city\": \"A", "call 0 \"}<|call|>", "finish tool_calls"});
    for (const char* arguments :
         {R"({\"a\": 1,})", R"({'a': 1})", "plain text", R"({\"a\": 1} {\"b\": 2})", R"({\"a\": \"b)"}) {
        CAPTURE(arguments);
        const std::string text = Json::parse("\"" + std::string(arguments) + "\"");
        const std::string made =
            R"("tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":")" +
            std::string(arguments) + R"("}}])";
        const Lines expected{"call 0 id=a name=f " + text, "finish tool_calls"};
        CHECK(read(whole(made, R"("finish_reason":"tool_calls")")) == expected);
        CHECK(read(stream({delta(made), finish("tool_calls")})) == expected);
    }
    CHECK(read(stream({call(R"("index":0,"function":{"arguments":"{}"})"), finish("tool_calls")})) ==
          Lines{"error 502: the upstream sent the arguments of a tool call, but no name"});
}

TEST_CASE("several choices are told apart, each with its finish") {
    CHECK(read(R"(data: {"choices":[{"index":1,"delta":{"content":"b"}},{"index":0,"delta":{"content":"a"}}]}

data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

)") == Lines{"text#1 b", "text a", "call 0 id=c name=f {}", "finish tool_calls", "finish#1 length"});
    // A response with an unfinished choice is not complete.
    CHECK(read("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"},"
               "{\"index\":1,\"delta\":{\"content\":\"b\"}}]}\n\n") == Lines{cut_off});
}

TEST_CASE("finish reasons of other servers, in any case") {
    auto reason = [](const char* word) {
        return feed({stream({delta(R"("content":"a")"), finish(word)})}).back();
    };
    CHECK(reason("STOP") == "finish stop");
    CHECK(reason("end_turn") == "finish stop");
    CHECK(reason("eos") == "finish stop");
    CHECK(reason("max_tokens") == "finish length");
    CHECK(reason("content_filter") == "finish content_filter");
    CHECK(reason("SAFETY") == "finish content_filter");
    CHECK(reason("tool_calls") == "finish stop");  // there is no call
    CHECK(reason("error") == "error 502: the model failed in the middle of its answer (finish reason error)");
}

TEST_CASE("a bad end does not look like a good one, streaming and non-streaming") {
    auto reason = [](const std::string& word) {
        const std::string streamed = feed({stream({delta(R"("content":"a")"), finish(word)})}).back();
        CHECK(feed({whole(R"("content":"a")", R"("finish_reason":")" + word + "\"")}).back() == streamed);
        return streamed;
    };
    for (const char* word :
         {"sensitive", "content_filtered", "guardrail_intervened", "prohibited_content", "RECITATION",
          "refusal", "SPII", "contentFilter", "FinishReason.SAFETY", "FINISH_REASON_SAFETY", "ERROR_TOXIC"}) {
        CAPTURE(word);
        CHECK(reason(word) == "finish content_filter");
    }
    for (const char* word :
         {"model_context_window_exceeded", "model_length", "max_output_tokens", "MAX_TOKENS", "maxTokens",
          "max_new_tokens", "token_limit", "context_length_exceeded"}) {
        CAPTURE(word);
        CHECK(reason(word) == "finish length");
    }
    for (const char* word :
         {"network_error", "insufficient_system_resource", "aborted", "cancelled", "timeout",
          "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "malformed_model_output"}) {
        CAPTURE(word);
        CHECK(reason(word) == "error 502: the model failed in the middle of its answer (finish reason " +
                                  std::string(word) + ")");
    }
    for (const char* word :
         {"stop", "COMPLETE", "eos_token", "stop_sequence", "end_turn", "a word of tomorrow"}) {
        CAPTURE(word);
        CHECK(reason(word) == "finish stop");
    }
}

TEST_CASE("a non-streaming response is read, also for a streaming request") {
    CHECK(
        read(
            R"({"id":"x","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi","refusal":null,"annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":2,"title":"T","url":"https://u"}}]},"logprobs":{"content":[{"token":"hi","logprob":-0.5,"bytes":[104,105],"top_logprobs":[{"token":"hi","logprob":-0.5,"bytes":null}]}],"refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})") ==
        Lines{"info 1700000000", "text hi", "citation https://u T 0-2", "logprobs hi=-0.5,hi=-0.5;",
              "finish stop", "usage 3+1=4"});
    CHECK(
        read(whole(
            R"("content":null,"reasoning":"r","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"a","type":"function","function":{"name":"f","arguments":""}}])",
            R"("finish_reason":"tool_calls")")) == Lines{"reasoning r", "call 0 id=a name=f {}",
                                                         "call 1 id=call_* name=f ", "call 1 {}",
                                                         "finish tool_calls"});
    CHECK(read(whole(R"("content":"a")", R"("finish_reason":null)")) == Lines{"text a", "finish stop"});
}

TEST_CASE("text behind a finish reason, a usage or both is read, and the finish comes at the end") {
    const std::string usage = R"(,"usage":{"prompt_tokens":3,"completion_tokens":N,"total_tokens":6})";
    auto both = [&](const std::string& inner, char tokens) {
        std::string text = usage;
        text[text.find('N')] = tokens;
        return "data: {\"choices\":[{\"index\":0,\"delta\":{" + inner + "},\"finish_reason\":\"stop\"}]" +
               text + "}\n\n";
    };
    const Lines abc{"text a", "text b", "text c", "finish stop", "usage 3+3=6"};
    const std::string every =
        both(R"("content":"a")", '1') + both(R"("content":"b")", '2') + both(R"("content":"c")", '3');
    CHECK(read(every + "data: [DONE]\n\n") == abc);
    CHECK(read(every) == abc);  // the end of the body is an end, too
    CHECK(read(stream({delta(R"("content":"a")"), finish("stop"), delta(R"("content":"b")"),
                       delta(R"("reasoning":"r")"), delta(R"("refusal":"n")")})) ==
          Lines{"text a", "text b", "reasoning r", "refusal n", "finish stop"});
    CHECK(read(stream({delta(R"("content":"a")"), finish("stop"),
                       call(R"("index":0,"id":"c","function":{"name":"f","arguments":"{\"x\":"})"),
                       call(R"("index":0,"function":{"arguments":"1}"})")})) ==
          Lines{"text a", "call 0 id=c name=f {\"x\":", "call 0 1}", "finish tool_calls"});
    // Usage before the text, and in a chunk of its own between the texts.
    const std::string counts =
        R"(data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}})"
        "\n\n";
    CHECK(read(counts + stream({delta(R"("content":"a")"), finish("stop")}, counts) +
               stream({delta(R"("content":"b")")})) ==
          Lines{"text a", "text b", "finish stop", "usage 3+3=6"});
    // The first of two choices continues.
    CHECK(read(stream({delta(R"("content":"a")"), finish("stop")}, counts) +
               R"(data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"length"}]})"
               "\n\n" +
               stream({delta(R"("content":"c")")})) ==
          Lines{"text a", "text#1 b", "text c", "finish stop", "finish#1 length", "usage 3+3=6"});
    // "stop" in every chunk does not hide the reason at the end.
    CHECK(read(stream({R"("delta":{"content":"a"},"finish_reason":"stop")", finish("length")})) ==
          Lines{"text a", "finish length"});
    CHECK(read(stream({R"("delta":{"content":"a"},"finish_reason":"length")", finish("stop")})) ==
          Lines{"text a", "finish length"});
}

TEST_CASE("a message behind deltas adds only what is new") {
    auto message = [](const std::string& members, const std::string& rest = R"("finish_reason":"stop")") {
        return "\"message\":{\"role\":\"assistant\"," + members + "}," + rest;
    };
    const std::string hmm = delta(R"("reasoning_content":"hmm")");
    const std::string hello = delta(R"("content":"Hello")"), you = delta(R"("content":" you")");
    const std::string again = R"("content":"Hello you","reasoning_content":"hmm")";
    const Lines once{"reasoning hmm", "text Hello", "text  you", "finish stop"};
    CHECK(read(stream({hmm, hello, you, message(again)})) == once);
    CHECK(read(stream({hmm, hello, you, message(again)}, "")) == once);
    CHECK(read(stream({hmm, hello, you, message(again, R"("finish_reason":null)")})) == once);
    CHECK(read(stream({hmm, hello, you, finish("stop"), message(again)})) == once);
    CHECK(
        read(stream({hmm, hello, you, message(R"("content":"Hello you","name":"M")") + R"(,"custom":1)"})) ==
        Lines{"reasoning hmm", "text Hello", "text  you", R"(extra choice {"custom":1})",
              R"(extra message {"name":"M"})", "finish stop"});
    // Its end is new, or another member.
    CHECK(read(stream({hello, message(R"("content":"Hello you")")})) ==
          Lines{"text Hello", "text  you", "finish stop"});
    CHECK(read(stream({hmm, message(again)})) == Lines{"reasoning hmm", "text Hello you", "finish stop"});
    CHECK(read(stream({delta(R"("role":"assistant","content":"")"), message(R"("content":"all")")})) ==
          Lines{"text all", "finish stop"});
    CHECK(read(stream({hello, you,
                       message(R"("content":[{"type":"text","text":"Hello "},)"
                               R"({"type":"text","text":"you!"}])")})) ==
          Lines{"text Hello", "text  you", "text !", "finish stop"});
    // A text that differs was not streamed like this; the client has the streamed one.
    CHECK(read(stream({hello, message(R"("content":"hello")")})) == Lines{"text Hello", "finish stop"});
    // The second choice is alone in its chunk.
    CHECK(read(R"(data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}

data: {"choices":[{"index":1,"delta":{"content":"b"}}]}

data: {"choices":[{"index":1,"message":{"content":"bc"},"finish_reason":"stop"}]}

)") == Lines{"text a", "text#1 b", "text#1 c", "finish stop", "finish#1 stop"});
    // Log probabilities and citations are repeated, too.
    const std::string cited = R"("annotations":[{"type":"url_citation","url_citation":{"url":"u"}}])";
    const std::string sure = R"(,"logprobs":{"content":[{"token":"Hello","logprob":-1}]})";
    CHECK(read(stream({R"("delta":{"content":"Hello",)" + cited + "}" + sure,
                       message(R"("content":"Hello",)" + cited) + sure})) ==
          Lines{"text Hello", "citation u  0-0", "logprobs Hello=-1.0;", "finish stop"});
}

TEST_CASE("a message behind deltas repeats their calls, and adds those that are new") {
    auto message = [](const std::string& calls) {
        return R"("message":{"content":null,"tool_calls":[)" + calls + R"(]},"finish_reason":"tool_calls")";
    };
    const std::string begun = call(R"("index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"})");
    const std::string ended = call(R"("index":0,"function":{"arguments":"1}"})");
    const std::string first =
        R"({"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}})";
    const std::string second = R"({"id":"b","type":"function","function":{"name":"f","arguments":"{}"}})";
    const Lines once{"call 0 id=a name=f {\"x\":", "call 0 1}", "finish tool_calls"};
    CHECK(read(stream({begun, ended, message(first)})) == once);
    CHECK(read(stream({begun, ended, finish("tool_calls"), message(first)})) == once);
    CHECK(read(stream({begun, message(first)})) == once);
    CHECK(read(stream({begun, ended, message(first + "," + second)})) ==
          Lines{"call 0 id=a name=f {\"x\":", "call 0 1}", "call 1 id=b name=f {}", "finish tool_calls"});
    CHECK(read(stream({delta(R"("content":"t")"), message(first)})) ==
          Lines{"text t", "call 0 id=a name=f {\"x\":1}", "finish tool_calls"});
    // With an id of its own, or as a delta.
    CHECK(
        read(stream(
            {begun, ended,
             message(R"({"id":"z","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}})")})) ==
        once);
    CHECK(read(stream({begun, ended, delta("\"tool_calls\":[" + first + "]"), finish("tool_calls")})) ==
          once);
    CHECK(read(stream(
              {delta(R"("function_call":{"name":"f","arguments":"{}"})"),
               R"("message":{"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"stop")"})) ==
          Lines{"call 0 id=call_* name=f {}", "finish tool_calls"});
}

TEST_CASE("a stream that consists of messages is read") {
    auto message = [](const std::string& text, const char* reason = "null") {
        return "\"message\":{\"content\":\"" + text + "\"},\"finish_reason\":" + reason;
    };
    CHECK(read(stream({message("all", "\"stop\"")})) == Lines{"text all", "finish stop"});
    CHECK(read(stream({message("all", "\"length\"")}, "")) == Lines{"text all", "finish length"});
    CHECK(read(stream({message("a"), message("b"), message("c", "\"stop\"")})) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    CHECK(read(stream({message("a"), message("ab"), message("abc", "\"stop\"")})) ==
          Lines{"text a", "text b", "text c", "finish stop"});
    CHECK(read(stream({message("a"), message("ab"), message("ab", "\"stop\"")})) ==
          Lines{"text a", "text b", "finish stop"});
}

TEST_CASE("a character that two events share is joined") {
    const std::string smile = "\xF0\x9F\x98\x80", lost = "\xEF\xBF\xBD";
    CHECK(read(stream({delta(R"("content":"a\ud83d")"), delta(R"("content":"\ude00b")"), finish("stop")})) ==
          Lines{"text a", "text " + smile + "b", "finish stop"});
    CHECK(read(stream({delta(R"("content":"\ud83d")"), delta(R"("content":"\uDE00")"), finish("stop")})) ==
          Lines{"text " + smile, "finish stop"});
    for (const char* kind : {"reasoning_content", "reasoning", "refusal"})
        CHECK(read(stream({delta("\"" + std::string(kind) + R"(":"\uD83D")"),
                           delta("\"" + std::string(kind) + R"(":"\ude00")"), finish("stop")})) ==
              Lines{(kind[2] == 'f' ? "refusal " : "reasoning ") + smile, "finish stop"});
    CHECK(read(stream({call(R"("index":0,"id":"c","function":{"name":"f","arguments":"{\"x\":\"\ud83d"})"),
                       call(R"("index":0,"function":{"arguments":"\ude00\"}"})"), finish("tool_calls")})) ==
          Lines{"call 0 id=c name=f {\"x\":\"", "call 0 " + smile + "\"}", "finish tool_calls"});
    // Halves as bytes, in one event and in two.
    CHECK(read(stream({delta("\"content\":\"a\xED\xA0\xBD\xED\xB8\x80\""),
                       delta("\"content\":\"\xED\xA0\xBD\""), delta("\"content\":\"\xED\xB8\x80\""),
                       finish("stop")})) == Lines{"text a" + smile, "text " + smile, "finish stop"});
    // Other texts may come between the halves.
    CHECK(read(stream({delta(R"("content":"\ud83d")"), delta(R"("reasoning":"\ud83d")"),
                       delta(R"("content":"\ude00")"), delta(R"("reasoning":"\ude00")"), finish("stop")})) ==
          Lines{"text " + smile, "reasoning " + smile, "finish stop"});
    CHECK(
        read(
            R"(data: {"choices":[{"index":0,"delta":{"content":"\ud83d"}},{"index":1,"delta":{"content":"\ud83d"}}]}

data: {"choices":[{"index":1,"delta":{"content":"\ude01"}},{"index":0,"delta":{"content":"\ude00"}}]}

data: [DONE]

)") == Lines{"text#1 \xF0\x9F\x98\x81", "text " + smile, "finish stop", "finish#1 stop"});
    // The other half does not come.
    CHECK(read(stream({delta(R"("content":"a\ud83d")"), delta(R"("content":"b")"), finish("stop")})) ==
          Lines{"text a", "text " + lost + "b", "finish stop"});
    CHECK(read(stream({delta(R"("content":"a\ud83d")"), finish("stop")})) ==
          Lines{"text a", "text " + lost, "finish stop"});
    CHECK(read(stream({delta(R"("content":"\ude00a")"), finish("stop")})) ==
          Lines{"text " + lost + "a", "finish stop"});
    CHECK(read(stream({delta(R"("content":"\ud83d\ud83d")"), delta(R"("content":"\ude00")"), finish("stop")},
                      "")) == Lines{"text " + lost, "text " + smile, "finish stop"});
    CHECK(read(stream({delta(R"("content":"\ud83d","custom":"\ud83d")"), delta(R"("content":"\ude00")"),
                       finish("stop")})) ==
          Lines{"extra message {\"custom\":\"" + lost + "\"}", "text " + smile, "finish stop"});
    CHECK(read(whole(R"("content":"a\ud83d")")) == Lines{"text a" + lost, "finish stop"});
    CHECK(read(whole(R"("content":"\ud83d\ude00")")) == Lines{"text " + smile, "finish stop"});
}

TEST_CASE("a response may end in silence if nothing is missing") {
    // The number of silences after which it is complete; 0: never.
    auto silences = [](const std::string& body, bool wants_usage = false) {
        upstream::AnswerStream stream(make_reader("the upstream", wants_usage), "the upstream", Limits{},
                                      [](std::string_view) { return Error{}; });
        testing::Events events;
        REQUIRE(stream.feed("", events));
        REQUIRE(stream.feed(body, events));
        for (int i = 0; i <= 20; ++i) {
            if (stream.done()) return i;
            REQUIRE(stream.feed("", events));
        }
        return 0;
    };
    const std::string usage = R"(data: {"choices":[],"usage":{"prompt_tokens":3,"total_tokens":5}})"
                              "\n\n";
    CHECK(silences(stream({delta(R"("content":"a")"), finish("stop")}, "")) == 1);
    CHECK(silences(stream({delta(R"("content":"a")"), finish("stop")}, usage)) == 1);
    CHECK(silences(stream(
              {call(R"("index":0,"id":"c","function":{"name":"f","arguments":"{}"})"), finish("tool_calls")},
              "")) == 1);
    // More is likely to follow if text comes with a finish reason or behind it.
    const std::string together = R"("delta":{"content":"a"},"finish_reason":"stop")";
    CHECK(silences(stream({together}, "")) == 10);
    CHECK(silences(stream({together}, usage)) == 1);
    CHECK(silences(stream({together}, usage) + stream({together}, "")) == 10);
    CHECK(silences(stream({finish("stop"), delta(R"("content":"a")")}, "")) == 10);
    CHECK(silences(stream({delta(R"("content":"a")")}, "")) == 0);
    CHECK(silences(stream({delta(R"("content":"a")")}, usage)) == 0);
    CHECK(silences(usage) == 0);
    // The usage that a client asked for may come later.
    const std::string answer = stream({delta(R"("content":"a")"), finish("stop")}, "");
    CHECK(silences(answer, true) == 10);
    CHECK(silences(answer + usage, true) == 1);
    CHECK(silences(stream({delta(R"("content":"a")")}, ""), true) == 0);
    CHECK(silences(
              stream({delta(R"("content":"a")"), finish("stop") + R"(}],"usage":{"total_tokens":5},"a":[{)"},
                     ""),
              true) == 1);
    // A complete message does not need a finish reason, but another one may follow.
    const std::string message = R"("message":{"content":"ab"},"finish_reason":)";
    CHECK(silences(stream({delta(R"("content":"a")"), message + "\"stop\""}, "")) == 1);
    CHECK(silences(stream({delta(R"("content":"a")"), message + "null"}, "")) == 10);
    CHECK(silences(stream({message + "null"}, "")) == 0);
    CHECK(silences(stream({message + "\"stop\""}, "")) == 1);
    // A document without an end of the connection.
    CHECK(silences(whole(R"("content":"a")")) == 1);
    CHECK(silences(whole(R"("content":"a")") + "\n") == 1);
    CHECK(silences(R"({"choices":[{"message":{"content":"a"}}])") == 0);
}

TEST_CASE("annotations other than citations of a URL are emitted as they came") {
    const std::string file =
        R"({"type":"file","file":{"hash":"abc","content":[{"type":"text","text":"x"}]}})";
    const std::string url = R"({"type":"url_citation","url_citation":{"url":"u","title":"T"}})";
    const std::string place = R"({"type":"file_citation","index":3,"file_id":"f"})";
    const std::string path = R"({"type":"file_path","file_path":{"file_id":"f"}})";
    const std::string list = R"("annotations":[)" + file + "," + url + "," + place + "," + path + "]";
    auto extra = [](const std::string& one) { return "extra message {\"annotations\":[" + one + "]}"; };
    const Lines expected{"text a", extra(file), "citation u T 0-0", extra(place), extra(path), "finish stop"};
    CHECK(read(whole(R"("content":"a",)" + list)) == expected);
    CHECK(read(stream({delta(R"("content":"a",)" + list), finish("stop")})) == expected);
    CHECK(read(stream({delta(R"("content":"a")"), delta(list), finish("stop")})) == expected);
}

TEST_CASE("a citation whose range cannot be has none") {
    for (const char* range : {R"("start_index":5,"end_index":1)", R"("start_index":-1,"end_index":1)",
                              R"("start_index":"0","end_index":-1)", R"("start_index":1)"})
        CHECK(read(whole(R"("content":"hi","annotations":[{"url_citation":{"url":"u",)" + std::string(range) +
                         "}}]")) == Lines{"text hi", "citation u  0-0", "finish stop"});
}

TEST_CASE("choices of a non-streaming response that all have index 0 are told apart by order") {
    CHECK(
        read(
            R"({"choices":[{"index":0,"message":{"content":"a"}},{"index":0,"message":{"content":"b"}}]})") ==
        Lines{"text a", "text#1 b", "finish stop", "finish#1 stop"});
    CHECK(read(R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]})") ==
          Lines{"text a", "text#1 b", "finish stop", "finish#1 stop"});
}

TEST_CASE("unknown members are emitted with their position, and repeated ones once") {
    CHECK(read(R"(data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}],"provider":"P"}

data: {"provider":"P","choices":[{"index":0,"delta":{"content":"a","custom":{"x": 1}},"content_filter_results":{},"stop_reason":null}]}

data: {"provider":"Q","choices":[{"index":0,"delta":{"audio":{"data":"QQ=="}},"finish_reason":"stop","stop_reason":7}]}

data: [DONE]

)") == Lines{R"(extra answer {"prompt_filter_results":[{"prompt_index":0}],"provider":"P"})",
             R"(extra choice {"content_filter_results":{},"stop_reason":null})",
             R"(extra message {"custom":{"x":1}})", "text a", R"(extra answer {"provider":"Q"})",
             R"(extra choice {"stop_reason":7})", R"(extra message {"audio":{"data":"QQ=="}})",
             "finish stop"});
}

TEST_CASE("remembered members are bounded") {
    std::string body;
    const std::string large(5000, 'x');
    for (int i = 0; i < 200; ++i)
        body += "data: {\"choices\":[],\"k" + std::to_string(i) + "\":1,\"same\":2,\"large\":\"" + large +
                "\"}\n\n";
    const Lines found = feed({body + stream({delta(R"("content":"a")"), finish("stop")})});
    CHECK(found.size() == 202);  // each chunk has something new
    CHECK(found[1].find("same") == std::string::npos);
    CHECK(found[1].find("large") != std::string::npos);
}

TEST_CASE("the provider explains errors instead of a response and inside it") {
    const std::string error = R"({"error":{"message":"m","type":"t","code":"c"}})";
    CHECK(read(error) == Lines{"error 502: told: " + error});
    CHECK(read("event: error\ndata: " + error + "\n\n") == Lines{"error 502: told: " + error});
    CHECK(read(stream({delta(R"("content":"a")")}, "data: " + error + "\n\n")) ==
          Lines{"error 502: told: " + error});
    CHECK(read(stream({delta(R"("content":"a")")}, "data: {\"error\":\"text\"}\n\n")) ==
          Lines{"error 502: told: {\"error\":\"text\"}"});
    CHECK(read(R"({"code":"404","message":"m"})") ==
          Lines{R"(error 502: told: {"code":"404","message":"m"})"});
    // Not an error: a member "error" next to an answer.
    CHECK(read(R"({"error":null,"code":0,"choices":[{"message":{"content":"a"}}]})") ==
          Lines{R"(extra answer {"code":0})", "text a", "finish stop"});
}

TEST_CASE("an invalid response is an upstream error") {
    CHECK(read("") == Lines{garbage + "it is empty"});
    CHECK(read("<html>") ==
          Lines{garbage + "it is HTML or XML, not JSON: the URL may lead to another service"});
    CHECK(read("hello") == Lines{garbage + "it is neither JSON nor an event stream"});
    CHECK(read("data: {\"choices\":[\n\n") == Lines{garbage + "it is not valid JSON"});
    CHECK(read("data: [1]\n\n") == Lines{garbage + "it is not a JSON object"});
    CHECK(read("{}") == Lines{cut_off});
    CHECK(read(R"({"choices":{}})") == Lines{garbage + "'choices' is not an array"});
    CHECK(read(R"({"choices":[1]})") == Lines{garbage + "one of 'choices' is not an object"});
    CHECK(read(R"({"choices":[{"message":"x"}]})") == Lines{garbage + "'message' is not an object"});
    CHECK(read(stream({R"("delta":[])"})) == Lines{garbage + "'delta' is not an object"});
    CHECK(read(stream({delta(R"("content":7)")})) ==
          Lines{garbage + "'content' is neither a string nor an array"});
    CHECK(read(stream({delta(R"("content":["a"])")})) ==
          Lines{garbage + "a part of 'content' is not an object"});
    CHECK(read(stream({delta(R"("tool_calls":{})")})) == Lines{garbage + "'tool_calls' is not an array"});
    CHECK(read(stream({delta(R"("tool_calls":["a"])")})) ==
          Lines{garbage + "one of 'tool_calls' is not an object"});
    CHECK(read(stream({delta(R"("function_call":"f")")})) ==
          Lines{garbage + "'function_call' is not an object"});
    CHECK(read(stream({call(R"("index":-1)")})) ==
          Lines{garbage + "'index' is not the number of a tool call"});
    CHECK(read(stream({call(R"("index":0,"function":{"name":"f","arguments":1})")})) ==
          Lines{garbage + "'arguments' is neither a string nor an object"});
    CHECK(read(stream({call(R"("index":0,"id":"a","type":"custom","custom":{"name":"c","input":1})")})) ==
          Lines{garbage + "'input' is neither a string nor an object"});
    CHECK(read(stream({R"("delta":{},"finish_reason":1)"})) ==
          Lines{garbage + "'finish_reason' is not a string"});
    for (const char* index : {"-1", "128", "\"0\"", "1.5"})
        CHECK(read(std::string("data: {\"choices\":[{\"index\":") + index + "}]}\n\n") ==
              Lines{garbage + "'index' is not the number of a choice"});
    std::string many = "{\"choices\":[{}";
    for (int i = 0; i < 200; ++i) many += R"(,{"message":{}})";
    CHECK(feed({many + "]}"}) == Lines{garbage + "it has too many choices"});
}

TEST_CASE("a response with changed bytes is read or refused, and no event follows an error") {
    const std::string good = stream(
        {delta(R"("role":"assistant","content":"a","reasoning":"\u00e9")"),
         call(R"("index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"x\":1}"})"),
         finish("tool_calls")},
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"total_tokens\":2}}\n\ndata: [DONE]\n\n");
    std::uint32_t state = 7;
    auto random = [&](std::size_t below) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % below;
    };
    const std::string_view bytes = "\"{}[]:,\\\n\r0-9eE.ntf\xff\xc3\0 "sv;
    std::size_t errors = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string changed = good;
        for (std::size_t i = 0; i <= random(3); ++i) {
            const std::size_t at = random(changed.size());
            if (random(4) == 0)
                changed.erase(at, random(20));
            else
                changed[at] = bytes[random(bytes.size())];
        }
        const std::size_t cut = random(changed.size());
        const Lines found =
            feed({std::string_view(changed).substr(0, cut), std::string_view(changed).substr(cut)});
        REQUIRE(!found.empty());
        const bool failed = found.front().starts_with("error ");
        errors += failed;
        const auto ends = std::count_if(found.begin(), found.end(),
                                        [](const std::string& line) { return line.starts_with("finish"); });
        CHECK((failed ? found.size() == 1 : ends >= 1));
    }
    CHECK(errors > 500);
    CHECK(errors < 3900);
}

TEST_CASE("optional members of a wrong type are dropped") {
    CHECK(
        read(
            R"({"created":"now","service_tier":7,"usage":"much","choices":[{"message":{"content":"a","annotations":[1,{"url_citation":2}],"refusal":5,"reasoning":{}},"logprobs":{"content":[1]}}]})") ==
        Lines{"text a", "finish stop"});
    CHECK(
        read(
            R"({"usage":{"prompt_tokens":-1,"completion_tokens":"x","total_tokens":null},"choices":[{"message":{"content":"a"}}]})") ==
        Lines{"text a", "finish stop"});
    CHECK(
        read(
            R"({"usage":{"prompt_tokens":5,"total_tokens":8,"prompt_cache_hit_tokens":4},"choices":[{"message":{"content":"a"}}]})") ==
        Lines{"text a", "finish stop", "usage 5+3=8 cached=4"});
}
