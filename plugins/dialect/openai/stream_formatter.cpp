// SPDX-License-Identifier: Apache-2.0
// Chunks are put together from constant pieces straight into the output: what
// is the same in every chunk is made once, and nothing is allocated per token.
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::openai {

namespace {

struct Call {
    int index = 0;  // the provider's; the client sees the place in Choice::calls
    bool empty = true;
};

struct Choice {
    int index = 0;
    std::optional<FinishReason> finish = {};
    std::vector<Call> calls = {};
    Unknown beside = {};  // goes with the next chunk
};

class StreamFormatter final : public ResponseFormatter {
public:
    explicit StreamFormatter(std::shared_ptr<const AnswerFacts> facts) : facts_(std::move(facts)) {
        make_prefix({});
        suffix_ = facts_->include_usage ? "],\"usage\":null}\n\n" : "]}\n\n";
        choices_.reserve(static_cast<std::size_t>(std::clamp(facts_->choices, 1, max_choices)));
    }

    bool streams() const override { return true; }

    http::ResponseHead head() override {
        return {200,
                {{"content-type", "text/event-stream; charset=utf-8"},
                 {"cache-control", "no-cache"},
                 {"x-accel-buffering", "no"}}};
    }

    void event(const Event& event, std::string& out) override {
        if (!over_) std::visit([&](const auto& one) { on(one, out); }, event);
    }

    void end(std::string& out) override {
        if (over_) return;
        if (!flushed_) {
            const bool complete = !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                                                   [](const Choice& c) { return c.finish; });
            // What looks like the end of an answer would be taken for the whole of it.
            if (!complete)
                return error({ErrorKind::upstream, "the upstream ended its answer without a finish reason"},
                             out);
            flush(out);
        }
        out += "data: [DONE]\n\n";
        over_ = true;
    }

    void heartbeat(std::string& out) override {
        if (over_) return;
        if (flushed_) {
            out += ": keep-alive\n\n";  // a chunk after the last one would be out of place
            return;
        }
        if (choices_.empty()) begin_choice(0, out);
        write_empty(choices_.front(), out);
    }

    void error(const Error& error, std::string& out) override {
        if (over_) return;
        over_ = true;
        out += "data: ";
        append_error(error, out);
        out += "\n\n";
    }

private:
    // --- events ---

    void on(const AnswerInfo& info, std::string&) {
        if (choices_.empty()) make_prefix(info.service_tier);
    }

    void on(const TextDelta& delta, std::string& out) { text("\"content\":", delta.text, delta.choice, out); }
    void on(const ReasoningDelta& delta, std::string& out) {
        text("\"reasoning_content\":", delta.text, delta.choice, out);
    }
    void on(const RefusalDelta& delta, std::string& out) {
        text("\"refusal\":", delta.text, delta.choice, out);
    }

    void on(const ToolCallDelta& delta, std::string& out) {
        Choice* choice = open(delta.choice, out);
        if (!choice) return;
        auto call = std::find_if(choice->calls.rbegin(), choice->calls.rend(),
                                 [&](const Call& known) { return known.index == delta.index; });
        const bool begins = call == choice->calls.rend();
        if (begins) {
            choice->calls.push_back({.index = delta.index});
            call = choice->calls.rbegin();
        }
        if (!begins && delta.arguments.empty()) return;
        if (!delta.arguments.empty()) call->empty = false;
        const auto place = static_cast<std::size_t>(choice->calls.rend() - call) - 1;
        write_call(*choice, place, begins ? &delta : nullptr, delta.arguments, out);
    }

    void on(const LogprobsDelta& delta, std::string& out) {
        Choice* choice = delta.tokens.empty() ? nullptr : open(delta.choice, out);
        if (!choice) return;
        begin_chunk(choice->index, out);
        out += "},\"logprobs\":{\"content\":[";
        append_logprobs(out, delta.tokens);
        out += "],\"refusal\":null";
        end_chunk(*choice, out);
    }

    void on(const Citation& citation, std::string& out) {
        Choice* choice = open(citation.choice, out);
        if (!choice) return;
        begin_chunk(choice->index, out);
        out += "\"annotations\":[";
        append_annotation(out, citation);
        out += ']';
        end_chunk(*choice, out);
    }

    void on(const Extra& extra, std::string& out) {
        if (flushed_) return;
        if (extra.place == Extra::Place::answer) return add_members(beside_, extra);
        Choice* choice = open(extra.choice, out);
        if (!choice) return;
        if (extra.place == Extra::Place::choice) {
            // What is still waiting belongs to another chunk of the upstream's.
            if (!choice->beside.empty()) write_empty(*choice, out);
            return add_members(choice->beside, extra);
        }
        Unknown members;
        add_members(members, extra);
        if (members.empty()) return;
        begin_chunk(choice->index, out);
        out.append(members.take().text, 1).pop_back();
        end_chunk(*choice, out);
    }

    void on(const Finish& finish, std::string& out) {
        Choice* choice = open(finish.choice, out);
        if (!choice) return;
        // No arguments are written as an empty object: clients parse what they get.
        for (std::size_t i = 0; i < choice->calls.size(); ++i)
            if (choice->calls[i].empty) write_call(*choice, i, nullptr, "{}", out);
        choice->finish = finish.reason;
    }

    void on(const Usage& usage, std::string& out) {
        if (flushed_) return;
        usage_ = usage;
        const auto finished = std::count_if(choices_.begin(), choices_.end(),
                                            [](const Choice& c) { return c.finish.has_value(); });
        if (finished >= facts_->choices) flush(out);
    }

    // Not part of a chat.
    void on(const Embedding&, std::string&) {}
    void on(const Ranking&, std::string&) {}
    void on(const ModelInfo&, std::string&) {}

    // --- choices ---

    // The choice, begun if it is new; null if nothing may be written to it (any more).
    Choice* open(int index, std::string& out) {
        if (flushed_ || index < 0 || index >= max_choices) return nullptr;
        for (Choice& choice : choices_)
            if (choice.index == index) return choice.finish ? nullptr : &choice;
        return &begin_choice(index, out);
    }

    Choice& begin_choice(int index, std::string& out) {
        Choice& choice = choices_.emplace_back();
        choice.index = index;
        begin_chunk(index, out);
        out += "\"role\":\"assistant\",\"content\":\"\"";
        end_chunk(choice, out);
        return choice;
    }

    void text(std::string_view name, std::string_view text, int index, std::string& out) {
        Choice* choice = text.empty() ? nullptr : open(index, out);
        if (!choice) return;
        begin_chunk(index, out);
        out += name;
        append_json_string(out, text);
        end_chunk(*choice, out);
    }

    void write_empty(Choice& choice, std::string& out) {
        begin_chunk(choice.index, out);
        end_chunk(choice, out);
    }

    // A fragment of the call at `place`; `first` is the delta that began it, or null.
    void write_call(Choice& choice, std::size_t place, const ToolCallDelta* first, std::string_view arguments,
                    std::string& out) {
        if (facts_->functions && place > 0) return;  // the older form has room for one call
        begin_chunk(choice.index, out);
        if (facts_->functions) {
            out += "\"function_call\":{";
        } else {
            out += "\"tool_calls\":[{\"index\":";
            append_number(out, static_cast<std::int64_t>(place));
            if (first) {
                out += ",\"id\":";
                append_json_string(out, first->id.empty() ? random_id("call_") : first->id);
                out += ",\"type\":\"function\"";
            }
            out += ",\"function\":{";
        }
        if (first) {
            out += "\"name\":";
            append_json_string(out, first->name);
            out += ',';
        }
        out += "\"arguments\":";
        append_json_string(out, arguments);
        out += facts_->functions ? "}" : "}}]";
        end_chunk(choice, out);
    }

    // --- chunks ---

    void make_prefix(std::string_view service_tier) {
        prefix_ = "data: ";
        JsonWriter json(prefix_);
        json.begin_object().member("id", facts_->id).member("object", "chat.completion.chunk");
        json.member("created", facts_->created).member("model", facts_->model);
        if (!service_tier.empty()) json.member("service_tier", service_tier);
        json.key("choices").begin_array();
    }

    void begin_chunk(int index, std::string& out) {
        out += prefix_;
        out += "{\"index\":";
        append_number(out, index);
        out += ",\"delta\":{";
    }

    void end_chunk(Choice& choice, std::string& out) {
        out += "},\"finish_reason\":null";
        append_members(out, choice.beside);
        out += '}';
        end_line(suffix_, out);
    }

    // `suffix` begins with the closing bracket of choices.
    void end_line(std::string_view suffix, std::string& out) {
        out += suffix.front();
        append_members(out, beside_);
        out += suffix.substr(1);
    }

    // The chunks that were held back.
    void flush(std::string& out) {
        flushed_ = true;
        for (Choice& choice : choices_) {
            begin_chunk(choice.index, out);
            out += "},\"finish_reason\":\"";
            out += finish_word(*choice.finish, !choice.calls.empty(), facts_->functions);
            out += '"';
            append_members(out, choice.beside);
            out += '}';
            if (usage_ && !facts_->include_usage && &choice == &choices_.back())
                write_usage(out);
            else
                end_line(suffix_, out);
        }
        if (!usage_ || !facts_->include_usage) return;
        out += prefix_;
        write_usage(out);
    }

    void write_usage(std::string& out) {
        end_line("],\"usage\":", out);
        append_usage(out, *usage_);
        out += "}\n\n";
    }

    const std::shared_ptr<const AnswerFacts> facts_;
    std::string prefix_;           // up to the opening bracket of choices
    std::string_view suffix_;      // from its closing bracket on
    std::vector<Choice> choices_;  // in the order in which they began
    std::optional<Usage> usage_;
    Unknown beside_;  // members of the answer itself: they go with the next chunk
    bool flushed_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<StreamFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai
