// SPDX-License-Identifier: Apache-2.0
// The bytes of streaming responses, for any events.
#include "tests/json.hpp"
#include "tests/plugins/dialect/openai/helper.hpp"

#include <gatehouse/sse.hpp>

using namespace gatehouse;
using namespace gatehouse::openai_dialect;
using namespace gatehouse::openai_dialect::testing;
using gatehouse::test::Json;

namespace {

AnswerFacts asking_for_usage() {
    AnswerFacts given = facts();
    given.include_usage = true;
    return given;
}

std::unique_ptr<ResponseFormatter> make(AnswerFacts given = facts()) {
    return stream_formatter(std::make_shared<const AnswerFacts>(std::move(given)));
}

const std::string role =
    R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"
    "\n";
const std::string stop = R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
                         "\n";
const std::string tool_calls = R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})"
                               "\n";
const std::string done = "[DONE]\n";

std::string delta(const std::string& content, int choice = 0) {
    return R"({"choices":[{"index":)" + std::to_string(choice) + R"(,"delta":{)" + content +
           R"(},"finish_reason":null}]})" + "\n";
}

}  // namespace

TEST_CASE("a text with usage asked for, to the byte") {
    CHECK(streamed({AnswerInfo{}, TextDelta{"Hel"}, TextDelta{"lo \"you\"\n"}, Finish{},
                    Usage{.prompt = 9, .completion = 2, .total = 11}},
                   asking_for_usage()) == fixture("stream-text-usage.sse"));
}

TEST_CASE("a text without usage asked for has it on the finish chunk, to the byte") {
    CHECK(streamed({TextDelta{"Hello"}, Finish{FinishReason::length},
                    Usage{.prompt = 9, .completion = 2, .total = 11, .cached = 4, .reasoning = 1}}) ==
          fixture("stream-text.sse"));
}

TEST_CASE("two tool calls in fragments, to the byte") {
    CHECK(streamed({ToolCallDelta{.index = 0, .id = "call_a", .name = "exec"},
                    ToolCallDelta{.index = 0, .arguments = "{\"command\":"},
                    ToolCallDelta{.index = 0, .arguments = "\"ls\"}"},
                    ToolCallDelta{.index = 1, .id = "call_b", .name = "read", .arguments = "{}"},
                    Finish{FinishReason::tool_calls}}) == fixture("stream-tools.sse"));
}

TEST_CASE("the headers declare an event stream and forbid caching and buffering") {
    const http::ResponseHead head = make()->head();
    CHECK(make()->streams());
    CHECK(head.status == 200);
    CHECK(head.headers.get("content-type") == "text/event-stream; charset=utf-8");
    CHECK(head.headers.get("cache-control") == "no-cache");
    CHECK(head.headers.get("x-accel-buffering") == "no");
}

TEST_CASE("each kind of delta has its member") {
    CHECK(brief(streamed({ReasoningDelta{"hm"}, RefusalDelta{"no"}, Finish{}})) ==
          role + delta(R"("reasoning_content":"hm")") + delta(R"("refusal":"no")") + stop + done);
    CHECK(
        brief(streamed({TextDelta{"a"}, Citation{"https://a", "A", 0, 1}, Finish{}})) ==
        role + delta(R"("content":"a")") +
            delta(
                R"("annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"title":"A","url":"https://a"}}])") +
            stop + done);
    CHECK(
        brief(streamed({LogprobsDelta{{{"a", -0.5, {{"b", -1}}}}}, Finish{}})) ==
        role +
            R"({"choices":[{"index":0,"delta":{},"logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"b","logprob":-1,"bytes":[98]}]}],"refusal":null},"finish_reason":null}]})"
            "\n" +
            stop + done);
}

TEST_CASE("the service tier, when it is known, is on every chunk") {
    const std::string body = streamed({AnswerInfo{.service_tier = "default"}, TextDelta{"a"}, Finish{}});
    std::size_t count = 0;
    for (std::size_t at = 0;
         (at = body.find("\"service_tier\":\"default\",\"choices\"", at)) != std::string::npos; ++at)
        ++count;
    CHECK(count == 3);
}

TEST_CASE("nothing goes out before there is something to say") {
    auto formatter = make();
    std::string out;
    formatter->event(AnswerInfo{}, out);
    formatter->event(TextDelta{""}, out);
    formatter->event(ReasoningDelta{""}, out);
    formatter->event(Usage{.prompt = 1}, out);
    CHECK(out == "");
}

TEST_CASE("the finish chunk waits for usage or the end") {
    auto formatter = make();
    std::string out;
    formatter->event(TextDelta{"a"}, out);
    formatter->event(Finish{}, out);
    CHECK(brief(out) == role + delta(R"("content":"a")"));
    out.clear();
    SUBCASE("usage") {
        formatter->event(Usage{.prompt = 1, .completion = 2, .total = 3}, out);
        CHECK(
            brief(out) ==
            R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"
            "\n");
        out.clear();
        formatter->end(out);
        CHECK(brief(out) == done);
    }
    SUBCASE("the end") {
        formatter->end(out);
        CHECK(brief(out) == stop + done);
    }
    SUBCASE("an error, which then is all that comes") {
        formatter->error({ErrorKind::upstream, "the upstream cut the answer"}, out);
        CHECK(
            out ==
            R"(data: {"error":{"message":"The upstream cut the answer.","type":"server_error","param":null,"code":"upstream_error"}})"
            "\n\n");
        out.clear();
        formatter->event(TextDelta{"late"}, out);
        formatter->heartbeat(out);
        formatter->end(out);
        CHECK(out == "");
    }
}

TEST_CASE("usage that was asked for and never came is left out") {
    CHECK(brief(streamed({TextDelta{"a"}, Finish{}}, asking_for_usage()))
              .ends_with("\"finish_reason\":\"stop\"}],\"usage\":null}\n[DONE]\n"));
}

TEST_CASE("several choices keep their own role, calls and finish") {
    AnswerFacts given = facts();
    given.choices = 2;
    const std::string body =
        brief(streamed({TextDelta{"a", 0}, TextDelta{"b", 1}, Finish{FinishReason::length, 0},
                        ToolCallDelta{.index = 0, .id = "c", .name = "f", .choice = 1}, TextDelta{"late", 0},
                        Finish{FinishReason::stop, 1}, Usage{.prompt = 1, .completion = 1, .total = 2}},
                       given));
    CHECK(
        body ==
        role + delta(R"("content":"a")") + delta(R"("role":"assistant","content":"")", 1) +
            delta(R"("content":"b")", 1) +
            delta(
                R"("tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}])",
                1) +
            delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])", 1) +
            R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"}]})"
            "\n"
            R"({"choices":[{"index":1,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})"
            "\n" +
            done);
}

TEST_CASE("a tool call decides the finish reason, unless the answer was cut") {
    const ToolCallDelta call{.index = 0, .id = "c", .name = "f", .arguments = "{}"};
    auto reason = [&](std::vector<Event> events) {
        const std::string body = streamed(std::move(events));
        const std::size_t at = body.rfind("\"finish_reason\":\"") + 17;
        return body.substr(at, body.find('"', at) - at);
    };
    CHECK(reason({call, Finish{FinishReason::stop}}) == "tool_calls");
    CHECK(reason({call, Finish{FinishReason::tool_calls}}) == "tool_calls");
    CHECK(reason({call, Finish{FinishReason::length}}) == "length");
    CHECK(reason({call, Finish{FinishReason::content_filter}}) == "content_filter");
    CHECK(reason({TextDelta{"a"}, Finish{FinishReason::tool_calls}}) == "stop");
    CHECK(reason({Finish{FinishReason::content_filter}}) == "content_filter");
}

TEST_CASE("a sloppy provider's stream still keeps the contract") {
    SUBCASE("finish twice, deltas and usage after it") {
        CHECK(
            brief(streamed({TextDelta{"a"}, Finish{}, Finish{FinishReason::length}, TextDelta{"late"},
                            ToolCallDelta{.id = "c", .name = "f"}, Usage{.prompt = 1, .total = 1},
                            Usage{.prompt = 7, .total = 7}, TextDelta{"later"}, Finish{}})) ==
            role + delta(R"("content":"a")") +
                R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":0,"total_tokens":1}})"
                "\n" +
                done);
    }
    SUBCASE("usage before the finish: the last one counts") {
        CHECK(
            brief(streamed({TextDelta{"a"}, Usage{.prompt = 1, .total = 1}, TextDelta{"b"},
                            Usage{.prompt = 1, .completion = 2}, Finish{}})) ==
            role + delta(R"("content":"a")") + delta(R"("content":"b")") +
                R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"
                "\n" +
                done);
    }
    SUBCASE("id and name repeated, gaps in the index, empty fragments") {
        CHECK(
            brief(streamed({ToolCallDelta{.index = 3, .id = "a", .name = "f"},
                            ToolCallDelta{.index = 3, .id = "a", .name = "f", .arguments = "{}"},
                            ToolCallDelta{.index = 3}, ToolCallDelta{.index = 7, .id = "b", .name = "g"},
                            Finish{FinishReason::stop}})) ==
            role +
                delta(
                    R"("tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}])") +
                delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])") +
                delta(
                    R"("tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}])") +
                delta(R"("tool_calls":[{"index":1,"function":{"arguments":"{}"}}])") + tool_calls + done);
    }
    SUBCASE("a call without an id gets one") {
        const std::string body = streamed({ToolCallDelta{.name = "f", .arguments = "{}"}, Finish{}});
        const std::size_t at = body.find("\"id\":\"call_");
        REQUIRE(at != std::string::npos);
        CHECK(body.find('"', at + 6) == at + 6 + 5 + 29);
    }
    SUBCASE("a choice beyond any n") {
        CHECK(brief(streamed({TextDelta{"a"}, TextDelta{"x", -1}, TextDelta{"x", 1 << 30},
                              Finish{FinishReason::stop, 1 << 30}, Finish{}})) ==
              role + delta(R"("content":"a")") + stop + done);
    }
    SUBCASE("bytes that are not UTF-8") {
        CHECK(brief(streamed({TextDelta{"a\xff"}, Finish{}})) ==
              role + delta("\"content\":\"a\xEF\xBF\xBD\"") + stop + done);
    }
}

TEST_CASE("an end without a finish is an error, not a complete response") {
    const std::string error =
        R"({"error":{"message":"The upstream ended its response without a finish reason.","type":"server_error","param":null,"code":"upstream_error"}})"
        "\n";
    CHECK(brief(streamed({})) == error);
    CHECK(brief(streamed({TextDelta{"a"}})) == role + delta(R"("content":"a")") + error);
    CHECK(brief(streamed({TextDelta{"a"}, Usage{.prompt = 1}})) == role + delta(R"("content":"a")") + error);
    CHECK(brief(streamed({TextDelta{"a", 0}, Finish{FinishReason::stop, 0}, TextDelta{"b", 1}}))
              .ends_with(error));
}

TEST_CASE("a heartbeat is a chunk with an empty delta, after a role") {
    auto formatter = make();
    std::string out;
    formatter->heartbeat(out);
    CHECK(brief(out) == role + delta(""));
    out.clear();
    formatter->heartbeat(out);
    CHECK(brief(out) == delta(""));
    out.clear();
    formatter->event(TextDelta{"a"}, out);
    CHECK(brief(out) == delta(R"("content":"a")"));
    formatter->event(Finish{}, out);
    formatter->event(Usage{.prompt = 1}, out);
    out.clear();
    formatter->heartbeat(out);  // nothing but a comment may follow the last chunk
    CHECK(out == ": keep-alive\n\n");
}

TEST_CASE("a heartbeat before any attempt has responded is a comment, and leaves no trace") {
    auto opening = make();
    std::string out;
    CHECK(opening->head().status == 200);
    for (int i = 0; i < 2; ++i) {
        out.clear();
        opening->heartbeat(out);
        CHECK(out == ": keep-alive\n\n");
    }
    out.clear();
    opening->error({ErrorKind::upstream, "it failed"}, out);
    CHECK(out.starts_with("data: {\"error\":{\"message\":\"It failed.\""));
    out.clear();
    auto formatter = make();  // for the attempt that responds
    formatter->event(TextDelta{"a"}, out);
    CHECK(brief(out) == role + delta(R"("content":"a")"));
}

TEST_CASE("a request with functions gets function_call") {
    AnswerFacts given = facts();
    given.functions = true;
    CHECK(
        brief(streamed(
            {ToolCallDelta{.index = 0, .id = "c", .name = "f"}, ToolCallDelta{.index = 0, .arguments = "{}"},
             ToolCallDelta{.index = 1, .id = "d", .name = "g"}, Finish{FinishReason::tool_calls}},
            given)) == role + delta(R"("function_call":{"name":"f","arguments":""})") +
                           delta(R"("function_call":{"arguments":"{}"})") +
                           R"({"choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]})"
                           "\n" +
                           done);
}

TEST_CASE("every line of a stream is one event of valid JSON, with the client's name for the model") {
    AnswerFacts given = asking_for_usage();
    given.model = "vendor/\"m\"\n";
    const std::string body =
        streamed({TextDelta{"line\n\nline\r\x01"},
                  ToolCallDelta{.id = "c\n", .name = "f\"", .arguments = "{\"a\":\"\\n\"}"}, Finish{},
                  Usage{.prompt = 1}},
                 given);
    std::size_t events = 0;
    SseReader reader;
    CHECK(reader.feed(body, [&](std::string_view data) {
        if (data == "[DONE]") return;
        const auto chunk = Json::parse(data);
        CHECK(chunk["model"] == given.model);
        CHECK(chunk["id"] == "chatcmpl-1");
        CHECK(chunk["created"] == 1700000000);
        CHECK(chunk["choices"].is_array());
        CHECK(chunk.contains("usage"));
        ++events;
    }));
    CHECK(events == 5);
}
