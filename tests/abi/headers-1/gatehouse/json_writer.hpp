// SPDX-License-Identifier: Apache-2.0
// Writes JSON straight into a string, without building a tree first.
//
//     JsonWriter json(out);
//     json.begin_object().member("index", 0).key("delta").raw("{}").end_object();
//
// Commas are put where they belong; what comes out is valid UTF-8 whatever goes
// in.  The caller sees to it that begins and ends match.  [one thread at a time]
#pragma once

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace gatehouse {

namespace detail {
/// The length of the UTF-8 sequence at the start of `text`, or 0 if there is
/// none (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
inline std::size_t utf8_length(std::string_view text) {
    auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
    if (lead == 0xE0) return tail(1, 0xA0) && tail(2) ? 3 : 0;
    if (lead == 0xED) return tail(1, 0x80, 0x9F) && tail(2) ? 3 : 0;
    if (lead >= 0xE1 && lead <= 0xEF) return tail(1) && tail(2) ? 3 : 0;
    if (lead == 0xF0) return tail(1, 0x90) && tail(2) && tail(3) ? 4 : 0;
    if (lead >= 0xF1 && lead <= 0xF3) return tail(1) && tail(2) && tail(3) ? 4 : 0;
    if (lead == 0xF4) return tail(1, 0x80, 0x8F) && tail(2) && tail(3) ? 4 : 0;
    return 0;
}

/// Where the bytes of `text` from `at` on cease to stand for themselves in a
/// JSON string: at the first control character, quote, backslash or byte that is
/// not ASCII, or up to seven bytes before the end.  Eight bytes a step: an image
/// in a data: URL has millions.
inline std::size_t skip_plain(std::string_view text, std::size_t at) {
    constexpr std::uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + at, sizeof word);
        const std::uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
        const std::uint64_t found =
            (word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & high;
        if (!found) continue;
        // A borrow may mark bytes behind the first one, never before it.
        if constexpr (std::endian::native == std::endian::little)
            at += static_cast<std::size_t>(std::countr_zero(found)) / 8;
        break;
    }
    return at;
}
}  // namespace detail

/// Appends `text` as a JSON string, quotes included.  A byte that belongs to no
/// UTF-8 sequence becomes U+FFFD.
inline void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    auto replace = [&](std::size_t at, std::size_t length, std::string_view with) {
        out.append(text, copied, at - copied);
        out += with;
        copied = at + length;
    };
    for (std::size_t i = detail::skip_plain(text, 0); i < text.size(); i = detail::skip_plain(text, i)) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x80) {
            const std::size_t length = detail::utf8_length(text.substr(i));
            if (!length) replace(i, 1, "\xEF\xBF\xBD");
            i += length ? length : 1;
            continue;
        }
        switch (c) {
            case '"': replace(i, 1, "\\\""); break;
            case '\\': replace(i, 1, "\\\\"); break;
            case '\n': replace(i, 1, "\\n"); break;
            case '\r': replace(i, 1, "\\r"); break;
            case '\t': replace(i, 1, "\\t"); break;
            default:
                if (c < 0x20) {
                    const char hex[] = "0123456789abcdef";
                    const char escaped[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
                    replace(i, 1, std::string_view(escaped, sizeof escaped));
                }
        }
        ++i;
    }
    out.append(text, copied);
    out += '"';
}

class JsonWriter {
public:
    /// Appends to `out`, which must outlive the writer.
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    JsonWriter& key(std::string_view name) {
        separate();
        append_json_string(out_, name);
        out_ += ':';
        comma_ = false;
        return *this;
    }

    JsonWriter& value(std::string_view text) {
        separate();
        append_json_string(out_, text);
        return *this;
    }
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
    template <typename Number>
    requires std::is_arithmetic_v<Number> JsonWriter& value(Number number) {
        if constexpr (std::is_floating_point_v<Number>)
            if (!std::isfinite(number)) return raw("null");  // JSON has no other word for it
        char text[32];
        const auto end = std::to_chars(text, text + sizeof text, number).ptr;
        return raw(std::string_view(text, static_cast<std::size_t>(end - text)));
    }
    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }
    JsonWriter& null() { return raw("null"); }

    template <typename T>
    JsonWriter& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    /// A member only if there is something to say.
    template <typename T>
    JsonWriter& member(std::string_view name, const std::optional<T>& content) {
        return content ? key(name).value(*content) : *this;
    }

private:
    JsonWriter& open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        comma_ = true;
        return *this;
    }
    void separate() {
        if (comma_) out_ += ',';
        comma_ = true;
    }

    std::string& out_;
    bool comma_ = false;
};

}  // namespace gatehouse
