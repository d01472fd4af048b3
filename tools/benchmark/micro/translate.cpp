// SPDX-License-Identifier: Apache-2.0
// The dialect and the OCI provider alone, without sockets: request in, request
// out, and one event in, one chunk out.
#include "tools/benchmark/micro/plugins.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

using namespace gatehouse;
using namespace gatehouse::benchmark;

namespace {

struct Translators {
    testing::FakeHost host;
    std::unique_ptr<Dialect> dialect = open<Dialect>("dialect/openai/openai", {}, host);
    Table keys = {.entries = {{"compartment_id", Value{std::string("ocid1.compartment.oc1..bench")}},
                              {"endpoint", Value{std::vector<std::string>{"http://127.0.0.1:9"}}}}};
    std::unique_ptr<Provider> oci = open<Provider>("provider/oci/oci", keys, host);
    http::RequestHead head = {.method = "POST", .path = "/v1/chat/completions"};

    /// As the core hands it over: with room behind it.
    Parsed parse(const std::string& text) {
        std::string copy;
        copy.reserve(text.size() + 64);
        copy = text;
        return expect(dialect->parse(head, std::move(copy)));
    }
    ChatRequest request(const std::string& text) {
        Parsed parsed = parse(text);
        auto request = std::move(std::get<ChatRequest>(parsed.operation));
        request.model = "openai.gpt-4.1";
        return request;
    }
};

Translators& translators() {
    static Translators one;
    return one;
}

/// The client's JSON to the vocabulary.  The copy of the text is part of it.
void parse_request(::benchmark::State& state, const char* name) {
    const std::string text = body(name);
    for (auto _ : state) ::benchmark::DoNotOptimize(translators().parse(text));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(parse_request, small, "small.json");
BENCHMARK_CAPTURE(parse_request, agent, "agent.json");
BENCHMARK_CAPTURE(parse_request, image, "image.json");

/// The vocabulary to OCI's JSON.
void write_request(::benchmark::State& state, const char* name) {
    const std::string text = body(name);
    const ChatRequest request = translators().request(text);
    for (auto _ : state) {
        auto exchange = expect(translators().oci->chat(request));
        ::benchmark::DoNotOptimize(expect(exchange->request()));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(write_request, small, "small.json");
BENCHMARK_CAPTURE(write_request, agent, "agent.json");
BENCHMARK_CAPTURE(write_request, image, "image.json");

/// Output of one event.
struct Writer final : EventSink {
    explicit Writer(ResponseFormatter& formatter) : formatter(formatter) {}
    void emit(Event event) override { formatter.event(event, out); }
    ResponseFormatter& formatter;
    std::string out;
};

/// `burst` events of OCI's in one piece of a stream, to as many chunks for the client.
void stream_event(::benchmark::State& state) {
    const std::string text = body("stream.json");
    const Parsed parsed = translators().parse(text);
    const ChatRequest request = translators().request(text);
    auto exchange = expect(translators().oci->chat(request));
    expect(exchange->request());
    exchange->head({200, {{"content-type", "text/event-stream"}}});
    auto formatter = parsed.formatter();
    Writer writer(*formatter);
    std::string piece;
    for (std::int64_t i = 0; i < state.range(0); ++i)
        piece +=
            "data: {\"index\":0,\"message\":{\"role\":\"ASSISTANT\",\"content\":[{\"type\":\"TEXT\",\"text\":"
            "\" thoughtful\"}]},\"pad\":\"aaaaaaaaaa\"}\n\n";
    for (auto _ : state) {
        if (!exchange->body(piece, writer)) return state.SkipWithError("the event was refused");
        if (writer.out.empty()) return state.SkipWithError("nothing came of the event");
        writer.out.clear();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(stream_event)->Arg(1)->Arg(200);

}  // namespace
