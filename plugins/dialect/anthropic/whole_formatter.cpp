// SPDX-License-Identifier: Apache-2.0
// A non-streaming message.
#include "plugins/common/text/text.hpp"
#include "plugins/dialect/anthropic/message_answer.hpp"

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::size_t longest_quotation = 4096;

/// Arguments as an object, which clients do not parse again.
std::string input_object(const std::string& arguments) {
    if (arguments.find_first_not_of(" \t\r\n") == arguments.npos) return "{}";
    upstream::JsonCheck check;
    check.feed(arguments);
    const std::size_t first = arguments.find_first_not_of(" \t\r\n");
    if (arguments[first] == '{' && check.complete()) return arguments;
    std::string object;
    JsonWriter(object).begin_object().member("arguments", arguments).end_object();
    return object;
}

class WholeFormatter final : public MessageAnswer {
public:
    explicit WholeFormatter(std::shared_ptr<const AnswerFacts> facts) : MessageAnswer(std::move(facts)) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override {
        http::ResponseHead head{.status = status_};
        head.headers.add("content-type", "application/json");
        add_headers(head.headers, info());
        return head;
    }
    void event(const Event& event, std::string&) override { take(event); }

    void end(std::string& out) override {
        const AnswerEnd* end = finish();
        if (!end) return error(unfinished(), out);
        JsonWriter json(out);
        json.begin_object().member("id", id_of(end->info, facts())).member("type", "message");
        json.member("role", "assistant").member("model", facts().model);
        json.key("content").raw("[");
        out.append(content_).append("]");
        write_stop(json, *end);
        json.key("usage").raw({});
        append_usage(out, *end, facts());
        out += end->members;
        json.end_object();
    }
    void error(const Error& error, std::string& out) override {
        status_ = http_status(error);
        append_error(error, out);
    }

private:
    void begin_text() override { kind_ = Kind::text; }
    void text(std::string_view text) override { text_ += text; }
    void citation(const Citation& citation) override {
        if (!citations_.empty()) citations_ += ',';
        append_citation(citations_, citation, cited(citation));
    }
    void begin_thinking() override { kind_ = Kind::thinking; }
    void thinking(std::string_view text) override { text_ += text; }
    void signature(std::string_view signature) override { signature_ = signature; }
    void begin_call(std::string_view id, std::string_view name, const JsonText& extra) override {
        kind_ = Kind::call;
        call_ = {.id = call_id(id), .name = std::string(name), .extra = extra};
    }
    void input(std::string_view piece) override { text_ += piece; }

    void end_block() override {
        separate();
        JsonWriter json(content_);
        json.begin_object();
        switch (kind_) {
            case Kind::text: write_text(json); break;
            case Kind::thinking:
                json.member("type", "thinking").member("thinking", text_).member("signature", signature_);
                break;
            case Kind::call:
                json.member("type", "tool_use").member("id", call_.id).member("name", call_.name);
                json.key("input").raw(input_object(text_));
                append_members(content_, call_.extra, {"type", "id", "name", "input"});
                break;
        }
        json.end_object();
        signature_.clear();
        text_.clear();
    }
    void other(std::string_view json) override {
        separate();
        content_ += json;
    }

    void separate() {
        if (!content_.empty()) content_ += ',';
    }
    void write_text(JsonWriter& json) {
        said_ += text_;
        json.member("type", "text").member("text", text_).key("citations");
        if (citations_.empty())
            json.null();
        else
            json.begin_array().raw(citations_).end_array();
        citations_.clear();
    }
    /// The characters of the answer's text that a citation is about, unless it has them itself.
    std::string cited(const Citation& citation) const {
        std::string found;
        if (!citation.extra.empty()) return found;
        std::int64_t character = 0;  // the number of characters so far
        for (const std::string* piece : {&said_, &text_})
            for (const char c : *piece) {
                if (!common::is_inside_character(c)) ++character;
                if (character > citation.end || found.size() > longest_quotation) return found;
                if (character > citation.start) found += c;
            }
        return found;
    }

    enum class Kind { text, thinking, call };
    struct Call {
        std::string id = {}, name = {};
        JsonText extra = {};
    };

    std::string content_;  // elements of `content`, as JSON
    Kind kind_ = Kind::text;
    std::string text_;       // the open block's
    std::string signature_;  // the open thought's
    std::string citations_;  // the open text's, as JSON
    std::string said_;       // the text of the answer before the open block
    Call call_;
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<WholeFormatter>(std::move(facts));
}

}  // namespace gatehouse::anthropic_dialect
