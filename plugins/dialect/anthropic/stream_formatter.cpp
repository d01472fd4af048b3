// SPDX-License-Identifier: Apache-2.0
// The events of a message.  No memory is allocated per token.
#include "plugins/common/json/extras.hpp"
#include "plugins/dialect/anthropic/message_answer.hpp"

#include <charconv>

namespace gatehouse::anthropic_dialect {

namespace {

class StreamFormatter final : public MessageAnswer {
public:
    explicit StreamFormatter(std::shared_ptr<const AnswerFacts> facts) : MessageAnswer(std::move(facts)) {}

    bool streams() const override { return true; }
    http::ResponseHead head() override {
        http::ResponseHead head{200,
                                {{"content-type", "text/event-stream; charset=utf-8"},
                                 {"cache-control", "no-cache"},
                                 {"x-accel-buffering", "no"}}};
        add_headers(head.headers, info());
        return head;
    }

    void event(const Event& event, std::string& out) override {
        if (over_) return;
        out_ = &out;
        take(event);
    }

    void end(std::string& out) override {
        if (over_) return;
        out_ = &out;
        const AnswerEnd* end = finish();
        // A normal end would make an incomplete response look complete.
        if (!end) return error(unfinished(), out);
        begin();
        over_ = true;
        write_end(*end, out);
    }

    // A ping may come anywhere, also before message_start, and leaves no trace in a client.
    void heartbeat(std::string& out) override {
        if (!over_) out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    }

    void error(const Error& error, std::string& out) override {
        if (std::exchange(over_, true)) return;
        out += "event: error\ndata: ";
        append_error(error, out);
        out += "\n\n";
    }

private:
    void begin() {
        if (std::exchange(begun_, true)) return;
        *out_ += "event: message_start\ndata: ";
        JsonWriter json(*out_);
        json.begin_object().member("type", "message_start").key("message").begin_object();
        json.member("id", id_of(info(), facts())).member("type", "message").member("role", "assistant");
        json.member("model", facts().model).key("content").raw("[]").key("stop_reason").null();
        json.key("stop_sequence").null().key("usage").raw({});
        append_first_usage(*out_, info(), facts());
        json.end_object().end_object();
        *out_ += "\n\n";
    }

    void write_end(const AnswerEnd& end, std::string& out) {
        out += "event: message_delta\ndata: ";
        JsonWriter json(out);
        json.begin_object().member("type", "message_delta").key("delta").begin_object();
        write_stop(json, end);
        const JsonText members{end.members.empty() ? "" : "{" + end.members.substr(1) + "}"};
        if (const std::string container = json::member_of(members, "container"); !container.empty())
            json.key("container").raw(container);
        json.end_object().key("usage").raw({});
        append_usage(out, end, facts());
        append_members(out, members, {"container"});
        json.end_object();
        out += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    }

    void append_index() {
        char text[16];
        out_->append(text, std::to_chars(text, text + sizeof text, index_).ptr);
    }
    /// Up to the content of a block.
    void begin_block() {
        begin();
        *out_ += "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":";
        append_index();
        *out_ += ",\"content_block\":";
    }
    void end_event() { *out_ += "}\n\n"; }
    void delta(std::string_view type, std::string_view name, std::string_view text) {
        *out_ += std::string_view(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
        append_index();
        *out_ += std::string_view(",\"delta\":{\"type\":\"");
        *out_ += type;
        *out_ += std::string_view("\",\"");
        *out_ += name;
        *out_ += std::string_view("\":");
        append_json_string(*out_, text);
        *out_ += std::string_view("}}\n\n");
    }

    void begin_text() override {
        begin_block();
        *out_ += R"({"type":"text","text":""})";
        end_event();
    }
    void text(std::string_view text) override { delta("text_delta", "text", text); }
    void citation(const Citation& citation) override {
        *out_ += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":";
        append_index();
        *out_ += ",\"delta\":{\"type\":\"citations_delta\",\"citation\":";
        append_citation(*out_, citation, {});
        *out_ += "}}\n\n";
    }
    void begin_thinking() override {
        begin_block();
        *out_ += R"({"type":"thinking","thinking":"","signature":""})";
        end_event();
    }
    void thinking(std::string_view text) override { delta("thinking_delta", "thinking", text); }
    void signature(std::string_view signature) override { delta("signature_delta", "signature", signature); }
    void begin_call(std::string_view id, std::string_view name, const JsonText& extra) override {
        begin_block();
        JsonWriter json(*out_);
        json.begin_object().member("type", "tool_use").member("id", call_id(id)).member("name", name);
        json.key("input").raw("{}");
        append_members(*out_, extra, {"type", "id", "name", "input"});
        json.end_object();
        end_event();
    }
    void input(std::string_view piece) override { delta("input_json_delta", "partial_json", piece); }
    void end_block() override {
        *out_ += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":";
        append_index();
        end_event();
        ++index_;
    }

    // Clients read the input of a call from the deltas only.
    void other(std::string_view json) override {
        begin_block();
        const std::string block = on_one_line(json);
        const std::string input = json::member_of({block}, "input");
        if (input.empty()) {
            *out_ += block;
        } else {
            *out_ += R"({"input":{})";
            append_members(*out_, {block}, {"input"});
            *out_ += '}';
        }
        end_event();
        if (!input.empty()) this->input(input);
        end_block();
    }

    std::string* out_ = nullptr;  // the argument of the running call
    int index_ = 0;               // the open block, or the next one
    bool begun_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<StreamFormatter>(std::move(facts));
}

}  // namespace gatehouse::anthropic_dialect
