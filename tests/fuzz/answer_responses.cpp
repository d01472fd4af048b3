// SPDX-License-Identifier: Apache-2.0
// Responses of the Responses API for any events in any order.  Each stream and each beginning of it
// is right by the grammar.  It ends with the response that a non-streaming request gets.
#include "tests/fuzz/answer_events.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/plugins/dialect/openai/responses/grammar.hpp"

#include "plugins/dialect/openai/dialect.hpp"

#include <gatehouse/json_unescape.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/testing.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;
using gatehouse::test::Grammar;
using gatehouse::test::Json;

namespace {

constexpr const char* members =
    R"("model":"m","input":"x","include":["reasoning.encrypted_content","message.output_text.logprobs"],
       "tools":[{"type":"function","name":"f"},{"type":"custom","name":"fa"},
                {"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]},{"type":"tool_search"}])";

/// The texts of deltas are complete characters.
std::string in_utf8(std::string_view bytes) {
    std::string json;
    append_json_string(json, bytes);
    return Json::parse(json).get<std::string>();
}

struct MadeUtf8 {
    void operator()(TextDelta& delta) const { delta.text = in_utf8(delta.text); }
    void operator()(ReasoningDelta& delta) const { delta.text = in_utf8(delta.text); }
    void operator()(RefusalDelta& delta) const { delta.text = in_utf8(delta.text); }
    void operator()(ToolCallDelta& delta) const {
        for (std::string* text : {&delta.id, &delta.name, &delta.arguments}) *text = in_utf8(*text);
    }
    template <typename Other>
    void operator()(Other&) const {}
};

Parsed parse(bool stream) {
    static testing::FakeHost host;
    static openai_dialect::OpenAi dialect(openai_dialect::Options{}, host);
    const std::string body = std::string("{") + members + (stream ? ",\"stream\":true}" : "}");
    auto parsed = dialect.parse({.method = "POST", .path = "/v1/responses"}, body);
    promise(bool(parsed), "the request is good", parsed ? "" : parsed.error().message);
    return *std::move(parsed);
}

std::string without_ids(const Json& response) {
    std::string text = response.dump(-1, ' ', false, Json::error_handler_t::replace);
    const std::string stem = response["id"].get<std::string>().substr(5);
    for (std::size_t at; (at = text.find(stem)) != text.npos;) text.erase(at, stem.size());
    return text;
}

std::string stream_of(const Parsed& parsed, const std::vector<Event>& events, bool fails, bool heartbeats) {
    auto formatter = parsed.formatter();
    std::string out;
    for (const Event& event : events) {
        formatter->event(event, out);
        if (heartbeats) formatter->heartbeat(out);
    }
    if (fails)
        formatter->error({ErrorKind::upstream, "the upstream has hung up"}, out);
    else
        formatter->end(out);
    return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Parsed streaming = parse(true), whole = parse(false);
    std::vector<Event> events = events_in(text_of(data, size));
    for (Event& event : events) std::visit(MadeUtf8{}, event);
    for (const bool fails : {false, true})
        for (const bool heartbeats : {false, true}) {
            const std::string out = stream_of(streaming, events, fails, heartbeats);
            const Grammar grammar(out);
            promise(grammar.faults().empty(), "a stream is right", grammar.fault());
            promise(grammar.ended(), "a stream has its last event", out);
            promise(!fails || grammar.response()["status"] == "failed", "a failed stream says so", out);
        }
    const Grammar grammar(stream_of(streaming, events, false, false));
    const Json body = Json::parse(stream_of(whole, events, false, false), nullptr, false);
    promise(body.is_object(), "a non-streaming response is JSON", "");
    if (grammar.response()["status"] == "failed") return promise(body.contains("error"), "both fail", ""), 0;
    // A call without an id gets a random one.
    if (std::ranges::any_of(testing::all<ToolCallDelta>(events),
                            [](const auto& call) { return call.id.empty(); }))
        return 0;
    promise(without_ids(body) == without_ids(grammar.response()), "both have the same response", body.dump());
    return 0;
}
