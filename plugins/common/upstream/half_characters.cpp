// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/half_characters.hpp"

#include <utility>
#include <vector>

namespace gatehouse::upstream {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::size_t mark_bytes = 4;

// U+10F800 to U+10FFFF stand for the surrogates U+D800 to U+DFFF.
constexpr unsigned char mark_0 = 0xF4, mark_1 = 0x8F, first_high = 0xA0, first_low = 0xB0;

unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool is_mark(std::string_view text) {
    return text.size() >= mark_bytes && byte(text, 0) == mark_0 && byte(text, 1) == mark_1 &&
           byte(text, 2) >= first_high;
}
bool is_high(std::string_view text) { return is_mark(text) && byte(text, 2) < first_low; }
bool is_low(std::string_view text) { return is_mark(text) && byte(text, 2) >= first_low; }

std::uint32_t ten_bits(std::string_view mark) {
    return (std::uint32_t{byte(mark, 2)} & 0x0F) << 6 | (std::uint32_t{byte(mark, 3)} & 0x3F);
}

void append_joined(std::string& out, std::string_view high, std::string_view low) {
    const std::uint32_t code = 0x10000 + (ten_bits(high) << 10 | ten_bits(low));
    for (const std::uint32_t part :
         {0xF0 | code >> 18, 0x80 | (code >> 12 & 0x3F), 0x80 | (code >> 6 & 0x3F), 0x80 | (code & 0x3F)})
        out += static_cast<char>(part);
}

/// `text` without marks.  Returns a half at its end.
std::string take_marks(std::string& text) {
    if (text.find("\xF4\x8F") == text.npos) return {};
    std::string out, rest;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view here = std::string_view(text).substr(i);
        if (!is_mark(here)) {
            out += text[i++];
            continue;
        }
        i += mark_bytes;
        const std::string_view next = here.substr(mark_bytes);
        if (is_high(here) && is_low(next)) {
            append_joined(out, here, next);
            i += mark_bytes;
        } else if (is_high(here) && next.empty()) {
            rest = here;
        } else {
            out += replacement;
        }
    }
    text = std::move(out);
    return rest;
}

void replace_marks(std::string& text) {
    if (!take_marks(text).empty()) text += replacement;
}

}  // namespace

std::string marked_half(std::uint16_t surrogate) {
    const auto bits = static_cast<unsigned>(surrogate) & 0x7FF;
    return {static_cast<char>(mark_0), static_cast<char>(mark_1), static_cast<char>(first_high | bits >> 6),
            static_cast<char>(0x80 | (bits & 0x3F))};
}

void HalfCharacters::join(std::string& text, Place place) {
    const auto held = held_.find(place);
    if (held != held_.end()) {
        text.insert(0, held->second);
        held_.erase(held);
    }
    if (std::string rest = take_marks(text); !rest.empty()) held_.emplace(place, std::move(rest));
}

void HalfCharacters::flush(int choice, EventSink& to) {
    for (auto held = held_.begin(); held != held_.end();) {
        const auto [of, kind, index] = held->first;
        if (of != choice) {
            ++held;
            continue;
        }
        held = held_.erase(held);
        const std::string lost(replacement);
        switch (kind) {
            case Kind::text: to.emit(TextDelta{lost, choice}); break;
            case Kind::reasoning: to.emit(ReasoningDelta{lost, choice}); break;
            case Kind::refusal: to.emit(RefusalDelta{lost, choice}); break;
            case Kind::arguments: to.emit(ToolCallDelta{index, "", "", lost, choice}); break;
        }
    }
}

/// Mends one event.  Returns false if nothing of it is left.
struct HalfCharacters::Mender {
    HalfCharacters& halves;
    EventSink& to;

    bool operator()(TextDelta& delta) const { return mend_text(delta, Kind::text); }
    bool operator()(ReasoningDelta& delta) const { return mend_text(delta, Kind::reasoning); }
    bool operator()(RefusalDelta& delta) const { return mend_text(delta, Kind::refusal); }
    bool operator()(ToolCallDelta& call) const {
        halves.join(call.arguments, {call.choice, Kind::arguments, call.index});
        replace_marks(call.id);
        replace_marks(call.name);
        replace_marks(call.extra.text);
        replace_marks(call.inner_extra.text);
        return !call.arguments.empty() || !call.name.empty() || !call.id.empty() || !call.extra.empty() ||
               !call.inner_extra.empty();
    }
    bool operator()(BlockEnd& block) const {
        halves.flush(block.choice, to);
        return true;
    }
    bool operator()(ThoughtEnd& thought) const {
        halves.flush(thought.choice, to);
        return replaced(thought.signature, thought.encrypted);
    }
    bool operator()(Finish& finish) const {
        halves.flush(finish.choice, to);
        return replaced(finish.native, finish.stop_sequence, finish.details.text);
    }
    bool operator()(AnswerInfo& info) const { return replaced(info.service_tier, info.id, info.model); }
    bool operator()(OtherBlock& block) const { return replaced(block.type, block.json.text); }
    bool operator()(Extra& extra) const { return replaced(extra.members.text); }
    bool operator()(Citation& one) const {
        return replaced(one.url, one.title, one.extra.text, one.inner_extra.text);
    }
    bool operator()(Usage& usage) const {
        return replaced(usage.extra.text, usage.prompt_extra.text, usage.completion_extra.text);
    }
    bool operator()(LogprobsDelta& logprobs) const {
        for (TokenLogprob& token : logprobs.tokens) {
            replaced(token.token, token.extra.text);
            for (auto& other : token.top) replaced(other.token, other.extra.text);
        }
        return replaced(logprobs.extra.text);
    }
    template <typename Other>
    bool operator()(Other&) const {
        return true;
    }

private:
    template <typename Delta>
    bool mend_text(Delta& delta, Kind kind) const {
        halves.join(delta.text, {delta.choice, kind, 0});
        return !delta.text.empty();
    }
    template <typename... Texts>
    static bool replaced(Texts&... texts) {
        (replace_marks(texts), ...);
        return true;
    }
};

void HalfCharacters::emit(Event event, EventSink& to) {
    if (std::visit(Mender{*this, to}, event)) to.emit(std::move(event));
}

}  // namespace gatehouse::upstream
