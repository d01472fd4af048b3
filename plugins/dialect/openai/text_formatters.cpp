// SPDX-License-Identifier: Apache-2.0
// Streaming and non-streaming responses of text completions.  Their choices have only a text
// and log probabilities; other content of a chat is dropped.
#include "plugins/dialect/openai/chunk_stream.hpp"
#include "plugins/dialect/openai/legacy_logprobs.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"
#include "plugins/dialect/openai/whole_answer.hpp"

namespace gatehouse::openai_dialect {

namespace {

void write_content(std::string_view text, LegacyLogprobs& logprobs, std::string& out) {
    out += "\"text\":";
    append_json_string(out, text);
    out += ",\"logprobs\":";
    logprobs.write(out);
}

struct WholeTextChoice : ChoiceState {
    std::string text = {};
    LegacyLogprobs logprobs = {};
};

class WholeText final : public WholeAnswer<WholeTextChoice> {
public:
    explicit WholeText(std::shared_ptr<const AnswerFacts> facts)
        : WholeAnswer(std::move(facts), "text_completion") {}

    void event(const Event& event, std::string&) override {
        std::visit([&](const auto& one) { on(one); }, event);
    }

private:
    using WholeAnswer::on;

    void on(const TextDelta& delta) { append(&WholeTextChoice::text, delta.text, delta.choice); }
    void on(const RefusalDelta& delta) { append(&WholeTextChoice::text, delta.text, delta.choice); }
    void on(const LogprobsDelta& delta) {
        WholeTextChoice* choice = delta.tokens.empty() ? nullptr : open(delta.choice);
        if (choice) choice->logprobs.add(delta.tokens, facts().prompt_characters);
    }
    void on(const Extra& extra) {
        if (extra.place == Extra::Place::choice)
            if (WholeTextChoice* choice = open(extra.choice)) choice->logprobs.take(extra);
        WholeAnswer::on(extra);
    }

    void write(WholeTextChoice& choice, JsonWriter& json, std::string& out) const override {
        json.raw({});
        write_content(choice.text, choice.logprobs, out);
    }
};

struct TextChoice : StreamChoice {
    std::string waiting = {};  // text that waits for the log probabilities of its tokens
    LegacyLogprobs logprobs = {};
};

constexpr ChunkShape text_shape = {
    .object = "text_completion", .first = {}, .empty = R"("text":"","logprobs":null)"};

class TextStream final : public ChunkStream<TextChoice> {
public:
    explicit TextStream(std::shared_ptr<const AnswerFacts> facts)
        : ChunkStream(std::move(facts), text_shape) {}

    void event(const Event& event, std::string& out) override {
        if (!is_over()) std::visit([&](const auto& one) { on(one, out); }, event);
    }

private:
    using ChunkStream::on;

    void on(const TextDelta& delta, std::string& out) { text(delta.text, delta.choice, out); }
    void on(const RefusalDelta& delta, std::string& out) { text(delta.text, delta.choice, out); }

    void on(const LogprobsDelta& delta, std::string& out) {
        TextChoice* choice = delta.tokens.empty() ? nullptr : open(delta.choice, out);
        if (!choice) return;
        choice->logprobs.add(delta.tokens, facts().prompt_characters);
        settle(*choice, out);
    }

    void on(const Extra& extra, std::string& out) {
        TextChoice* choice = extra.place == Extra::Place::choice ? open(extra.choice, out) : nullptr;
        if (choice) {
            settle(*choice, out);
            choice->logprobs.take(extra);
        }
        ChunkStream::on(extra, out);
    }

    // A provider emits a text before the probabilities of its tokens.  A client receives both
    // in one chunk.
    void text(const std::string& text, int index, std::string& out) {
        TextChoice* choice = text.empty() ? nullptr : open(index, out);
        if (!choice) return;
        if (!choice->waiting.empty()) settle(*choice, out);
        choice->waiting = text;
        if (!facts().logprobs) settle(*choice, out);
    }

    void settle(TextChoice& choice, std::string& out) override {
        if (choice.waiting.empty() && choice.logprobs.empty()) return;
        begin_chunk(choice, out);
        write_content(choice.waiting, choice.logprobs, out);
        end_chunk(choice, out);
        choice.waiting.clear();
    }
};

}  // namespace

std::unique_ptr<ResponseFormatter> whole_text_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<WholeText>(std::move(facts));
}

std::unique_ptr<ResponseFormatter> text_stream_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<TextStream>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
