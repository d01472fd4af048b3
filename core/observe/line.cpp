// SPDX-License-Identifier: Apache-2.0
// One line of the log; see line.hpp.
#include "core/observe/line.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <cctype>

namespace gatehouse::core {

namespace {

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

/// `text` cut to `max` bytes, between two characters.
std::string bounded(std::string_view text, std::size_t max) {
    if (text.size() <= max) return std::string(text);
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
    return std::string(text.substr(0, max)) + "...";
}

/// Calls on_clean(piece) and on_treacherous(code point, or the byte of a broken
/// sequence, and whether it is one).
template <typename OnClean, typename OnTreacherous>
void scan(std::string_view text, OnClean&& on_clean, OnTreacherous&& on_treacherous) {
    while (!text.empty()) {
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
            if (quoted && (piece == "\"" || piece == "\\")) out += '\\';
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
    if (value.empty()) return true;
    return std::ranges::any_of(
        value, [](unsigned char c) { return c <= 0x20 || c >= 0x7F || c == '"' || c == '\\' || c == '='; });
}

void append_json(std::string& out, std::string_view text) {
    std::string safe;
    bool changed = false;
    // What JSON itself does not escape is escaped before; broken bytes are left to it.
    scan(
        text, [&](std::string_view piece) { safe += piece; },
        [&](std::uint32_t point, bool broken) {
            if (broken || point < 0x20) {
                safe += static_cast<char>(point);
            } else {
                safe += "\\u";
                append_hex(safe, point, 4);
                changed = true;
            }
        });
    append_json_string(out, changed ? std::string_view(safe) : text);
}

}  // namespace

Line::Line(Format format, std::string_view instance, std::string_view message) : format_(format) {
    if (format_ == Format::json) {
        field("instance", instance);
        field("message", message);
        return;
    }
    append_text(out_, bounded(instance, 64), false);
    out_ += ' ';
    append_text(out_, bounded(message, max_value_bytes), false);
}

void Line::begin(std::string_view name) {
    std::string key;
    for (unsigned char c : name.substr(0, 64))
        key += c < 0x80 && (std::isalnum(c) || c == '_' || c == '.' || c == '-') ? static_cast<char>(c) : '_';
    if (format_ == Format::text) {
        out_ += ' ' + key + '=';
    } else {
        if (!out_.empty()) out_ += ',';
        out_ += '"' + key + "\":";
    }
}

Line& Line::field(std::string_view name, std::string_view value, std::size_t max_bytes) {
    const std::string text = bounded(value, max_bytes);
    begin(name);
    if (format_ == Format::json) {
        append_json(out_, text);
    } else if (needs_quotes(text)) {
        out_ += '"';
        append_text(out_, text, true);
        out_ += '"';
    } else {
        out_ += text;
    }
    return *this;
}

Line& Line::number(std::string_view name, std::int64_t value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
}

Line& Line::flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

}  // namespace gatehouse::core
