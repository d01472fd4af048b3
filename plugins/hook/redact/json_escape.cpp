// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/json_escape.hpp"

namespace gatehouse::redact {

namespace {

void append_utf8(int code, std::string& out) {
    auto add = [&](int byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) return add(0xC0 | code >> 6), add(0x80 | (code & 0x3F));
    if (code < 0x10000) {
        add(0xE0 | code >> 12), add(0x80 | (code >> 6 & 0x3F)), add(0x80 | (code & 0x3F));
        return;
    }
    add(0xF0 | code >> 18), add(0x80 | (code >> 12 & 0x3F)), add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
}

}  // namespace

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = static_cast<char>(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

int code_unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return -1;
    int unit = 0;
    for (const char c : text.substr(2, 4)) {
        const int digit = hex_digit(c);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

std::string meaning(std::string_view escape) {
    switch (escape[1]) {
        case 'b': return "\b";
        case 'f': return "\f";
        case 'n': return "\n";
        case 'r': return "\r";
        case 't': return "\t";
        case 'u': break;
        default: return std::string(1, escape[1]);
    }
    int code = code_unit(escape);
    if (is_high(code) && escape.size() == 12)
        code = 0x10000 + ((code - 0xD800) << 10) + (code_unit(escape.substr(6)) - 0xDC00);
    if (is_high(code) || is_low(code)) code = 0xFFFD;  // half a character
    std::string out;
    append_utf8(code, out);
    return out;
}

}  // namespace gatehouse::redact
