// SPDX-License-Identifier: Apache-2.0
// Responses of the Anthropic dialect for any events in any order, with any bytes as text.  A
// non-streaming response is JSON.  A stream follows the grammar of the protocol: one block is
// open at a time, the indices have no gap, and message_stop or an error is at its end.
#include "tests/fuzz/answer_events.hpp"
#include "tests/fuzz/fuzz.hpp"

#include "plugins/dialect/anthropic/dialect.hpp"

#include <gatehouse/testing.hpp>
#include <nlohmann/json.hpp>

using namespace gatehouse;
using namespace gatehouse::fuzz;
using Json = nlohmann::json;

namespace {

/// The grammar of a stream, as a state machine of its own.
class Grammar {
public:
    void read(std::string_view out) {
        while (!out.empty()) {
            const std::size_t end = out.find("\n\n");
            promise(end != out.npos, "a stream ends with a complete event", out);
            frame(out.substr(0, end));
            out.remove_prefix(end + 2);
        }
        promise(state_ == State::done, "a stream has an end");
    }
    bool failed = false;

private:
    enum class State { before, idle, block, delta, done };

    void step(bool right, State next, std::string_view frame) {
        promise(right, "events follow the grammar", frame);
        state_ = next;
    }
    void frame(std::string_view text) {
        const std::size_t line = text.find('\n');
        promise(text.starts_with("event: ") && line != text.npos, "an event has a name", text);
        const std::string_view name = text.substr(7, line - 7), data = text.substr(line + 1);
        promise(data.starts_with("data: ") && data.find('\n') == data.npos, "an event has one line of data",
                text);
        const Json event = Json::parse(data.substr(6), nullptr, false);
        promise(event.is_object() && event["type"] == std::string(name), "the data repeats the name", text);
        promise(state_ != State::done, "nothing follows the end", text);
        const bool at_index = !event.contains("index") || event["index"] == index_;
        promise(at_index, "the indices have no gap", text);
        if (name == "ping") return;
        if (name == "error") {
            failed = true;
            return step(event["error"]["type"].is_string(), State::done, text);
        }
        if (name == "message_start") return step(state_ == State::before, State::idle, text);
        if (name == "content_block_start") return step(state_ == State::idle, State::block, text);
        if (name == "content_block_delta") return step(state_ == State::block, State::block, text);
        if (name == "message_delta") return step(state_ == State::idle, State::delta, text);
        if (name == "message_stop") return step(state_ == State::delta, State::done, text);
        step(name == "content_block_stop" && state_ == State::block, State::idle, text);
        ++index_;
    }

    State state_ = State::before;
    int index_ = 0;
};

const char* const requests[] = {
    R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})",
    R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"stream":true})",
    R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"stream":true,"thinking":{"type":"adaptive"}})",
};

/// The requests, read once.
const std::vector<Parsed>& asked() {
    static const std::vector<Parsed> all = [] {
        static testing::FakeHost host;
        static anthropic_dialect::Anthropic dialect(anthropic_dialect::Options{}, host);
        std::vector<Parsed> made;
        for (const char* request : requests) {
            auto parsed = dialect.parse({.method = "POST", .path = "/v1/messages"}, request);
            promise(bool(parsed), "the request is good", parsed ? "" : parsed.error().message);
            made.push_back(*std::move(parsed));
        }
        return made;
    }();
    return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<Event> events = events_in(text_of(data, size), "anthropic", "anthropic");
    for (const Parsed& parsed : asked())
        for (const bool fails : {false, true}) {
            auto formatter = parsed.formatter();
            std::string out;
            for (const Event& event : events) {
                formatter->event(event, out);
                if (formatter->streams()) formatter->heartbeat(out);
            }
            if (fails)
                formatter->error({ErrorKind::upstream, "the upstream has hung up"}, out);
            else
                formatter->end(out);
            if (formatter->streams()) {
                Grammar grammar;
                grammar.read(out);
                promise(!fails || grammar.failed, "a failed stream ends with its error", out);
            } else if (!fails || events.empty()) {
                promise(Json::accept(out), "a non-streaming response is JSON", out);
                promise(formatter->head().status >= 200, "a non-streaming response has a status");
            }
        }
    return 0;
}
