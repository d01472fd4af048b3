// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/messy/wires.hpp"

#include "plugins/provider/anthropic/anthropic.hpp"
#include "plugins/provider/oci/oci.hpp"
#include "plugins/provider/openai/openai.hpp"

extern "C" const gatehouse::Descriptor gatehouse_plugin;  // provider/ollama, which has no header

namespace gatehouse::test {

namespace {

std::string q(const std::string& inside) { return "\"" + inside + "\""; }

struct OpenAiWire : Wire {
    const char* name() const override { return "openai"; }
    std::string model() const override { return "gpt-x"; }
    std::unique_ptr<Provider> make(Host& host) const override {
        return std::make_unique<openai_provider::OpenAi>(openai_provider::Options{}, host);
    }
    std::string choice(const std::string& delta, const std::string& word = "null") const {
        return frame(R"({"choices":[{"index":0,"delta":{)" + delta + R"(},"finish_reason":)" + word + "}]}");
    }
    std::string text(const std::string& said) const override { return choice(R"("content":)" + q(said)); }
    std::string reasoning(const std::string& said) const override {
        return choice(R"("reasoning_content":)" + q(said));
    }
    std::string refusal(const std::string& said) const override { return choice(R"("refusal":)" + q(said)); }
    std::string call(int place, const std::string& id, const std::string& arguments) const override {
        return choice(R"("tool_calls":[{"index":)" + std::to_string(place) + R"(,"id":)" + q(id) +
                      R"(,"type":"function","function":{"name":"f","arguments":)" + q(arguments) + "}}]");
    }
    std::string more(int place, const std::string& arguments) const override {
        return choice(R"("tool_calls":[{"index":)" + std::to_string(place) + R"(,"function":{"arguments":)" +
                      q(arguments) + "}}]");
    }
    std::string finish(const std::string& word) const override { return choice("", q(word)); }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return choice(R"("content":)" + q(said), q(word));
    }
    std::string usage() const override {
        return frame(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})");
    }
    std::string stop() const override { return frame("[DONE]"); }
    static std::string message(const std::string& members, const std::string& word) {
        return R"({"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)" +
               members + R"(},"finish_reason":)" + q(word) + "}]}";
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return message(R"("content":)" + q(said), word);
    }
    std::string whole_call(const std::string& id, const std::string& arguments) const override {
        return message(R"("content":null,"tool_calls":[{"id":)" + q(id) +
                           R"(,"type":"function","function":{"name":"f","arguments":)" + q(arguments) + "}}]",
                       "tool_calls");
    }
};

struct SurfaceWire final : OpenAiWire {
    const char* name() const override { return "oci, OpenAI's surface"; }
    std::string model() const override { return "openai.gpt-4.1"; }
    std::unique_ptr<Provider> make(Host& host) const override;
};

struct TextWire final : OpenAiWire {
    const char* name() const override { return "openai, text completions"; }
    bool chats() const override { return false; }
    std::string piece(const std::string& said, const std::string& word) const {
        return frame(whole_of(said, word));
    }
    static std::string whole_of(const std::string& said, const std::string& word) {
        return R"({"choices":[{"index":0,"text":)" + q(said) + R"(,"finish_reason":)" + word + "}]}";
    }
    std::string text(const std::string& said) const override { return piece(said, "null"); }
    std::string reasoning(const std::string&) const override { return {}; }
    std::string refusal(const std::string&) const override { return {}; }
    std::string call(int, const std::string&, const std::string&) const override { return {}; }
    std::string more(int, const std::string&) const override { return {}; }
    std::string finish(const std::string& word) const override { return piece("", q(word)); }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return piece(said, q(word));
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return whole_of(said, q(word));
    }
    std::string whole_call(const std::string&, const std::string&) const override { return {}; }
    std::string repeated(const std::string&, const std::string&) const override { return {}; }
};

oci::Options oci_options() {
    oci::Options options;
    options.compartment_id = "ocid1.compartment.oc1..aaaaaaaaexample";
    options.region = {"us-chicago-1"};
    return options;
}

std::unique_ptr<Provider> SurfaceWire::make(Host& host) const {
    oci::Options options = oci_options();
    options.surface = "openai";
    return std::make_unique<oci::Oci>(options, host);
}

struct GenericWire : Wire {
    const char* name() const override { return "oci, GENERIC"; }
    std::string model() const override { return "meta.llama-3.3-70b-instruct"; }
    std::unique_ptr<Provider> make(Host& host) const override {
        return std::make_unique<oci::Oci>(oci_options(), host);
    }
    std::string event(const std::string& message, const std::string& word = "") const {
        return frame(R"({"index":0,"message":{"role":"ASSISTANT",)" + message + "}" +
                     (word.empty() ? "" : R"(,"finishReason":)" + q(word)) + "}");
    }
    static std::string content(const std::string& said) {
        return R"("content":[{"type":"TEXT","text":)" + q(said) + "}]";
    }
    static std::string calls(const std::string& id, const std::string& arguments) {
        return R"("toolCalls":[{"type":"FUNCTION","id":)" + q(id) + R"(,"name":"f","arguments":)" +
               q(arguments) + "}]";
    }
    std::string text(const std::string& said) const override { return event(content(said)); }
    std::string reasoning(const std::string& said) const override {
        return event(R"("reasoningContent":)" + q(said));
    }
    std::string refusal(const std::string& said) const override { return event(R"("refusal":)" + q(said)); }
    std::string call(int, const std::string& id, const std::string& arguments) const override {
        return event(calls(id, arguments));
    }
    std::string more(int, const std::string& arguments) const override {
        return event(R"("toolCalls":[{"type":"FUNCTION","arguments":)" + q(arguments) + "}]");
    }
    std::string finish(const std::string& word) const override {
        return frame(R"({"finishReason":)" + q(word) + "}");
    }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return event(content(said), word);
    }
    std::string usage() const override {
        return frame(R"({"usage":{"promptTokens":3,"completionTokens":2,"totalTokens":5}})");
    }
    static std::string response(const std::string& message, const std::string& word) {
        return R"({"modelId":"m","chatResponse":{"apiFormat":"GENERIC","choices":[{"index":0,"message":{"role":"ASSISTANT",)" +
               message + R"(},"finishReason":)" + q(word) + "}]}}";
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return response(content(said), word);
    }
    std::string whole_call(const std::string& id, const std::string& arguments) const override {
        return response(calls(id, arguments), "tool_calls");
    }
};

struct CohereWire final : GenericWire {
    const char* name() const override { return "oci, COHERE"; }
    std::string model() const override { return "cohere.command-a-03-2025"; }
    static std::string members(const std::string& rest) { return R"({"apiFormat":"COHERE",)" + rest + "}"; }
    static std::string parameters(const std::string& value) {
        return R"("toolCalls":[{"name":"f","parameters":)" + value + "}]";
    }
    std::string text(const std::string& said) const override {
        return frame(members(R"("text":)" + q(said)));
    }
    std::string reasoning(const std::string&) const override { return {}; }
    std::string refusal(const std::string&) const override { return {}; }
    std::string call(int, const std::string&, const std::string& arguments) const override {
        return frame(members(parameters(arguments)));
    }
    std::string more(int, const std::string&) const override { return {}; }
    std::string finish(const std::string& word) const override {
        return frame(members(R"("text":"","finishReason":)" + q(word)));
    }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return frame(members(R"("text":)" + q(said) + R"(,"finishReason":)" + q(word)));
    }
    std::string usage() const override {
        return frame(members(R"("text":"","usage":{"promptTokens":3,"completionTokens":2,"totalTokens":5})"));
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return R"({"chatResponse":)" + members(R"("text":)" + q(said) + R"(,"finishReason":)" + q(word)) +
               "}";
    }
    std::string whole_call(const std::string&, const std::string& arguments) const override {
        return R"({"chatResponse":)" +
               members(R"("text":"",)" + parameters(arguments) + R"(,"finishReason":"COMPLETE")") + "}";
    }
    std::string repeated(const std::string& said, const std::string& word) const override {
        return text_and_finish(said, word);
    }
    bool arguments_are_text() const override { return false; }
};

struct CohereV2Wire final : GenericWire {
    const char* name() const override { return "oci, COHEREV2"; }
    std::string model() const override { return "cohere.command-a-reasoning-08-2025"; }
    static std::string members(const std::string& message, const std::string& word = "") {
        return R"({"apiFormat":"COHEREV2","message":{"role":"ASSISTANT",)" + message + "}" +
               (word.empty() ? "" : R"(,"finishReason":)" + q(word)) + "}";
    }
    static std::string calls(const std::string& id, const std::string& arguments) {
        return R"("toolCalls":[{"id":)" + q(id) +
               R"(,"type":"FUNCTION","function":{"name":"f","arguments":)" + q(arguments) + "}}]";
    }
    std::string text(const std::string& said) const override { return frame(members(content(said))); }
    std::string reasoning(const std::string& said) const override {
        return frame(members(R"("content":[{"type":"THINKING","thinking":)" + q(said) + "}]"));
    }
    std::string refusal(const std::string&) const override { return {}; }
    std::string call(int, const std::string& id, const std::string& arguments) const override {
        return frame(members(calls(id, arguments)));
    }
    std::string more(int, const std::string& arguments) const override {
        return frame(members(R"("toolCalls":[{"function":{"arguments":)" + q(arguments) + "}}]"));
    }
    std::string finish(const std::string& word) const override {
        return frame(R"({"apiFormat":"COHEREV2","finishReason":)" + q(word) + "}");
    }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return frame(members(content(said), word));
    }
    std::string usage() const override {
        return frame(
            R"({"apiFormat":"COHEREV2","usage":{"promptTokens":3,"completionTokens":2,"totalTokens":5}})");
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return R"({"chatResponse":)" + members(content(said), word) + "}";
    }
    std::string whole_call(const std::string& id, const std::string& arguments) const override {
        return R"({"chatResponse":)" + members(calls(id, arguments), "TOOL_CALL") + "}";
    }
};

struct AnthropicWire final : Wire {
    const char* name() const override { return "anthropic"; }
    std::string model() const override { return "claude-sonnet-4-5"; }
    std::unique_ptr<Provider> make(Host& host) const override {
        return std::make_unique<anthropic::Anthropic>(anthropic::Options{}, host);
    }
    std::string delta(int index, const std::string& members) const {
        return frame(R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":{)" +
                     members + "}}");
    }
    std::string text(const std::string& said) const override {
        return delta(0, R"("type":"text_delta","text":)" + q(said));
    }
    std::string reasoning(const std::string& said) const override {
        return delta(1, R"("type":"thinking_delta","thinking":)" + q(said));
    }
    std::string call(int place, const std::string& id, const std::string& arguments) const override {
        return frame(R"({"type":"content_block_start","index":)" + std::to_string(place + 2) +
                     R"(,"content_block":{"type":"tool_use","id":)" + q(id) + R"(,"name":"f","input":{}}})") +
               more(place, arguments);
    }
    std::string more(int place, const std::string& arguments) const override {
        return delta(place + 2, R"("type":"input_json_delta","partial_json":)" + q(arguments));
    }
    std::string finish(const std::string& word) const override {
        return frame(R"({"type":"message_delta","delta":{"stop_reason":)" + q(word) + "}}");
    }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return text(said) + finish(word);
    }
    std::string usage() const override {
        return frame(R"({"type":"message_delta","delta":{},"usage":{"input_tokens":3,"output_tokens":2}})");
    }
    std::string stop() const override { return frame(R"({"type":"message_stop"})"); }
    static std::string message(const std::string& block, const std::string& word) {
        return R"({"type":"message","role":"assistant","content":[)" + block + R"(],"stop_reason":)" +
               q(word) + "}";
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return message(R"({"type":"text","text":)" + q(said) + "}", word);
    }
    std::string whole_call(const std::string& id, const std::string& arguments) const override {
        // At the number of call().
        return message(
            R"({"type":"text","text":""},{"type":"thinking","thinking":""},{"type":"tool_use","id":)" +
                q(id) + R"(,"name":"f","input":)" + q(arguments) + "}",
            "tool_use");
    }
    std::string frame(const std::string& json) const override {
        const std::string type =
            Json::parse(json, nullptr, false).is_object() ? Json::parse(json).value("type", "message") : "x";
        return "event: " + type + "\ndata: " + json + "\n\n";
    }
};

struct OllamaWire final : Wire {
    const char* name() const override { return "ollama"; }
    std::string model() const override { return "qwen3:8b"; }
    std::unique_ptr<Provider> make(Host& host) const override {
        auto made = testing::create<Provider>(gatehouse_plugin, {}, host);
        REQUIRE(made);
        return *std::move(made);
    }
    static std::string line(const std::string& message, const std::string& rest) {
        return R"({"model":"m","message":{"role":"assistant",)" + message + "}," + rest + "}";
    }
    std::string open(const std::string& message) const { return frame(line(message, R"("done":false)")); }
    static std::string done(const std::string& word) { return R"("done":true,"done_reason":)" + q(word); }
    static std::string content(const std::string& said) { return R"("content":)" + q(said); }
    static std::string calls(const std::string& id, const std::string& arguments) {
        return R"("content":"","tool_calls":[{"id":)" + q(id) + R"(,"function":{"name":"f","arguments":)" +
               q(arguments) + "}}]";
    }
    std::string text(const std::string& said) const override { return open(content(said)); }
    std::string reasoning(const std::string& said) const override {
        return open(R"("content":"","thinking":)" + q(said));
    }
    std::string call(int, const std::string& id, const std::string& arguments) const override {
        return open(calls(id, arguments));
    }
    std::string finish(const std::string& word) const override {
        return frame(line(R"("content":"")", done(word)));
    }
    std::string text_and_finish(const std::string& said, const std::string& word) const override {
        return frame(line(content(said), done(word)));
    }
    std::string usage() const override {
        return frame(R"({"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2})");
    }
    std::string whole(const std::string& said, const std::string& word) const override {
        return line(content(said), done(word));
    }
    std::string whole_call(const std::string& id, const std::string& arguments) const override {
        return line(calls(id, arguments), done("stop"));
    }
    std::string frame(const std::string& json) const override { return json + "\n"; }
};

ChatRequest ask(const Wire& wire, bool stream) {
    ChatRequest request{.model = wire.model(), .stream = stream};
    request.messages = {{.role = Role::user, .parts = {Text{"Hello"}}}};
    if (!wire.chats()) request.completion.emplace();
    return request;
}

struct Summary {
    std::string text, thoughts, refusal, ends, usage;
    std::vector<std::string> ids, calls;
    bool finished = false;

    void operator()(const TextDelta& e) { text += (finished ? "(late)" : "") + e.text; }
    void operator()(const ReasoningDelta& e) { thoughts += e.text; }
    void operator()(const RefusalDelta& e) { refusal += e.text; }
    void operator()(const ToolCallDelta& e) {
        const auto place = static_cast<std::size_t>(e.index);
        if (calls.size() <= place) calls.resize(place + 1), ids.resize(place + 1);
        if (!e.id.empty() && std::ranges::count(ids, e.id)) calls[place] += "(same id)";
        if (!e.id.empty()) ids[place] = e.id;
        if (!e.name.empty()) calls[place] += e.name + ":";
        calls[place] += e.arguments;
    }
    void operator()(const Finish& e) {
        constexpr const char* words[] = {"stop", "length", "tool_calls", "content_filter"};
        ends += std::string(finished ? ", " : "") + words[static_cast<int>(e.reason)];
        finished = true;
    }
    void operator()(const Usage& e) { usage = std::to_string(e.prompt) + "+" + std::to_string(e.completion); }
    template <typename Other>
    void operator()(const Other&) {}
};

}  // namespace

const std::vector<const Wire*>& wires() {
    static const OpenAiWire openai;
    static const TextWire text;
    static const SurfaceWire surface;
    static const GenericWire generic;
    static const CohereWire cohere;
    static const CohereV2Wire cohere_v2;
    static const AnthropicWire anthropic;
    static const OllamaWire ollama;
    static const std::vector<const Wire*> all = {&openai, &text,      &surface,   &generic,
                                                 &cohere, &cohere_v2, &anthropic, &ollama};
    return all;
}

std::string summary(const Result<std::vector<Event>>& events) {
    if (!events) return "error " + std::to_string(status_of(events.error())) + ": " + events.error().message;
    Summary all;
    for (const Event& event : *events) std::visit(all, event);
    std::string out = all.text;
    if (!all.thoughts.empty()) out += " | thinks " + all.thoughts;
    if (!all.refusal.empty()) out += " | refuses " + all.refusal;
    for (const std::string& call : all.calls) out += " | " + call;
    out += " | " + all.ends;
    if (!all.usage.empty()) out += " | " + all.usage;
    return out;
}

std::string streamed(const Wire& wire, const std::string& body) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    const ChatRequest request = ask(wire, true);
    const std::string expected = summary(testing::replay(*provider, request, {body}));
    int wrong = 0;
    // The tests of each provider cut their streams at every byte.
    const std::string_view all = body;
    for (const std::size_t cut : {body.size() / 3, body.size() / 2, body.size() - body.size() / 7}) {
        const auto events = testing::replay(*provider, request, {all.substr(0, cut), all.substr(cut)});
        wrong += summary(events) != expected;
    }
    return wrong ? expected + " (another one for " + std::to_string(wrong) + " cuts)" : expected;
}

std::string whole(const Wire& wire, const std::string& body, const http::ResponseHead& head) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    return summary(testing::replay(*provider, ask(wire, false), {body}, head));
}

Error refusal(const Wire& wire, int status, const std::string& body, http::Headers headers) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    const auto found = testing::replay(*provider, ask(wire, true), {body},
                                       {.status = status, .headers = std::move(headers)});
    REQUIRE_FALSE(found);
    return found.error();
}

int silences(const Wire& wire, const std::string& body, bool wants_usage) {
    testing::FakeHost host;
    const auto provider = wire.make(host);
    ChatRequest request = ask(wire, true);
    request.include_usage = wants_usage;
    auto exchange = provider->chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    (*exchange)->head({});
    testing::Events events;
    REQUIRE((*exchange)->body(body, events));
    for (int count = 0; count <= 20; ++count) {
        if ((*exchange)->complete()) return count;
        if (!(*exchange)->may_end()) return 0;
        REQUIRE((*exchange)->body("", events));
    }
    return 0;
}

}  // namespace gatehouse::test
