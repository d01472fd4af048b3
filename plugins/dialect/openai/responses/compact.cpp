// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/compact.hpp"

#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/responses/response_object.hpp"
#include "plugins/dialect/openai/responses/seal.hpp"
#include "plugins/dialect/openai/responses/stored_items.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::string_view instruction =
    "Summarize this conversation for an assistant that continues it without seeing it. Keep the goals of the "
    "user, decisions, results, names of files and open tasks. Write only the summary.";
constexpr std::string_view heading = "Summary of the conversation so far:\n";

Message user_message(std::string text) {
    Message message{.role = Role::user};
    message.parts.emplace_back(Text{std::move(text)});
    return message;
}

/// A non-streaming response of one JSON document.
class DocumentFormatter : public ResponseFormatter {
public:
    bool streams() const final { return false; }
    http::ResponseHead head() final { return {status_, {{"content-type", "application/json"}}}; }
    void error(const Error& error, std::string& out) final {
        status_ = status_of(error);
        append_error(error, out);
    }

private:
    int status_ = 200;
};

class CompactFormatter final : public DocumentFormatter {
public:
    CompactFormatter(std::shared_ptr<const ResponseFacts> facts, std::string users)
        : facts_(std::move(facts)), users_(std::move(users)) {}

    void event(const Event& event, std::string&) override {
        if (const auto* text = std::get_if<TextDelta>(&event))
            summary_.text = summary_.text.str() + text->text;
        if (const auto* usage = std::get_if<Usage>(&event)) usage_ = *usage;
        finished_ |= std::holds_alternative<Finish>(event);
    }
    void end(std::string& out) override {
        if (!finished_ || summary_.text.empty())
            return error({ErrorKind::upstream, "the upstream sent no summary"}, out);
        JsonWriter json(out);
        json.begin_object().member("id", facts_->response_id()).member("object", "response.compaction");
        json.member("created_at", facts_->created).key("output").begin_array();
        if (!users_.empty()) json.raw(users_);
        json.begin_object().member("id", facts_->item_id("cmp_", 0)).member("type", "compaction");
        json.member("encrypted_content", seal(summary_)).end_object().end_array();
        write_usage(json, &usage_);
        json.end_object();
    }

private:
    const std::shared_ptr<const ResponseFacts> facts_;
    const std::string users_;
    Thought summary_;
    Usage usage_;
    bool finished_ = false;
};

class TokenCountFormatter final : public DocumentFormatter {
public:
    void event(const Event& event, std::string&) override {
        if (const auto* count = std::get_if<TokenCount>(&event)) count_ = *count;
    }
    void end(std::string& out) override {
        if (!count_) return error({ErrorKind::upstream, "the upstream did not count the tokens"}, out);
        JsonWriter(out)
            .begin_object()
            .member("object", "response.input_tokens")
            .member("input_tokens", count_->input)
            .end_object();
    }

private:
    std::optional<TokenCount> count_;
};

}  // namespace

void ask_for_summary(ChatRequest& request) {
    request.stream = false;
    request.response_format = {};
    if (!request.tools.empty()) request.tool_choice = {.mode = ToolChoice::Mode::none};
    request.messages.push_back(user_message(std::string(instruction)));
}

std::string user_items(const ChatRequest& request, const ResponseFacts& facts) {
    std::vector<const Message*> users;
    for (const Message& message : request.messages)
        if (message.role == Role::user) users.push_back(&message);
    return items_of(users, facts);
}

std::unique_ptr<ResponseFormatter> compact_formatter(std::shared_ptr<const ResponseFacts> facts,
                                                     std::string users) {
    return std::make_unique<CompactFormatter>(std::move(facts), std::move(users));
}

std::unique_ptr<ResponseFormatter> token_count_formatter() { return std::make_unique<TokenCountFormatter>(); }

std::optional<Message> summary_message(std::string_view encrypted_content) {
    const auto summary = unseal(encrypted_content);
    if (!summary || summary->text.empty()) return std::nullopt;
    return user_message(std::string(heading) + summary->text.str());
}

}  // namespace gatehouse::openai_dialect::responses
