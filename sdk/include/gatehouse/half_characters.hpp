// SPDX-License-Identifier: Apache-2.0
// Joins characters that an upstream has cut into two events or lines.  JSON writes a character
// outside the BMP as two surrogates, "\ud83d\ude00", and some upstreams send each of them in an
// event of its own.  Others cut the bytes of a character.  mended_json() marks such halves, and
// HalfCharacters joins them in the events for the client.  upstream_stream.hpp does both.
// One thread at a time.
#pragma once

#include "gatehouse/event.hpp"
#include "gatehouse/json_mend.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

namespace gatehouse {

namespace detail {

/// The code point of the mark at the start of `text`, or 0.
inline unsigned mark_at(std::string_view text) {
    if (!text.starts_with("\xF4\x8F") || text.size() < mark_bytes) return 0;
    auto six = [&](std::size_t at) { return static_cast<unsigned>(text[at]) & 0x3F; };
    const unsigned code = 0x10F000 | six(2) << 6 | six(3);
    return code >= first_byte_mark ? code : 0;
}

/// Whether more bytes can make `bytes` a character of UTF-8.
inline bool is_begun_character(std::string_view bytes) {
    if (bytes.empty() || bytes.size() > 3) return false;
    for (const char* rest : {"\x80", "\x80\x80", "\x80\x80\x80", "\x90\x80\x80", "\xA0\x80"}) {
        const std::string whole = std::string(bytes) + rest;
        if (utf8_length(whole) == whole.size()) return true;
    }
    return false;
}

/// Joins the marks at the start of `text` and appends the characters to `out`.  Returns their
/// length.  A half at the end of the text goes to `rest`.
inline std::size_t join_surrogates(std::string_view text, std::string& out, std::string& rest) {
    const unsigned first = mark_at(text), second = mark_at(text.substr(mark_bytes));
    const bool is_high = first < first_mark + 0x400;
    if (is_high && second >= first_mark + 0x400) {
        append_code_point(out, 0x10000 + ((first - first_mark) << 10) + (second - first_mark - 0x400));
        return 2 * mark_bytes;
    }
    if (is_high && text.size() == mark_bytes)
        rest = text;
    else
        out += lost_character;
    return mark_bytes;
}
inline std::size_t join_bytes(std::string_view text, std::string& out, std::string& rest) {
    std::string bytes;
    std::size_t at = 0;
    for (unsigned mark; (mark = mark_at(text.substr(at))) && mark < first_mark; at += mark_bytes)
        bytes += static_cast<char>(mark & 0xFF);
    for (std::string_view left = bytes; !left.empty();) {
        const std::size_t length = utf8_length(left);
        if (!length && at == text.size() && is_begun_character(left)) {
            rest = text.substr(at - left.size() * mark_bytes);
            return at;
        }
        out += length ? left.substr(0, length) : lost_character;
        left.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return at;
}

/// Joins the marks of `text`.  Returns a half at its end, as marks.
inline std::string take_marks(std::string& text) {
    if (text.find("\xF4\x8F") == text.npos) return {};
    std::string out, rest;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view here = std::string_view(text).substr(at);
        const unsigned mark = mark_at(here);
        if (!mark)
            out += text[at++];
        else
            at += mark < first_mark ? join_bytes(here, out, rest) : join_surrogates(here, out, rest);
    }
    text = std::move(out);
    return rest;
}

inline void replace_marks(std::string& text) {
    if (std::string rest = take_marks(text); !rest.empty())
        for (std::size_t at = 0; at < rest.size(); at += mark_bytes) text += lost_character;
}

}  // namespace detail

/// The halves that wait for their other half, by text.
class HalfCharacters {
public:
    /// Emits `event` to `to` without marks.  A half at the end of a text is kept back until
    /// the text continues or its choice finishes.  A half without the other one becomes U+FFFD.
    void emit(Event event, EventSink& to) {
        if (std::visit(Mender{*this, to}, event)) to.emit(std::move(event));
    }

private:
    enum class Kind { text, reasoning, refusal, arguments };
    using Place = std::tuple<int, Kind, int>;  // choice, kind, index of the call

    void join(std::string& text, Place place) {
        const auto held = held_.find(place);
        if (held != held_.end()) {
            text.insert(0, held->second);
            held_.erase(held);
        }
        if (std::string rest = detail::take_marks(text); !rest.empty()) held_.emplace(place, std::move(rest));
    }

    void flush(int choice, EventSink& to) {
        for (auto held = held_.begin(); held != held_.end();) {
            const auto [of, kind, index] = held->first;
            if (of != choice) {
                ++held;
                continue;
            }
            std::string lost = held->second;
            detail::replace_marks(lost);
            held = held_.erase(held);
            switch (kind) {
                case Kind::text: to.emit(TextDelta{lost, choice}); break;
                case Kind::reasoning: to.emit(ReasoningDelta{lost, choice}); break;
                case Kind::refusal: to.emit(RefusalDelta{lost, choice}); break;
                case Kind::arguments: to.emit(ToolCallDelta{index, "", "", lost, choice}); break;
            }
        }
    }

    /// Mends one event.  Returns false if nothing of it is left.
    struct Mender {
        HalfCharacters& halves;
        EventSink& to;

        bool operator()(TextDelta& delta) const { return mend_text(delta, Kind::text); }
        bool operator()(ReasoningDelta& delta) const { return mend_text(delta, Kind::reasoning); }
        bool operator()(RefusalDelta& delta) const { return mend_text(delta, Kind::refusal); }
        bool operator()(ToolCallDelta& call) const {
            halves.join(call.arguments, {call.choice, Kind::arguments, call.index});
            detail::replace_marks(call.id);
            detail::replace_marks(call.name);
            detail::replace_marks(call.extra.text);
            detail::replace_marks(call.inner_extra.text);
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
            (detail::replace_marks(texts), ...);
            return true;
        }
    };

    std::map<Place, std::string> held_;
};

/// A sink in front of `to` that has these halves.
class JoiningSink final : public EventSink {
public:
    JoiningSink(HalfCharacters& halves, EventSink& to) : halves_(halves), to_(to) {}
    void emit(Event event) override { halves_.emit(std::move(event), to_); }

private:
    HalfCharacters& halves_;
    EventSink& to_;
};

}  // namespace gatehouse
