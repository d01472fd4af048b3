// SPDX-License-Identifier: Apache-2.0
// The two formats, in the shapes of recorded answers (tests/data/oci, tests/data/openai).
#include "tools/benchmark/answer_plan.hpp"

#include "tools/benchmark/mark.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace gatehouse::benchmark {

namespace {

/// Differences between the two formats.
struct Format {
    std::string_view fields;    // header lines of the response
    std::string_view whole[2];  // around the text
    std::string_view first;     // the event before the first text, if there is one
    std::string_view event[2];  // around the text
    std::string_view closing;   // the events after the last text
};

constexpr Format openai = {
    "x-request-id: req_bench\r\n",
    {R"({"id":"chatcmpl-bench","object":"chat.completion","created":1790000000,"model":"gpt-4.1","choices":[{"index":0,"message":{"role":"assistant","content":")",
     R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":43,"completion_tokens":33,"total_tokens":76}})"},
    R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4.1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
    {R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4.1","choices":[{"index":0,"delta":{"content":")",
     R"("},"finish_reason":null}]})"},
    "data: "
    R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4.1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
    "\n\ndata: "
    R"({"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"gpt-4.1","choices":[],"usage":{"prompt_tokens":43,"completion_tokens":33,"total_tokens":76}})"
    "\n\ndata: [DONE]\n\n"};

/// The answer of a service that a hook asks.
constexpr Format guard = {"", {R"({"allowed":true,"reason":")", R"("})"}, "", {"", ""}, ""};

constexpr Format oci = {
    "opc-request-id: 6C1B1B5B0F5A4E3B9C7D/9C1F2E3D4C5B6A79/8D7C6B5A49382716\r\n",
    {R"({"modelId":"openai.gpt-4.1","modelVersion":"1.0.0","chatResponse":{"apiFormat":"GENERIC","timeCreated":"2026-09-18T19:47:07.230Z","choices":[{"index":0,"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":")",
     R"("}]},"finishReason":"stop","logprobs":{}}],"usage":{"completionTokens":33,"promptTokens":43,"totalTokens":76}}})"},
    "",
    {R"({"index":0,"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":")",
     R"("}]},"pad":"aaaaaaaaaa"})"},
    "data: "
    R"({"message":{"role":"ASSISTANT","content":[{"type":"TEXT","text":""}]},"finishReason":"stop","pad":"aaaaaaaaaaa"})"
    "\n\ndata: "
    R"({"usage":{"completionTokens":33,"promptTokens":43,"totalTokens":76},"pad":"aaaaaa"})"
    "\n\ndata: [DONE]\n\n"};

std::string chunk(std::string_view content) {
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", content.size());
    return size + std::string(content) + "\r\n";
}

std::string event(std::string_view json) { return "data: " + std::string(json) + "\n\n"; }

/// A mark's place, and words behind it.
std::string text_of(std::size_t size) {
    std::string text(mark_size, mark_edge);
    constexpr std::string_view words = " and then the quick brown fox jumps over the lazy dog";
    while (text.size() < size) text += words.substr(0, size - text.size());
    return text;
}

/// Where runs of a mark's place stand.
std::vector<std::size_t> marks_in(std::string_view bytes) {
    std::vector<std::size_t> places;
    const std::string mark(mark_size, mark_edge);
    for (std::size_t at = bytes.find(mark); at != std::string_view::npos;
         at = bytes.find(mark, at + mark_size))
        places.push_back(at);
    return places;
}

AnswerBytes answer(const Format& format, const AnswerPlan& plan) {
    AnswerBytes bytes;
    const std::string text = text_of(plan.text);
    const std::string fields = "HTTP/1.1 200 OK\r\nserver: bench\r\n" + std::string(format.fields);

    const std::string body = std::string(format.whole[0]) + text + std::string(format.whole[1]);
    bytes.whole = fields +
                  "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body;
    bytes.in_whole = marks_in(bytes.whole);

    bytes.opening = fields + "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    if (!format.first.empty()) bytes.opening += chunk(event(format.first));
    std::string events;
    for (std::size_t i = 0; i < plan.burst; ++i)
        events += event(std::string(format.event[0]) + text + std::string(format.event[1]));
    bytes.write = chunk(events);
    bytes.marks = marks_in(bytes.write);
    bytes.closing = chunk(format.closing) + "0\r\n\r\n";
    return bytes;
}

}  // namespace

AnswerBytes openai_answer(const AnswerPlan& plan) { return answer(openai, plan); }
AnswerBytes oci_answer(const AnswerPlan& plan) { return answer(oci, plan); }
AnswerBytes guard_answer(const AnswerPlan& plan) { return answer(guard, plan); }

AnswerPlan parse_plan(std::string_view words, std::string& error) {
    AnswerPlan plan;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(words.size(), word.size() + 1));
        if (word.empty()) continue;
        const std::size_t equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const std::string_view digits = equals == std::string_view::npos ? "" : word.substr(equals + 1);
        std::uint32_t value = 0;
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (failure != std::errc{} || end != digits.data() + digits.size())
            error = "no number: " + std::string(word);
        else if (name == "stream")
            plan.stream = value != 0;
        else if (name == "latency_us")
            plan.latency_ns = std::int64_t{value} * 1000;
        else if (name == "pace_us")
            plan.pace_ns = std::int64_t{value} * 1000;
        else if (name == "writes")
            plan.writes = value;
        else if (name == "burst" && value >= 1 && value <= 100'000)
            plan.burst = value;
        else if (name == "text" && value <= 64 * 1024 * 1024)
            plan.text = std::max<std::size_t>(value, mark_size);
        else
            error = "not known, or too large: " + std::string(word);
    }
    if (plan.stream && plan.writes == 0 && plan.pace_ns == 0) error = "an endless stream needs a pace";
    return plan;
}

}  // namespace gatehouse::benchmark
