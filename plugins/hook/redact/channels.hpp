// SPDX-License-Identifier: Apache-2.0
// The texts of a response.  Each has its own masker and turns the masked text into events.
// Each belongs to one Answer; one thread at a time.
#pragma once

#include "plugins/common/text/text.hpp"
#include "plugins/hook/redact/json_masker.hpp"

#include <gatehouse/event.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::redact {

class Channel {
public:
    virtual ~Channel() = default;
    /// The choice changes to another kind of output.
    virtual void release(EventSink&) {}
    /// The choice has finished.
    virtual void finish(EventSink& next) = 0;
};

/// Maps positions in a text to positions in the masked text, in characters.
class Shifts {
public:
    void plain(std::string_view bytes) { at_ += common::characters(bytes); }
    void mask(std::string_view mask);
    void hidden(std::string_view bytes);
    /// Returns the position in the masked text.  A position within a secret becomes the
    /// beginning of its mask, or the end of the mask if `end` is true.
    std::int64_t moved(std::int64_t place, bool end) const;

private:
    struct Shift {
        std::int64_t begin, length, mask_length;
    };
    std::int64_t at_ = 0;  // position in the original text
    std::vector<Shift> shifts_;
};

/// Text, reasoning or refusal of a choice.
template <typename Delta>
class TextChannel final : public Channel, private Output {
public:
    TextChannel(const Rules& rules, Tally& tally, int choice, int, const std::string&)
        : masker_(rules, tally), choice_(choice) {}

    void feed(std::string_view text, EventSink& next) {
        masker_.feed(text, *this);
        if (text.empty() || !out_.empty()) send(next);
    }
    void release(EventSink& next) override {
        masker_.release(*this);
        if (!out_.empty()) send(next);
    }
    void finish(EventSink& next) override {
        masker_.finish(*this);
        if (!out_.empty()) send(next);
    }
    /// Returns whether text was masked since the last call.
    bool take_masked() { return std::exchange(masked_, false); }
    /// Moves a citation to the position of its words in the masked text.
    void move(Citation& citation) const {
        citation.start = shifts_.moved(citation.start, false);
        citation.end = shifts_.moved(citation.end, true);
    }

private:
    void plain(std::string_view bytes) override { out_ += bytes, shifts_.plain(bytes); }
    void mask(std::string_view mask) override { out_ += mask, shifts_.mask(mask); }
    void hidden(std::string_view bytes) override { shifts_.hidden(bytes), masked_ = true; }
    void send(EventSink& next) { next.emit(Delta{std::exchange(out_, {}), choice_}); }

    Masker masker_;
    Shifts shifts_;
    std::string out_;
    bool masked_ = false;
    int choice_;
};

/// The arguments of one tool call: JSON, or the free text of a custom tool.
class CallChannel final : public Channel {
public:
    CallChannel(const Rules& rules, Tally& tally, int choice, int index, const std::string&)
        : rules_(rules), tally_(tally), masker_(rules, tally), choice_(choice), index_(index) {}
    void feed(ToolCallDelta delta, EventSink& next);
    void release(EventSink& next) override;
    void finish(EventSink& next) override;

private:
    void send(std::string arguments, EventSink& next);

    const Rules& rules_;
    Tally& tally_;
    JsonMasker masker_;
    int choice_, index_;
    bool custom_ = false;
};

/// A string in an unknown member.  A member with a known name for reasoning is delayed like
/// any text.  Other members are not delayed, because each piece may be a separate value: only
/// the piece that completes a secret is masked.
class MemberChannel final : public Channel {
public:
    MemberChannel(const Rules& rules, Tally& tally, int choice, int, const std::string& name)
        : masker_(rules, tally),
          choice_(choice),
          name_(masked(rules, tally, name)),
          waits_(is_reasoning(name)) {}
    std::string feed(std::string_view text, const std::string& protocol);
    void finish(EventSink& next) override;
    const std::string& name() const { return name_; }

private:
    static bool is_reasoning(std::string_view name);

    Masker masker_;
    int choice_;
    std::string name_, protocol_;
    bool waits_;
};

/// The tokens of a choice with their probabilities, which repeat its text, or its refusal if
/// the index is 1.  A token that is part of a secret loses its alternatives and its bytes.
class TokenChannel final : public Channel, private Output {
public:
    TokenChannel(const Rules& rules, Tally& tally, int choice, int index, const std::string&)
        : rules_(rules), tally_(tally), masker_(rules, tally), choice_(choice), refusal_(index == 1) {}
    void feed(LogprobsDelta delta, EventSink& next);
    void finish(EventSink& next) override;

private:
    struct Token {
        TokenLogprob token;
        std::size_t left;  // bytes that the masker has not passed yet
        std::string text = {};
        bool hidden = false;
    };
    void plain(std::string_view bytes) override { take(bytes, false); }
    void mask(std::string_view mask) override { mask_ += mask; }
    void hidden(std::string_view bytes) override { take(bytes, true); }
    void take(std::string_view bytes, bool hidden);
    void send(EventSink& next);
    TokenLogprob cleaned(Token one) const;
    template <typename Logprob>
    void clean(Logprob& token) const;
    template <typename Logprob>
    void mask_extra(Logprob& token) const;

    const Rules& rules_;
    Tally& tally_;
    Masker masker_;
    std::deque<Token> tokens_;
    std::size_t told_ = 0;  // number of complete tokens at the front of tokens_
    std::string mask_;      // mask for the next token
    int choice_;
    bool refusal_;
};

}  // namespace gatehouse::redact
