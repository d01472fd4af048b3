// SPDX-License-Identifier: Apache-2.0
// Responses of the OpenAI dialect for any events in any order, with any bytes as text.  A
// non-streaming response is JSON.  Each event of a stream is JSON, one [DONE] is at its end,
// and no [DONE] follows an error.
#include "tests/fuzz/answer_events.hpp"
#include "tests/fuzz/fuzz.hpp"

#include "plugins/dialect/openai/dialect.hpp"

#include <gatehouse/sse.hpp>
#include <gatehouse/testing.hpp>
#include <nlohmann/json.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;
using Json = nlohmann::json;

namespace {

const char* const requests[][2] = {
    {"/v1/chat/completions", R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":3})"},
    {"/v1/chat/completions",
     R"({"model":"m","messages":[{"role":"user","content":"x"}],"n":3,"stream":true,"stream_options":{"include_usage":true}})"},
    {"/v1/completions", R"({"model":"m","prompt":"x","n":2,"logprobs":1})"},
    {"/v1/completions", R"({"model":"m","prompt":"x","stream":true,"echo":true})"},
    {"/v1/embeddings", R"({"model":"m","input":["a","b"]})"},
    {"/v1/embeddings", R"({"model":"m","input":["a","b"],"encoding_format":"base64"})"},
    {"/v1/rerank", R"({"model":"m","query":"q","documents":["a","b"],"return_documents":true})"},
};

void check_stream(std::string_view out, bool failed) {
    SseReader reader;
    bool done = false;
    std::size_t errors = 0;
    auto each = [&](std::string_view data) {
        promise(!done, "nothing comes after [DONE]", data);
        if (data == "[DONE]") return void(done = true);
        const Json event = Json::parse(data, nullptr, false);
        promise(event.is_object(), "each event of a stream is an object", data);
        errors += event.contains("error");
    };
    promise(reader.feed(out, each), "an answer is a stream of events", out);
    promise(out.empty() || out.ends_with("\n\n"), "a stream ends with a whole event", out);
    promise(!failed || (errors == 1 && !done), "a failed stream ends with its error, and without [DONE]",
            out);
    promise(failed || done || errors == 1, "a stream ends with [DONE] or says why not", out);
}

/// The requests, read once.
const std::vector<Parsed>& asked() {
    static const std::vector<Parsed> all = [] {
        static testing::FakeHost host;
        static openai_dialect::OpenAi dialect(openai_dialect::Options{}, host);
        std::vector<Parsed> made;
        for (const auto& request : requests) {
            const http::RequestHead head{
                .method = "POST", .path = request[0], .headers = {{"content-type", "application/json"}}};
            auto parsed = dialect.parse(head, request[1]);
            promise(bool(parsed), "the request is good", parsed ? "" : parsed.error().message);
            made.push_back(*std::move(parsed));
        }
        return made;
    }();
    return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<Event> events = events_in(text_of(data, size));
    for (const Parsed& parsed : asked())
        for (const bool fails : {false, true}) {
            auto formatter = parsed.formatter();
            std::string out;
            for (const Event& event : events) formatter->event(event, out);
            if (fails)
                formatter->error({ErrorKind::upstream, "the upstream has hung up"}, out);
            else
                formatter->end(out);
            if (formatter->streams()) {
                check_stream(out, fails);
            } else if (!fails || events.empty()) {
                promise(Json::accept(out), "a non-streaming response is JSON", out);
                promise(formatter->head().status >= 200, "a non-streaming response has a status");
            }
        }
    return 0;
}
