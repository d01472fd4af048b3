// SPDX-License-Identifier: Apache-2.0
// Base class of streaming formatters for chats and text completions.  It assembles chunks
// from constant pieces in the output, delays the finish chunks until usage or the end
// arrives, and writes [DONE] or an error.  One instance per attempt, one thread at a time.
#pragma once

#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/pieces.hpp"

#include <gatehouse/dialect.hpp>

#include <algorithm>
#include <memory>
#include <vector>

namespace gatehouse::openai_dialect {

struct StreamChoice : ChoiceState {
    int index = 0;
};

/// Constants that differ between chats and text completions.
struct ChunkShape {
    std::string_view object;
    std::string_view
        first;  // content of each choice's first chunk; empty if there is no separate first chunk
    std::string_view empty;  // content of an empty chunk
};

/// `Choice` is a StreamChoice.  A derived class has an overload of on() for each event with
/// content, and `using ChunkStream::on`.
template <typename Choice>
class ChunkStream : public ResponseFormatter {
public:
    bool streams() const final { return true; }

    http::ResponseHead head() final {
        has_head_ = true;
        return event_stream_head();
    }

    void end(std::string& out) final {
        if (over_) return;
        if (!flushed_) {
            const bool complete = !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                                                   [](const Choice& c) { return c.finish; });
            // A normal end would make an incomplete response look complete.
            if (!complete)
                return error({ErrorKind::upstream, "the upstream ended its response without a finish reason"},
                             out);
            flush(out);
        }
        out += "data: [DONE]\n\n";
        over_ = true;
    }

    void heartbeat(std::string& out) final {
        if (over_) return;
        // No chunk may follow the last one.  Without a choice after the head no attempt has responded,
        // and another formatter will write the response.
        if (flushed_ || (has_head_ && choices_.empty())) {
            out += ": keep-alive\n\n";
            return;
        }
        for (Choice& choice : choices_) settle(choice, out);
        if (choices_.empty()) begin_choice(0, out);
        write(choices_.front(), shape_.empty, out);
    }

    void error(const Error& error, std::string& out) final {
        if (over_) return;
        for (Choice& choice : choices_) settle(choice, out);
        over_ = true;
        out += "data: ";
        append_error(error, out);
        out += "\n\n";
    }

protected:
    ChunkStream(std::shared_ptr<const AnswerFacts> facts, const ChunkShape& shape)
        : facts_(std::move(facts)), shape_(shape) {
        make_prefix({});
        suffix_ = facts_->include_usage ? "],\"usage\":null}\n\n" : "]}\n\n";
        choices_.reserve(static_cast<std::size_t>(std::clamp(facts_->choices, 1, 128)));
    }

    const AnswerFacts& facts() const { return *facts_; }
    bool is_over() const { return over_; }

    /// Writes content that is waiting for a later event.
    virtual void settle(Choice&, std::string&) {}
    /// Called when the choice is complete except for its finish reason.
    virtual void conclude(Choice& choice, std::string& out) { settle(choice, out); }

    void on(const AnswerInfo& info, std::string&) {
        if (choices_.empty()) make_prefix(info.service_tier);
    }

    void on(const Extra& extra, std::string& out) {
        if (flushed_) return;
        if (extra.place == Extra::Place::answer) return add_members(beside_, extra);
        Choice* choice = extra.place == Extra::Place::choice ? open(extra.choice, out) : nullptr;
        if (!choice) return;
        // Waiting members belong to an earlier chunk of the upstream.
        if (!choice->beside.empty()) write(*choice, shape_.empty, out);
        add_members(choice->beside, extra);
    }

    void on(const Finish& finish, std::string& out) {
        Choice* choice = open(finish.choice, out);
        if (!choice) return;
        conclude(*choice, out);
        choice->finish = finish.reason;
    }

    void on(const Usage& usage, std::string& out) {
        if (flushed_) return;
        usage_ = usage;
        const auto finished = std::count_if(choices_.begin(), choices_.end(),
                                            [](const Choice& c) { return c.finish.has_value(); });
        if (finished >= facts_->choices) flush(out);
    }

    /// Such events are not part of this response.
    template <typename Other>
    void on(const Other&, std::string&) {}

    /// Returns the choice, and begins it if it is new.  Null if it is closed or not allowed.
    Choice* open(int index, std::string& out) {
        if (flushed_ || !is_choice(index, *facts_)) return nullptr;
        for (Choice& choice : choices_)
            if (choice.index == index) return choice.finish ? nullptr : &choice;
        return &begin_choice(index, out);
    }

    /// A chunk is begin_chunk(), its content, and end_chunk().
    void begin_chunk(const Choice& choice, std::string& out) const {
        out += prefix_;
        if (choice.index == 0) {  // as in almost every response
            out += std::string_view("{\"index\":0,");
            return;
        }
        out += std::string_view("{\"index\":");
        append_number(out, choice.index);
        out += ',';
    }
    void end_chunk(Choice& choice, std::string& out) {
        out += std::string_view(",\"finish_reason\":null");
        append_members(out, choice.beside);
        out += '}';
        end_line(suffix_, out);
    }
    void write(Choice& choice, std::string_view content, std::string& out) {
        begin_chunk(choice, out);
        out += content;
        end_chunk(choice, out);
    }

private:
    Choice& begin_choice(int index, std::string& out) {
        Choice& choice = choices_.emplace_back();
        choice.index = index;
        if (!shape_.first.empty()) write(choice, shape_.first, out);
        return choice;
    }

    void make_prefix(std::string_view service_tier) {
        prefix_ = "data: ";
        JsonWriter json(prefix_);
        json.begin_object().member("id", facts_->id).member("object", shape_.object);
        json.member("created", facts_->created).member("model", facts_->model);
        if (!service_tier.empty()) json.member("service_tier", service_tier);
        json.key("choices").begin_array();
    }

    // `suffix` begins with the closing bracket of choices.
    void end_line(std::string_view suffix, std::string& out) {
        out += suffix.front();
        append_members(out, beside_);
        out += suffix.substr(1);
    }

    // Writes the delayed chunks.
    void flush(std::string& out) {
        flushed_ = true;
        for (Choice& choice : choices_) {
            begin_chunk(choice, out);
            out += shape_.empty;
            out += ",\"finish_reason\":\"";
            out += finish_word(*choice.finish, choice.called, facts_->functions);
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
    const ChunkShape shape_;
    std::string prefix_;           // up to the opening bracket of choices
    std::string_view suffix_;      // from the closing bracket of choices on
    std::vector<Choice> choices_;  // in order of their first events
    std::optional<Usage> usage_;
    Unknown beside_;  // members of the response itself, written with the next chunk
    bool flushed_ = false, over_ = false, has_head_ = false;
};

}  // namespace gatehouse::openai_dialect
