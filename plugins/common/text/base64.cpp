// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/text/base64.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::common {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Values = std::array<std::uint8_t, 256>;
constexpr std::uint8_t none = 0xFF;

constexpr void add(Values& values, std::string_view alphabet) {
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
}

constexpr Values values_of(std::string_view alphabet, std::string_view other = {}) {
    Values values{};
    values.fill(none);
    add(values, alphabet);
    add(values, other);
    return values;
}

constexpr Values standard_values = values_of(standard), url_values = values_of(url),
                 any_values = values_of(standard, url);

std::uint8_t value_of(const Values& values, char c) { return values[static_cast<unsigned char>(c)]; }

/// Collects six bits a character.
class Bytes {
public:
    explicit Bytes(std::size_t characters) { out_.reserve(characters / 4 * 3 + 3); }

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

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    const auto byte = [&](std::size_t i) -> std::uint32_t { return static_cast<unsigned char>(bytes[i]); };
    const std::size_t begin = out.size();
    out.resize(begin + base64_size(bytes.size()));
    char* to = out.data() + begin;
    const auto write = [&](std::uint32_t group) {
        for (int shift = 18; shift >= 0; shift -= 6) *to++ = standard[group >> shift & 63];
    };
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) write(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2));
    if (i == bytes.size()) return;
    const bool two = i + 2 == bytes.size();
    write(byte(i) << 16 | (two ? byte(i + 1) << 8 : 0));
    to[-1] = '=';
    if (!two) to[-2] = '=';
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    Bytes bytes(text.size());
    std::size_t count = 0, padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') continue;
        if (c == '=') {
            if (++padding > 2) return std::nullopt;
            continue;
        }
        const std::uint8_t value = value_of(standard_values, c);
        if (value == none || padding > 0) return std::nullopt;
        bytes.add(value);
        ++count;
    }
    if (count % 4 == 1 || (padding > 0 && count % 4 + padding != 4)) return std::nullopt;
    return bytes.take();
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    Bytes bytes(text.size());
    for (const char c : text) {
        const std::uint8_t value = value_of(url_values, c);
        if (value == none) return std::nullopt;
        bytes.add(value);
    }
    // With other bits at the end, two texts would be the same bytes and two tokens the same.
    if (bytes.rest() != 0) return std::nullopt;
    return bytes.take();
}

std::string from_any_base64(std::string_view text) {
    Bytes bytes(text.size());
    for (const char c : text) {
        const std::uint8_t value = value_of(any_values, c);
        if (value == none) break;
        bytes.add(value);
    }
    return bytes.take();
}

}  // namespace gatehouse::common
