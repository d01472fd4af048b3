// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/answers.hpp"

namespace gatehouse::core::plugin_check {

namespace {

const http::Headers json = {{"content-type", "application/json"}, {"x-request-id", "check-1"}};
const http::Headers sse = {{"content-type", "text/event-stream"}, {"x-request-id", "check-1"}};

Answer ok(std::string name, const http::Headers& headers, std::string body) {
    return {.name = std::move(name), .head = {200, headers}, .body = std::move(body)};
}

std::string chunk(const std::string& delta, const std::string& finish = "null") {
    return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":)" +
           delta + R"(,"finish_reason":)" + finish + "}]}\n\n";
}

constexpr const char* chunk_usage = R"("usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8})";

std::string chunk_end() {
    return std::string(
               R"(data: {"id":"c1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[],)") +
           chunk_usage + "}\n\ndata: [DONE]\n\n";
}

std::string whole(const std::string& message, const std::string& finish) {
    return R"({"id":"c1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":)" +
           message + R"(,"finish_reason":")" + finish + R"("}],)" + chunk_usage + "}";
}

std::string typed_event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

std::string typed_stream() {
    return typed_event(
               "message_start",
               R"(,"message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}})") +
           typed_event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
           typed_event("content_block_delta",
                       R"(,"index":0,"delta":{"type":"text_delta","text":"It scatters caf\u00e9 é."})") +
           typed_event("content_block_stop", R"(,"index":0)") +
           typed_event(
               "message_delta",
               R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5})") +
           typed_event("message_stop", "");
}

std::string message_event(const std::string& message) {
    return R"(data: {"index":0,"message":{"role":"ASSISTANT",)" + message + "}}\n\n";
}

}  // namespace

std::vector<Answer> good_answers() {
    const std::string call_begin =
        chunk(
            R"({"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]})") +
        chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"place\":"}}]})");
    return {
        ok("a stream of chunks", sse,
           chunk(R"({"role":"assistant","content":""})") + chunk(R"({"content":"It scatters "})") +
               ": a comment\n\n" + chunk(R"({"content":"caf\u00e9 é \ud83d\ude00."})") +
               chunk("{}", "\"stop\"") + chunk_end()),
        ok("a stream of chunks with a tool call", sse,
           call_begin + chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]})") +
               chunk("{}", "\"tool_calls\"") + chunk_end()),
        ok("an answer of choices", json,
           whole(R"({"role":"assistant","content":"It scatters café é."})", "stop")),
        ok("an answer of choices with tool calls", json,
           whole(
               R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"place\":\"Oslo\"}"}},{"id":"call_2","type":"function","function":{"name":"weather","arguments":"{}"}}]})",
               "tool_calls")),
        ok("a stream of typed events", sse, typed_stream()),
        ok("an answer of typed blocks", json,
           R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"It scatters."}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":5}})"),
        ok("a stream of messages", sse,
           message_event(R"("content":[{"type":"TEXT","text":"It "}])") +
               message_event(R"("content":[{"type":"TEXT","text":"scatters é."}])") +
               "data: {\"index\":0,\"finishReason\":\"stop\"}\n\n"),
        ok("an answer in an envelope", json,
           R"({"modelId":"m","modelVersion":"1","chatResponse":{"apiFormat":"GENERIC","timeCreated":"2025-01-01T00:00:00Z","choices":[{"index":0,"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":"It scatters."}]},"finishReason":"stop"}],"usage":{"promptTokens":3,"completionTokens":5,"totalTokens":8}}})"),
        ok("a stream of words with an end event", sse,
           "data: It\n\n: a comment\n\ndata:  scatters \xC3\xA9\ndata: and more\n\nevent: end\ndata: {}\n\n"),
        ok("a plain text", {{"content-type", "text/plain"}}, "It scatters."),
        ok("a list of embeddings", json,
           R"({"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25]},{"object":"embedding","index":1,"embedding":[0.125,1]}],"usage":{"prompt_tokens":2,"total_tokens":2}})"),
        ok("a list of models", json,
           R"({"object":"list","data":[{"id":"m","object":"model","created":1700000000,"owned_by":"check"}]})"),
    };
}

std::vector<Answer> garbage_answers() {
    std::vector<Answer> all = {
        ok("nothing", {}, ""),
        ok("nothing, said to be JSON", json, ""),
        ok("an empty stream", sse, ""),
        ok("null", json, "null"),
        ok("an empty list", json, "[]"),
        ok("an empty object", json, "{}"),
        ok("a number that is out of range", json,
           R"({"choices":1e999,"created":99999999999999999999999999})"),
        ok("members of other types", json,
           R"({"choices":{"a":[]},"usage":"many","content":7,"chatResponse":[],"data":{"index":-1},"model":null})"),
        ok("choices of other types", json,
           R"({"choices":[null,1,"a",[],{"index":-5,"message":3,"delta":"x","finish_reason":{}}]})"),
        ok("a page of HTML", {{"content-type", "text/html"}},
           "<!doctype html><html><head><title>502</title></head><body>proxy</body></html>"),
        ok("bytes that are nothing", {{"content-type", "application/octet-stream"}},
           std::string("\x00\xff\xfe{]\"\r\n\r\n\x80\xc3", 12)),
        ok("JSON that is too deep", json, std::string(100'000, '[')),
        ok("JSON with half a character", json, "{\"choices\":[{\"message\":{\"content\":\"\xc3\"}}]}"),
        ok("a stream of comments", sse, ": a\n\n: b\n\n"),
        ok("a stream that ends at once", sse, "data: [DONE]\n\n"),
        ok("a stream of half an object", sse, "data: {\"choices\":[{\"delta\":\n\n"),
        ok("a stream of other types", sse,
           "data: null\n\ndata: []\n\ndata: 1\n\nevent: x\ndata: {\"choices\":[{}]}\n\ndata: "
           "{\"choices\":3}\n\n"),
        ok("a stream without line ends", sse, "data: a data: b data: c"),
        ok("a stream with an error in it", sse,
           "data: {\"error\":{\"message\":\"overloaded\\r\\nx: "
           "1\",\"type\":\"server_error\",\"code\":503}}\n\n"),
        ok("a stream with wrong tool calls", sse,
           chunk(R"({"tool_calls":[{"index":7,"function":{"arguments":"{"}},{"index":-1},{"id":3}]})") +
               chunk("{}", "\"tool_calls\"")),
    };
    for (Answer& one : all) one.garbage = true;
    return all;
}

std::vector<Answer> error_answers(int status) {
    const std::string number = std::to_string(status);
    http::Headers late = json;
    late.add("retry-after", "7");
    auto answer = [&](const std::string& what, const http::Headers& headers, std::string body) {
        return Answer{.name = number + " with " + what, .head = {status, headers}, .body = std::move(body)};
    };
    return {
        answer(
            "JSON", late,
            R"({"error":{"message":"It failed.","type":"an_error","code":"x"},"code":"X","message":"It failed."})"),
        answer(
            "odd JSON", json,
            R"({"error":{"message":"a\r\nx-injected: 1\u0000\u0007","code":[]},"message":"b\nc","code":{}})"),
        answer("nothing", {}, ""),
        answer("HTML", {{"content-type", "text/html"}}, "<html>\r\n<b>no</b></html>"),
        answer("a stream of an unknown form", sse,
               "data: It works\n\nevent: end\ndata: {}\n\n" + chunk(R"({"content":"It works"})", "\"stop\"")),
        answer("much", json, "{\"error\":\"" + std::string(70'000, 'x'))};
}

}  // namespace gatehouse::core::plugin_check
