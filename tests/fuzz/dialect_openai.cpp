// SPDX-License-Identifier: Apache-2.0
// Requests to each endpoint of the OpenAI dialect.  A request is read or refused with a
// message.  It is refused if another JSON reader refuses it, except
// for half a surrogate pair.
#include "tests/fuzz/fuzz.hpp"

#include "plugins/common/json/surrogates.hpp"
#include "plugins/dialect/openai/dialect.hpp"

#include <gatehouse/sse.hpp>
#include <gatehouse/testing.hpp>
#include <nlohmann/json.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;
using Json = nlohmann::json;

namespace {

void check_error(const openai_dialect::OpenAi& dialect, const Error& error) {
    const int status = status_of(error);
    promise(status >= 400 && status < 500, "a client's request is never an internal error", error.message);
    promise(!error.message.empty() && error.message.size() < 600, "a refusal has a message of some length",
            error.message);
    const http::Response answer = dialect.error(error);
    const Json body = Json::parse(answer.body, nullptr, false);
    promise(body.is_object() && body["error"].is_object() && body["error"]["message"].is_string(),
            "a refusal is an error object", answer.body);
}

/// The other reader refuses half a surrogate pair.
bool accepts(std::string text) {
    json::mend_surrogates(text);
    return Json::accept(text);
}

/// An answer with something of everything, written for the request that `parsed` is.
void check_answer(const Parsed& parsed) {
    auto formatter = parsed.formatter();
    std::string out;
    for (const Event& event : std::initializer_list<Event>{
             AnswerInfo{.created = 1}, TextDelta{"Hello \"\xc3\xa9\n"}, Embedding{0, {0.5f, -1}},
             Ranking{0, 0.5}, Finish{FinishReason::stop}, Usage{.prompt = 1, .completion = 1, .total = 2}})
        formatter->event(event, out);
    formatter->end(out);
    if (!formatter->streams()) return promise(Json::accept(out), "a non-streaming response is JSON", out);
    SseReader reader;
    auto each = [&](std::string_view data) {
        promise(data == "[DONE]" || Json::accept(data), "each event of an answer is JSON", data);
    };
    promise(reader.feed(out, each), "an answer is a stream of events", out);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing::FakeHost host;
    static openai_dialect::OpenAi dialect(openai_dialect::Options{}, host);
    const std::string_view input = text_of(data, size);
    std::optional<bool> json;  // computed once, and only if an endpoint has accepted the body
    for (const char* path : {"/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank",
                             "/v2/rerank", "/v1/responses"}) {
        std::string body;
        body.reserve(input.size() + 64);
        body = input;
        const http::RequestHead head{
            .method = "POST", .path = path, .headers = {{"content-type", "application/json"}}};
        const auto parsed = dialect.parse(head, std::move(body));
        if (!parsed) {
            check_error(dialect, parsed.error());
            continue;
        }
        if (!json) json = accepts(std::string(input));
        promise(*json, "another reader accepts the JSON too", path);
        promise(!model_of(parsed->operation).empty(), "a request has a model");
        check_answer(*parsed);
    }
    return 0;
}
