// SPDX-License-Identifier: Apache-2.0
// Base64 and base64url (RFC 4648, 4 and 5).
// Functions without state.  [any thread]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

namespace detail {

inline constexpr std::string_view base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value of each letter; 0xFF for other characters.
using Base64Values = std::array<std::uint8_t, 256>;
constexpr Base64Values base64_values(std::string_view letters, std::string_view others = {}) {
    Base64Values values{};
    values.fill(0xFF);
    for (const std::string_view some : {letters, others})
        for (std::size_t i = 0; i < some.size(); ++i)
            values[static_cast<unsigned char>(some[i])] = static_cast<std::uint8_t>(i);
    return values;
}

inline constexpr Base64Values standard_base64 = base64_values(base64_letters),
                              url_base64 = base64_values(base64url_letters),
                              any_base64 = base64_values(base64_letters, base64url_letters);

inline std::uint8_t base64_value(const Base64Values& values, char c) {
    return values[static_cast<unsigned char>(c)];
}

/// Collects six bits a character.
class Base64Bytes {
public:
    explicit Base64Bytes(std::size_t characters) { out_.reserve(characters / 4 * 3 + 3); }

    void add(std::uint8_t value) {
        bits_ = bits_ << 6 | value;
        held_ += 6;
        if (held_ < 8) return;
        held_ -= 8;
        out_ += static_cast<char>(bits_ >> held_ & 0xFF);
        bits_ &= (1u << held_) - 1;
    }
    /// The bits after the last complete byte.
    std::uint32_t rest() const { return bits_; }
    std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::uint32_t bits_ = 0;
    int held_ = 0;
};

}  // namespace detail

/// Length of the base64 of `bytes` bytes, with padding.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

/// Appends the base64 of `bytes` with padding, on one line.
inline void append_base64(std::string& out, std::string_view bytes) {
    const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(bytes[i]); };
    const std::size_t begin = out.size();
    out.resize(begin + base64_size(bytes.size()));
    char* to = out.data() + begin;
    const auto write = [&](std::uint32_t group) {
        for (int shift = 18; shift >= 0; shift -= 6) *to++ = detail::base64_letters[group >> shift & 63];
    };
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) write(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2));
    if (i == bytes.size()) return;
    const bool two = i + 2 == bytes.size();
    write(byte(i) << 16 | (two ? byte(i + 1) << 8 : 0));
    to[-1] = '=';
    if (!two) to[-2] = '=';
}

inline std::string to_base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

/// Returns nothing if `text` is not base64.  Padding is optional; line ends are skipped.
inline std::optional<std::string> from_base64(std::string_view text) {
    detail::Base64Bytes bytes(text.size());
    std::size_t count = 0, padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            if (++padding > 2) return std::nullopt;
            continue;
        }
        const std::uint8_t value = detail::base64_value(detail::standard_base64, c);
        if (value == 0xFF || padding > 0) return std::nullopt;
        bytes.add(value);
        ++count;
    }
    if (count % 4 == 1 || (padding > 0 && count % 4 + padding != 4)) return std::nullopt;
    return bytes.take();
}

/// base64url without padding.
inline std::string to_base64url(std::string_view bytes) {
    std::string out = to_base64(bytes);
    while (out.ends_with('=')) out.pop_back();
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

/// base64url as JSON Web Signatures write it (RFC 7515, 2): no padding, no blanks, and one
/// spelling for each sequence of bytes.  Returns nothing for a character of another alphabet,
/// an impossible length, and bits at the end that are not zero.
inline std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    detail::Base64Bytes bytes(text.size());
    for (const char c : text) {
        const std::uint8_t value = detail::base64_value(detail::url_base64, c);
        if (value == 0xFF) return std::nullopt;
        bytes.add(value);
    }
    // With other bits at the end, two texts would be the same bytes and two tokens the same.
    if (bytes.rest() != 0) return std::nullopt;
    return bytes.take();
}

/// The bytes of base64 or base64url, with or without padding.  Stops at a character of neither.
inline std::string from_any_base64(std::string_view text) {
    detail::Base64Bytes bytes(text.size());
    for (const char c : text) {
        const std::uint8_t value = detail::base64_value(detail::any_base64, c);
        if (value == 0xFF) break;
        bytes.add(value);
    }
    return bytes.take();
}

}  // namespace gatehouse
