// SPDX-License-Identifier: Apache-2.0
// One line of the log; see log_line.hpp.
#include "core/observe/log_line.hpp"

#include "core/util/ascii.hpp"

#include <gatehouse/cost.hpp>
#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::core {

namespace {

constexpr std::size_t usual_bytes = 512;  // enough for most lines
constexpr char hex_digits[] = "0123456789abcdef";

std::uint32_t code_point(std::string_view sequence) {
    std::uint32_t point = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() > 1) point &= 0x7Fu >> sequence.size();
    for (std::size_t i = 1; i < sequence.size(); ++i)
        point = point << 6 | (static_cast<unsigned char>(sequence[i]) & 0x3F);
    return point;
}

/// Whether a terminal or a log reader may take the character for more than a sign.
bool is_treacherous(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x61C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0xFEFF;
}

void append_hex(std::string& out, std::uint32_t value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex_digits[value >> shift & 15];
}

/// A value that may have been cut between two characters.
struct Bounded {
    std::string_view text;
    std::string_view rest = {};  // dots that say so
};

Bounded bounded(std::string_view text, std::size_t max) {
    if (text.size() <= max) return {text};
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
    return {text.substr(0, max), "..."};
}

/// The value of `of` for each character.
template <typename Of>
constexpr auto table_of(Of of) {
    std::array<decltype(of(' ')), 256> table{};
    for (unsigned c = 0; c < 256; ++c) table[c] = of(static_cast<char>(c));
    return table;
}

/// The characters of a name; '_' replaces all others.
constexpr auto of_names = table_of(
    [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' ? c : '_'; });
constexpr auto unquoted =
    table_of([](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '='; });

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F; }

/// Calls on_clean(piece of one or more characters) and on_treacherous(code point, or the byte of a broken
/// sequence, and whether it is one).
template <typename OnClean, typename OnTreacherous>
void scan(std::string_view text, OnClean&& on_clean, OnTreacherous&& on_treacherous) {
    while (!text.empty()) {
        // Nearly everything in a log, so a stretch of it is one piece.
        if (is_plain(static_cast<unsigned char>(text[0]))) {
            const auto end = std::ranges::find_if_not(text, is_plain);
            const std::string_view stretch(text.begin(), end);
            on_clean(stretch);
            text.remove_prefix(stretch.size());
            continue;
        }
        const std::size_t length = gatehouse::detail::utf8_length(text);
        const std::string_view piece = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0)
            on_treacherous(static_cast<unsigned char>(piece[0]), true);
        else if (const std::uint32_t point = code_point(piece); is_treacherous(point))
            on_treacherous(point, false);
        else
            on_clean(piece);
        text.remove_prefix(piece.size());
    }
}

void append_text(std::string& out, std::string_view text, bool quoted) {
    scan(
        text,
        [&](std::string_view piece) {
            for (std::size_t at; quoted && (at = piece.find_first_of("\"\\")) != std::string_view::npos;) {
                out.append(piece, 0, at).append(1, '\\').append(1, piece[at]);
                piece.remove_prefix(at + 1);
            }
            out += piece;
        },
        [&](std::uint32_t point, bool) {
            if (point == '\n' || point == '\r' || point == '\t') {
                out += '\\';
                out += point == '\n' ? 'n' : point == '\r' ? 'r' : 't';
            } else if (point <= 0xFF) {
                out += "\\x";
                append_hex(out, point, 2);
            } else {
                out += "\\u";
                append_hex(out, point, 4);
            }
        });
}

bool needs_quotes(std::string_view value) {
    return value.empty() || !std::ranges::all_of(value, [](unsigned char c) { return unquoted[c]; });
}

void append_json(std::string& out, std::string_view text) {
    bool treacherous = false;
    scan(
        text, [](std::string_view) {},
        [&](std::uint32_t point, bool broken) { treacherous = treacherous || (!broken && point >= 0x20); });
    if (!treacherous) return append_json_string(out, text);
    // Escapes characters that JSON does not escape; JSON handles invalid bytes.
    std::string safe;
    scan(
        text, [&](std::string_view piece) { safe += piece; },
        [&](std::uint32_t point, bool broken) {
            if (broken || point < 0x20) {
                safe += static_cast<char>(point);
            } else {
                safe += "\\u";
                append_hex(safe, point, 4);
            }
        });
    append_json_string(out, safe);
}

}  // namespace

Line::Line(Format format, std::string_view instance, std::string_view message) : format_(format) {
    out_.reserve(usual_bytes);
    if (format_ == Format::json) {
        field("instance", instance);
        field("message", message);
        return;
    }
    auto append = [this](const Bounded& words) {
        append_text(out_, words.text, false);
        out_ += words.rest;
    };
    append(bounded(instance, 64));
    out_ += ' ';
    append(bounded(message, max_value_bytes));
}

void Line::begin(std::string_view name) {
    constexpr std::size_t max_name_bytes = 64;
    char piece[max_name_bytes + 4];
    char* end = piece;
    const bool json = format_ == Format::json;
    if (json && !out_.empty()) *end++ = ',';
    *end++ = json ? '"' : ' ';
    for (const unsigned char c : name.substr(0, max_name_bytes)) *end++ = of_names[c];
    if (json) *end++ = '"';
    *end++ = json ? ':' : '=';
    out_.append(piece, end);
}

Line& Line::field(std::string_view name, std::string_view value, std::size_t max_bytes) {
    const auto [text, rest] = bounded(value, max_bytes);
    begin(name);
    if (format_ == Format::json) {
        append_json(out_, text);
        out_.insert(out_.size() - 1, rest);
    } else if (needs_quotes(text)) {
        out_ += '"';
        append_text(out_, text, true);
        out_.append(rest).append(1, '"');
    } else {
        out_.append(text).append(rest);
    }
    return *this;
}

Line& Line::number(std::string_view name, std::int64_t value) {
    begin(name);
    char digits[24];
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return *this;
}

Line& Line::decimal(std::string_view name, std::int64_t nano) {
    begin(name);
    out_ += decimal_text(nano);
    return *this;
}

Line& Line::flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

}  // namespace gatehouse::core
