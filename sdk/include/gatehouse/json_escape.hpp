// SPDX-License-Identifier: Apache-2.0
// Escapes a text for a JSON string, without the quotes.  It works on 16 bytes a step,
// because an image in a data: URL has millions of bytes.  It assembles escapes on the
// stack, because a prompt has an escape in every line.
// Functions without state.  [any thread]
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace gatehouse::detail {

/// The length of the UTF-8 sequence at the start of `text`.  0 if it is not valid
/// (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
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

constexpr std::size_t block_size = 64;

/// The last block if it is not full, padded with spaces.
struct Padded {
    Padded(const char* from, std::size_t size) {
        std::memset(block, ' ', sizeof block);
        // Two overlapping copies for each size, because copies of a fixed size need no call.
        if (size >= 32)
            twice<32>(from, size);
        else if (size >= 16)
            twice<16>(from, size);
        else if (size >= 8)
            twice<8>(from, size);
        else if (size >= 4)
            twice<4>(from, size);
        else
            for (std::size_t i = 0; i < size; ++i) block[i] = from[i];
    }
    template <std::size_t Step>
    void twice(const char* from, std::size_t size) {
        std::memcpy(block, from, Step);
        std::memcpy(block + size - Step, from + size - Step, Step);
    }
    char block[block_size];
};

/// Calls mark(16 bytes) for each quarter of the 64 bytes at `block`; its 16 bits
/// become those of the quarter in the result.
template <typename Mark>
inline std::uint64_t marks_of(const char* block, Mark mark) {
    std::uint64_t found = 0;
    for (int quarter = 0; quarter < 4; ++quarter)
        found |= static_cast<std::uint64_t>(mark(block + 16 * quarter)) << (16 * quarter);
    return found;
}

/// Marks the bytes of 64 that need an escape in a JSON string, or may need one: control
/// characters, quotes, backslashes, and bytes that are not ASCII.
inline std::uint64_t find_special(const char* block) {
    return marks_of(block, [](const char* part) {
#ifdef __SSE2__
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(part));
        // As signed numbers, bytes that are not ASCII are smaller than control characters.
        const __m128i odd = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                                         _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
        return static_cast<unsigned>(_mm_movemask_epi8(odd));
#else
        unsigned odd = 0;
        for (int i = 0; i < 16; ++i) {
            const auto byte = static_cast<signed char>(part[i]);
            odd |= static_cast<unsigned>(byte < 0x20 || byte == '"' || byte == '\\') << i;
        }
        return odd;
#endif
    });
}

/// Whether a text of at most 32 bytes, such as the name of a member, needs no escape.
inline bool is_plain(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101, tops = ones << 7;
    const auto has_smaller = [](std::uint64_t bytes, unsigned char than) {
        return (bytes - ones * than) & ~bytes & tops;
    };
    const auto is_odd = [&](std::uint64_t bytes) {
        return (bytes & tops) | has_smaller(bytes, 0x20) | has_smaller(bytes ^ (ones * '"'), 1) |
               has_smaller(bytes ^ (ones * '\\'), 1);
    };
    const auto load = [](const char* from, auto bytes) {
        std::memcpy(&bytes, from, sizeof bytes);
        return std::uint64_t{bytes};
    };
    const char* const begin = text.data();
    const std::size_t size = text.size();
    // The loads overlap.
    if (size >= 16)
        return !(is_odd(load(begin, std::uint64_t{})) | is_odd(load(begin + 8, std::uint64_t{})) |
                 is_odd(load(begin + size - 16, std::uint64_t{})) |
                 is_odd(load(begin + size - 8, std::uint64_t{})));
    if (size >= 8)
        return !(is_odd(load(begin, std::uint64_t{})) | is_odd(load(begin + size - 8, std::uint64_t{})));
    if (size >= 4)
        return !is_odd(load(begin, std::uint32_t{}) | load(begin + size - 4, std::uint32_t{}) << 32);
    return std::ranges::none_of(text, [&](char c) { return is_odd(ones * static_cast<unsigned char>(c)); });
}

/// Appends stretches of a text, and the escapes between them, to a string.
class Joiner {
public:
    /// REQUIRES: both outlive it.  copy() takes stretches of `text`.
    Joiner(std::string& out, std::string_view text) : out_(out), end_(text.data() + text.size()) {}
    Joiner(const Joiner&) = delete;
    Joiner& operator=(const Joiner&) = delete;

    /// Appends `size` bytes of the text from `from` on.
    void copy(const char* from, std::size_t size) {
        if (size > block_size) {
            flush();
            out_.append(from, size);
            return;
        }
        // A complete block if possible, because a fixed size is copied without a call.
        std::memcpy(piece_ + used_, from,
                    end_ - from >= static_cast<std::ptrdiff_t>(block_size) ? block_size : size);
        grow(size);
    }
    /// Appends the first `size` bytes of eight.
    void put(const char* eight, std::size_t size) {
        std::memcpy(piece_ + used_, eight, 8);
        grow(size);
    }

    /// Appends the last stretch.  Must be called.
    void finish(const char* from, std::size_t size) {
        if (used_) flush();
        out_.append(from, size);
    }

private:
    void flush() {
        out_.append(piece_, used_);
        used_ = 0;
    }
    void grow(std::size_t size) {
        used_ += size;
        if (used_ > sizeof piece_ - block_size) flush();
    }

    std::string& out_;
    const char* const end_;
    std::size_t used_ = 0;
    char piece_[1024];
};

struct Escape {
    char text[7] = {};
    std::uint8_t size = 0;  // 0: no escape is needed
};

/// The escape of an ASCII character in a JSON string.
inline constexpr auto escapes = [] {
    constexpr char hex[] = "0123456789abcdef";
    std::array<Escape, 128> table{};
    for (unsigned c = 0; c < 0x20; ++c) table[c] = {{'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6};
    table['\n'] = {{'\\', 'n'}, 2};
    table['\r'] = {{'\\', 'r'}, 2};
    table['\t'] = {{'\\', 't'}, 2};
    table['"'] = {{'\\', '"'}, 2};
    table['\\'] = {{'\\', '\\'}, 2};
    return table;
}();
inline constexpr Escape replacement_character = {{'\xEF', '\xBF', '\xBD'}, 3};

/// append_escaped() for any text.
inline void append_with_escapes(std::string& out, std::string_view text) {
    Joiner joiner(out, text);
    const char* const begin = text.data();
    std::size_t copied = 0;
    // Writes the sequence at `i`, and returns its length.
    auto look_at = [&](std::size_t i) -> std::size_t {
        const auto byte = static_cast<unsigned char>(begin[i]);
        std::size_t length = 1;
        const Escape* escape = &replacement_character;
        if (byte >= 0x80) {
            if (const std::size_t sequence = utf8_length(text.substr(i))) return sequence;
        } else {
            escape = &escapes[byte];
            if (!escape->size) return length;
        }
        joiner.copy(begin + copied, i - copied);
        joiner.put(escape->text, escape->size);
        copied = i + length;
        return length;
    };
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t block = i, size = std::min(block_size, text.size() - block);
        std::uint64_t marks = size == block_size ? find_special(begin + block)
                                                 : find_special(Padded(begin + block, size).block);
        for (i += size; marks;) {
            const auto offset = static_cast<std::size_t>(std::countr_zero(marks));
            const std::size_t next = offset + look_at(block + offset);
            if (next >= block_size) {
                i = block + next;
                break;
            }
            marks &= ~std::uint64_t{0} << next;
        }
    }
    joiner.finish(begin + copied, text.size() - copied);
}

/// Appends `text` as the content of a JSON string, without quotes.
inline void append_escaped(std::string& out, std::string_view text) {
    if (text.size() <= 32 && is_plain(text))
        out.append(text);
    else
        append_with_escapes(out, text);
}

}  // namespace gatehouse::detail
