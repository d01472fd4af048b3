// SPDX-License-Identifier: Apache-2.0
// Base class of the formatters of messages.  It collects the facts of the answer, and orders
// its content as blocks.  One instance per attempt, one thread at a time.
#pragma once

#include "plugins/dialect/anthropic/block_order.hpp"
#include "plugins/dialect/anthropic/errors.hpp"
#include "plugins/dialect/anthropic/message_pieces.hpp"

#include <gatehouse/dialect.hpp>

#include <memory>
#include <utility>
#include <variant>

namespace gatehouse::anthropic_dialect {

class MessageAnswer : public ResponseFormatter, protected BlockWriter {
protected:
    explicit MessageAnswer(std::shared_ptr<const AnswerFacts> facts)
        : facts_(std::move(facts)), order_(*this, facts_->shows_thoughts) {}

    const AnswerFacts& facts() const { return *facts_; }
    const AnswerInfo& info() const { return end_.info; }

    /// Takes an event.  Its content goes to the BlockWriter.
    void take(const Event& event) {
        std::visit([this](const auto& one) { on(one); }, event);
    }
    /// The answer is complete.  Returns null if it has no finish reason.
    const AnswerEnd* finish() {
        if (!end_.finish) return nullptr;
        order_.finish();
        end_.called = order_.called();
        end_.refused = order_.refused();
        end_.bytes = order_.bytes();
        return &end_;
    }
    static Error unfinished() {
        return {ErrorKind::upstream, "the upstream ended its response without a finish reason"};
    }

private:
    void on(const AnswerInfo& info) { end_.info = info; }
    void on(const Finish& finish) {
        if (finish.choice == 0 && !end_.finish) end_.finish = finish;
    }
    void on(const Usage& usage) { end_.usage = usage; }
    void on(const Extra& extra) {
        if (extra.protocol == "anthropic" && extra.place == Extra::Place::answer)
            append_members(end_.members, extra.members,
                           {"id", "type", "role", "model", "content", "usage", "delta", "stop_reason",
                            "stop_sequence", "stop_details"});
    }
    template <typename Other>
    void on(const Other& event) {
        if constexpr (requires { order_.on(event); })
            if (!end_.finish) order_.on(event);
    }

    const std::shared_ptr<const AnswerFacts> facts_;
    AnswerEnd end_;
    BlockOrder order_;
};

/// A message, complete at end().
std::unique_ptr<ResponseFormatter> whole_formatter(std::shared_ptr<const AnswerFacts> facts);

/// The events of a message: one block is open at a time, and the stop reason comes last.
std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts);

}  // namespace gatehouse::anthropic_dialect
