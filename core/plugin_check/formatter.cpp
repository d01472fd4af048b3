// SPDX-License-Identifier: Apache-2.0
// Formatters: every member in the core's order, what they write well-formed, nothing
// lost, nothing told that is for the log.
#include "core/plugin_check/dialect_suites.hpp"
#include "core/plugin_check/follow.hpp"
#include "core/plugin_check/texts.hpp"

#include <gatehouse/sse.hpp>

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* formatter_rule = "dialect.hpp, ResponseFormatter";
const std::string answer_text = "scattered-\u00e9\U0001F600";

struct Row {
    std::string name;
    std::vector<Event> events;
    bool plain = false;  // an answer whose text must be found again
    bool odd = false;    // no provider should send it, so that it may become a failure
};

std::vector<Row> chats() {
    const Event stop = Finish{FinishReason::stop};
    const Event usage = Usage{.prompt = 3, .completion = 5, .total = 8};
    return {
        {"a text",
         {AnswerInfo{.created = 1700000000}, TextDelta{"It " + answer_text}, TextDelta{" é."}, stop, usage},
         true},
        {"an odd text",
         {TextDelta{"\"\\\r\n\r\ndata: x\n\nevent: y\n"}, TextDelta{std::string("\0\x01\xff\xc3", 4)}, stop}},
        {"a tool call",
         {ToolCallDelta{.index = 0, .id = "call_1", .name = "weather"},
          ToolCallDelta{.index = 0, .arguments = "{}"},
          ToolCallDelta{.index = 1, .id = "call_2", .name = "we\"ather", .arguments = "{\"a\":"},
          ToolCallDelta{.index = 1, .arguments = "1}"}, Finish{FinishReason::tool_calls}, usage}},
        {"everything",
         {AnswerInfo{.created = 1, .service_tier = "default"}, ReasoningDelta{"hm"}, TextDelta{"a"},
          LogprobsDelta{{{.token = "a", .logprob = -0.5, .top = {{"b", -1, "b"}}, .bytes = "\xC3"}}},
          LogprobsDelta{.tokens = {{.token = "no", .logprob = -1}}, .refusal = true},
          Citation{.url = "https://x/\"", .title = "t", .end = 1, .inner_extra = {R"({"x_cite":1})"}},
          RefusalDelta{"no"}, Extra{.members = {R"({"x_new":[1]})"}}, Finish{FinishReason::content_filter},
          Usage{.prompt = 1, .completion = 1, .total = 2, .cached = 1, .reasoning = 1}}},
        {"blocks and thoughts",
         {ReasoningDelta{"hm"}, ThoughtEnd{"c2ln", "", "acme"}, ThoughtEnd{"", "ZW5j", "acme"},
          TextDelta{"It " + answer_text}, BlockEnd{}, TextDelta{" so."},
          OtherBlock{"acme", "x_block", {R"({"type":"x_block","x":1})"}},
          ToolCallDelta{.id = "call_1", .name = "shell", .custom = true, .extra = {R"({"x_call":1})"}},
          ToolCallDelta{.arguments = "ls \"$HOME\" {", .custom = true, .inner_extra = {R"({"x_in":1})"}},
          Finish{.reason = FinishReason::tool_calls,
                 .native = "tool_use",
                 .stop_sequence = "\"END",
                 .details = {R"({"x_stop":1})"}},
          Usage{.prompt = 3,
                .completion = 5,
                .total = 8,
                .cache_written = 1,
                .extra = {R"({"cost":0.5})"},
                .prompt_extra = {R"({"x_prompt":1})"},
                .completion_extra = {R"({"x_completion":1})"}}},
         true},
        {"several choices",
         {TextDelta{"a", 0}, TextDelta{"b", 1}, Finish{FinishReason::stop, 0},
          Finish{FinishReason::length, 1}}},
        {"a finish alone", {stop}},
        {"nothing", {}, false, true},
        {"events that no provider should send",
         {Finish{FinishReason::stop, 7}, TextDelta{"late", 7}, ToolCallDelta{.index = 5, .arguments = "{"},
          TextDelta{"a", -1}, usage, usage, Finish{FinishReason::stop, 7}},
         false,
         true},
        {"a huge text", {TextDelta{std::string(4'000'000, 'x')}, stop}},
    };
}

std::vector<Row> rows_for(const Operation& operation) {
    const Event usage = Usage{.prompt = 3, .total = 3};
    if (std::holds_alternative<EmbeddingRequest>(operation))
        return {{"embeddings", {Embedding{0, {0.5F, -0.25F}}, Embedding{1, {1, 0}}, usage}},
                {"nothing", {}, false, true}};
    if (std::holds_alternative<RerankRequest>(operation))
        return {{"a ranking", {Ranking{1, 0.9}, Ranking{0, 0.1}, usage}}, {"nothing", {}, false, true}};
    if (std::holds_alternative<ModelsRequest>(operation))
        return {{"models", {ModelInfo{.id = "m", .created = 1}, ModelInfo{.id = "n\""}}},
                {"nothing", {}, false, true}};
    if (std::holds_alternative<TokenCountRequest>(operation))
        return {{"a count of tokens", {TokenCount{7, true}}}, {"nothing", {}, false, true}};
    if (std::holds_alternative<RawRequest>(operation))
        return {{"bytes", {RawBytes{"application/json", "{\"a\":"}, RawBytes{"", "1}"}}},
                {"nothing", {}, false, true}};
    return chats();
}

/// Whether the text is there, as it is or with JSON's escapes.
bool is_found(const std::string& out) {
    return out.find(answer_text) != out.npos || out.find("scattered-\\u00e9\\ud83d\\ude00") != out.npos ||
           out.find("scattered-\\u00E9\\uD83D\\uDE00") != out.npos;
}

/// One answer, as the core has it written.
class Writing {
public:
    Writing(Check& check, ResponseFormatter& formatter, bool odd)
        : check_(check), formatter_(formatter), odd_(odd) {
        check_.calls("dialect.hpp, ResponseFormatter::streams", [&] { streams_ = formatter_.streams(); });
    }

    void event(const Event& event) {
        check_.calls("dialect.hpp, ResponseFormatter::event", [&] { formatter_.event(event, out_); });
        if (streams_ && !out_.empty()) head();
    }
    void heartbeat() {
        check_.calls("dialect.hpp, ResponseFormatter::heartbeat", [&] { formatter_.heartbeat(out_); });
        if (streams_ && !out_.empty()) head();
    }
    void end() {
        check_.calls("dialect.hpp, ResponseFormatter::end", [&] { formatter_.end(out_); });
        head();
        look_at_answer();
    }
    void error(const Error& error) {
        const std::size_t before = out_.size();
        check_.calls("dialect.hpp, ResponseFormatter::error", [&] { formatter_.error(error, out_); });
        if (out_.size() == before)
            check_.error("error-silent", "a stream ends early without an error event for the client",
                         "dialect.hpp, ResponseFormatter::error");
        if (out_.find(error.detail) != out_.npos)
            check_.error("error-detail", "an error's detail, which is for the log only, reaches the client",
                         "result.hpp, Error::detail");
        look_at_stream();
    }

    bool streams() const { return streams_; }
    bool began() const { return head_.has_value(); }
    const std::string& out() const { return out_; }

private:
    void head() {
        if (head_) return;
        if (!check_.calls("dialect.hpp, ResponseFormatter::head", [&] { head_ = formatter_.head(); })) return;
        if (!odd_ && (head_->status < 200 || head_->status > 299))
            check_.error("answer-status", "a good answer has a status that is not 2xx",
                         "dialect.hpp, ResponseFormatter::head", std::to_string(head_->status));
        check_headers(check_, head_->headers, "dialect.hpp, ResponseFormatter::head");
        if (!head_->headers.has("content-type"))
            check_.warning("content-type", "an answer has a body and no content-type",
                           "dialect.hpp, ResponseFormatter::head");
    }

    std::string_view type() const { return head_ ? head_->headers.get("content-type") : std::string_view(); }

    void look_at_answer() {
        bool streams = streams_;
        check_.calls("dialect.hpp, ResponseFormatter::streams", [&] { streams = formatter_.streams(); });
        if (streams != streams_)
            check_.error("streams-change", "streams() changes its mind",
                         "dialect.hpp, ResponseFormatter::streams");
        if (out_.empty())
            check_.warning("answer-empty", "the formatter writes no bytes for a response", formatter_rule);
        if (type().starts_with("application/json") && !is_json(out_))
            check_.error("answer-json", "a body of type JSON is not JSON", formatter_rule, out_);
        look_at_stream();
    }

    void look_at_stream() {
        if (!type().starts_with("text/event-stream")) return;
        SseReader reader(64 * 1024 * 1024);
        int events = 0, wrong = 0;
        auto look = [&](std::string_view data) {
            ++events;
            if (data.starts_with('{') && !is_json(data)) ++wrong;
        };
        (void)reader.feed(out_, look);
        const int complete = events;
        reader.finish(look);
        if (events > complete)
            check_.error("sse", "an event of a stream is not ended by an empty line", formatter_rule,
                         out_.substr(0, 200));
        if (wrong > 0)
            check_.error("answer-json", "a body of type JSON is not JSON", formatter_rule,
                         out_.substr(0, 200));
    }

    Check& check_;
    ResponseFormatter& formatter_;
    const bool odd_;
    bool streams_ = false;
    std::string out_;
    std::optional<http::ResponseHead> head_;
};

void write_row(Check& check, const Parsed& parsed, const Row& row, const std::string& context) {
    check.context(context + ", " + row.name);
    std::unique_ptr<ResponseFormatter> formatter;
    auto fresh = [&] {
        return check.calls("dialect.hpp, Parsed::formatter", [&] { formatter = parsed.formatter(); }) &&
               formatter;
    };
    if (!fresh()) return;
    {
        check.doing("whole");
        Writing writing(check, *formatter, row.odd);
        for (const Event& event : row.events) writing.event(event);
        writing.end();
        check_kept(check, *formatter, parsed.operation);
        if (row.plain && !is_found(writing.out()))
            check.warning("text-lost", "the text of an answer is not in what the client gets", formatter_rule,
                          writing.out().substr(0, 300));
    }
    if (!fresh()) return;
    {
        check.doing("with heartbeats");
        Writing writing(check, *formatter, row.odd);
        writing.heartbeat();
        for (const Event& event : row.events) {
            writing.event(event);
            writing.heartbeat();
        }
        writing.end();
    }
    for (std::size_t broken = 1; broken <= std::min<std::size_t>(row.events.size(), 6); ++broken) {
        if (!fresh()) return;
        check.doing("broken off after event " + std::to_string(broken));
        Writing writing(check, *formatter, row.odd);
        for (std::size_t i = 0; i < broken; ++i) writing.event(row.events[i]);
        if (!writing.began()) continue;  // the core answers with Dialect::error then
        writing.error({.kind = ErrorKind::upstream,
                       .message = "it broke \"off\"\r\n",
                       .detail = "gatehouse-check-detail"});
    }
}

}  // namespace

void check_formatters(Check& check, Target& target) {
    auto dialect = target.make<Dialect>(check);
    if (!dialect) return;
    std::vector<Dialect::Endpoint> all;
    check.calls("dialect.hpp, Dialect::endpoints", [&] { all = dialect->endpoints(); });
    for (const Dialect::Endpoint& endpoint : all) {
        auto bodies = client_bodies();
        if (endpoint.method == "GET") bodies = {{"a question", ""}};
        for (const auto& [name, text] : bodies) {
            http::RequestHead head{.method = endpoint.method, .path = endpoint.path};
            if (head.path.ends_with("/*")) head.path.replace(head.path.size() - 1, 1, "check-model");
            head.headers = {{"content-type", "application/json"}};
            check.context(endpoint.method + " " + endpoint.path + ", " + name);
            auto parsed = parse_and_follow(check, *dialect, head, text);
            if (!parsed || !*parsed || !(*parsed)->formatter) continue;
            for (const Row& row : rows_for((*parsed)->operation))
                write_row(check, **parsed, row, endpoint.method + " " + endpoint.path + ", " + name);
        }
    }
}

}  // namespace gatehouse::core::plugin_check
