// SPDX-License-Identifier: Apache-2.0
// Checks and decodes the escapes of a JSON string, without its quotes.  Backslashes are
// found 64 bytes at a time, because a prompt has one in every line and a base64 image
// has none in a million bytes.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/json_escape.hpp"

namespace gatehouse::detail {

/// The byte that an escape stands for, by the character behind the backslash.  0 if there
/// is no such escape.
inline constexpr auto meanings = [] {
    std::array<char, 256> table{};
    table['"'] = '"';
    table['\\'] = '\\';
    table['/'] = '/';
    table['b'] = '\b';
    table['f'] = '\f';
    table['n'] = '\n';
    table['r'] = '\r';
    table['t'] = '\t';
    return table;
}();

inline std::uint64_t find_backslashes(const char* block) {
    return marks_of(block, [](const char* part) {
#ifdef __SSE2__
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(part));
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
#else
        unsigned found = 0;
        for (int i = 0; i < 16; ++i) found |= static_cast<unsigned>(part[i] == '\\') << i;
        return found;
#endif
    });
}

inline int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The value of \uXXXX at the start of `text`.  Negative if `text` does not start with it.
inline int code_unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
    int value = 0;
    for (std::size_t i = 2; i < 6; ++i) {
        const int digit = hex_digit(text[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

struct CodePoint {
    unsigned value = 0;
    std::size_t length = 0;  // in bytes, of one escape or of both escapes of a pair; 0: invalid
};

/// \uXXXX at the start of `text`, with the second escape of a surrogate pair.
inline CodePoint code_point(std::string_view text) {
    const int unit = code_unit(text);
    if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000)) return {};
    if (unit < 0xD800 || unit >= 0xE000) return {static_cast<unsigned>(unit), 6};
    const int low = code_unit(text.substr(6));
    if (low < 0xDC00 || low >= 0xE000) return {};
    return {0x10000u + (static_cast<unsigned>(unit - 0xD800) << 10) + static_cast<unsigned>(low - 0xDC00),
            12};
}

/// The UTF-8 of a code point, in the first bytes of `eight`.
inline std::size_t write_utf8(unsigned code, char* eight) {
    std::size_t size = 0;
    auto put = [&](unsigned byte) { eight[size++] = static_cast<char>(byte); };
    auto tail = [&](int shift) { put(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6), tail(0);
    } else if (code < 0x10000) {
        put(0xE0 | code >> 12), tail(6), tail(0);
    } else {
        put(0xF0 | code >> 18), tail(12), tail(6), tail(0);
    }
    return size;
}

/// Calls each(std::size_t at) for each backslash of `inside` that begins an escape.  It
/// returns the length of the escape, or 0 to stop.  marks(at) gives the backslashes of 64
/// bytes.
template <typename Marks, typename Each>
bool for_each_escape(std::string_view inside, Marks&& marks_at, Each&& each) {
    for (std::size_t i = 0; i < inside.size();) {
        const std::size_t block = i;
        std::uint64_t marks = marks_at(block);
        if (inside.size() - block < block_size) marks &= (std::uint64_t{1} << (inside.size() - block)) - 1;
        for (i += block_size; marks;) {
            const auto offset = static_cast<std::size_t>(std::countr_zero(marks));
            const std::size_t length = each(block + offset);
            if (!length) return false;
            const std::size_t next = offset + length;
            if (next >= block_size) {
                i = block + next;
                break;
            }
            marks &= ~std::uint64_t{0} << next;
        }
    }
    return true;
}

enum class Escapes { none, right, wrong };

/// The escapes of a JSON string, without its quotes.  A half surrogate pair is invalid.
/// REQUIRES: 64 bytes behind the end of the string are readable.
inline Escapes check_escapes(std::string_view inside) {
    constexpr std::size_t long_text = 1024;
    const char* const begin = inside.data();
    if (inside.size() >= long_text && !std::memchr(begin, '\\', inside.size())) return Escapes::none;
    bool any = false;
    const bool right = for_each_escape(
        inside, [&](std::size_t block) { return find_backslashes(begin + block); },
        [&](std::size_t at) -> std::size_t {
            any = true;
            if (at + 1 == inside.size()) return 0;
            if (meanings[static_cast<unsigned char>(begin[at + 1])]) return 2;
            return code_point(inside.substr(at)).length;
        });
    if (!right) return Escapes::wrong;
    return any ? Escapes::right : Escapes::none;
}

/// Appends the decoded text of a JSON string, without its quotes.  REQUIRES: the escapes are
/// valid.
inline void append_unescaped(std::string& out, std::string_view inside) {
    out.reserve(out.size() + inside.size());
    Joiner joiner(out, inside);
    const char* const begin = inside.data();
    std::size_t copied = 0;
    for_each_escape(
        inside,
        [&](std::size_t block) {
            const std::size_t size = inside.size() - block;
            return size >= block_size ? find_backslashes(begin + block)
                                      : find_backslashes(Padded(begin + block, size).block);
        },
        [&](std::size_t at) -> std::size_t {
            char eight[8] = {};
            std::size_t size = 1, length = 2;
            if (at + 1 < inside.size()) eight[0] = meanings[static_cast<unsigned char>(begin[at + 1])];
            if (!eight[0]) {
                const CodePoint code = code_point(inside.substr(at));
                if (!code.length) return 0;
                length = code.length;
                size = write_utf8(code.value, eight);
            }
            joiner.copy(begin + copied, at - copied);
            joiner.put(eight, size);
            copied = at + length;
            return length;
        });
    joiner.finish(begin + copied, inside.size() - copied);
}

}  // namespace gatehouse::detail
