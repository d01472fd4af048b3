// SPDX-License-Identifier: Apache-2.0
// Base class of non-streaming formatters for chats and text completions.  It collects the
// events of each choice and writes them at the end.  One instance per attempt, one thread at
// a time.
#pragma once

#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/pieces.hpp"

#include <gatehouse/dialect.hpp>

#include <algorithm>
#include <map>
#include <memory>

namespace gatehouse::openai_dialect {

constexpr std::size_t usual_answer_bytes = 768;  // size of a short response

/// `Choice` is a ChoiceState.  A derived class has an overload of on() for each event with
/// content, and `using WholeAnswer::on`.
template <typename Choice>
class WholeAnswer : public ResponseFormatter {
public:
    bool streams() const final { return false; }
    http::ResponseHead head() final {
        http::ResponseHead head{.status = status_};
        head.headers.add("content-type", "application/json");
        return head;
    }

    void end(std::string& out) final {
        const bool complete =
            !choices_.empty() && std::all_of(choices_.begin(), choices_.end(),
                                             [](const auto& c) { return c.second.finish.has_value(); });
        if (!complete)
            return error({ErrorKind::upstream, "the upstream ended its response without a finish reason"},
                         out);
        out.reserve(out.size() + usual_answer_bytes);
        JsonWriter json(out);
        json.begin_object().member("id", facts_->id).member("object", object_);
        json.member("created", facts_->created).member("model", facts_->model).key("choices").begin_array();
        for (auto& [index, choice] : choices_) {
            json.begin_object().member("index", index);
            write(choice, json, out);
            json.member("finish_reason", finish_word(*choice.finish, choice.called, facts_->functions));
            append_members(out, choice.beside);
            json.end_object();
        }
        json.end_array();
        if (usage_) {
            json.key("usage").raw({});
            append_usage(out, *usage_);
        }
        if (!service_tier_.empty()) json.member("service_tier", service_tier_);
        write_last(json);
        append_members(out, beside_);
        json.end_object();
    }

    void error(const Error& error, std::string& out) final {
        status_ = status_of(error);
        append_error(error, out);
    }

protected:
    WholeAnswer(std::shared_ptr<const AnswerFacts> facts, std::string_view object)
        : facts_(std::move(facts)), object_(object) {}

    const AnswerFacts& facts() const { return *facts_; }

    /// Writes the content of a choice.
    virtual void write(Choice& choice, JsonWriter& json, std::string& out) const = 0;
    /// Writes further members of the response.
    virtual void write_last(JsonWriter&) const {}

    void on(const AnswerInfo& info) { service_tier_ = info.service_tier; }
    void on(const Finish& finish) {
        if (Choice* choice = open(finish.choice)) choice->finish = finish.reason;
    }
    void on(const Usage& usage) { usage_ = usage; }
    void on(const Extra& extra) {
        if (extra.place == Extra::Place::answer) return add_members(beside_, extra);
        Choice* choice = extra.place == Extra::Place::choice ? open(extra.choice) : nullptr;
        if (choice) add_members(choice->beside, extra);
    }
    /// Such events are not part of this response.
    template <typename Other>
    void on(const Other&) {}

    /// Returns null if the choice is closed or not allowed.
    Choice* open(int index) {
        if (!is_choice(index, *facts_)) return nullptr;
        Choice& choice = choices_[index];
        return choice.finish ? nullptr : &choice;
    }
    void append(std::string Choice::*member, const std::string& text, int index) {
        if (text.empty()) return;
        if (Choice* choice = open(index)) choice->*member += text;
    }

private:
    const std::shared_ptr<const AnswerFacts> facts_;
    const std::string_view object_;
    std::map<int, Choice> choices_;
    std::optional<Usage> usage_;
    std::string service_tier_;
    Unknown beside_;  // unknown members of the response itself
    int status_ = 200;
};

}  // namespace gatehouse::openai_dialect
