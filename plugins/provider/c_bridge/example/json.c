// SPDX-License-Identifier: Apache-2.0
#include "json.h"

#include <string.h>

enum { most_depth = 64 };

static const json none = {0, 0};

static const char* skip_blanks(const char* at, const char* end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
    return at;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

/// The value of four hexadecimal digits, or -1.
static int hex(const char* at, const char* end) {
    int value = 0;
    if (end - at < 4) return -1;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        const int digit = is_digit(c)            ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

// Each of these returns the end of the value, or null if the value is invalid.

static const char* skip_string(const char* at, const char* end) {
    for (++at; at < end; ++at) {
        if (*at == '"') return at + 1;
        if ((unsigned char)*at < 0x20) return 0;
        if (*at != '\\') continue;
        if (++at == end) return 0;
        if (*at == 'u') {
            if (hex(at + 1, end) < 0) return 0;
            at += 4;
        } else if (!memchr("\"\\/bfnrt", *at, 8)) {
            return 0;
        }
    }
    return 0;
}

static const char* skip_digits(const char* at, const char* end) {
    if (at == end || !is_digit(*at)) return 0;
    while (at < end && is_digit(*at)) ++at;
    return at;
}

static const char* skip_number(const char* at, const char* end) {
    if (*at == '-') ++at;
    if (at < end && *at == '0')
        ++at;
    else
        at = skip_digits(at, end);
    if (at && at < end && *at == '.') at = skip_digits(at + 1, end);
    if (at && at < end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at < end && (*at == '+' || *at == '-')) ++at;
        at = skip_digits(at, end);
    }
    return at;
}

static const char* skip_word(const char* at, const char* end, const char* word) {
    const size_t size = strlen(word);
    return (size_t)(end - at) >= size && memcmp(at, word, size) == 0 ? at + size : 0;
}

static const char* skip_value(const char* at, const char* end, int depth) {
    if (at == end) return 0;
    if (*at == '"') return skip_string(at, end);
    if (*at == 't') return skip_word(at, end, "true");
    if (*at == 'f') return skip_word(at, end, "false");
    if (*at == 'n') return skip_word(at, end, "null");
    if (*at != '{' && *at != '[') return skip_number(at, end);
    if (depth == most_depth) return 0;

    const int object = *at == '{';
    const char close = object ? '}' : ']';
    at = skip_blanks(at + 1, end);
    if (at < end && *at == close) return at + 1;
    for (;;) {
        if (object) {
            if (at == end || *at != '"' || !(at = skip_string(at, end))) return 0;
            at = skip_blanks(at, end);
            if (at == end || *at != ':') return 0;
            at = skip_blanks(at + 1, end);
        }
        if (!(at = skip_value(at, end, depth + 1))) return 0;
        at = skip_blanks(at, end);
        if (at == end) return 0;
        if (*at == close) return at + 1;
        if (*at != ',') return 0;
        at = skip_blanks(at + 1, end);
    }
}

json json_parse(const char* data, size_t size) {
    if (size == 0) return none;
    const char* last = data + size;
    const json value = {skip_blanks(data, last), skip_value(skip_blanks(data, last), last, 0)};
    return value.end && skip_blanks(value.end, last) == last ? value : none;
}

// The functions below require a well-formed text.

json json_member(json object, const char* name) {
    const size_t size = strlen(name);
    if (!object.at || *object.at != '{') return none;
    const char* at = skip_blanks(object.at + 1, object.end);
    while (*at == '"') {
        const char* key_end = skip_string(at, object.end);
        const char* value = skip_blanks(skip_blanks(key_end, object.end) + 1, object.end);
        const json found = {value, skip_value(value, object.end, 0)};
        if (!found.end) return none;
        if ((size_t)(key_end - at) == size + 2 && memcmp(at + 1, name, size) == 0) return found;
        at = skip_blanks(found.end, object.end);
        if (*at == ',') at = skip_blanks(at + 1, object.end);
    }
    return none;
}

json json_next(json array, json previous) {
    if (!json_is_list(array)) return none;
    const char* at = skip_blanks(previous.at ? previous.end : array.at + 1, array.end);
    if (*at == ',') at = skip_blanks(at + 1, array.end);
    if (*at == ']') return none;
    const json found = {at, skip_value(at, array.end, 0)};
    return found.end ? found : none;
}

int json_is_string(json value) { return value.at && *value.at == '"'; }
int json_is_list(json value) { return value.at && *value.at == '['; }
int json_is_true(json value) { return value.at && *value.at == 't'; }

int json_is(json value, const char* text) {
    const size_t size = strlen(text);
    return json_is_string(value) && (size_t)(value.end - value.at) == size + 2 &&
           memcmp(value.at + 1, text, size) == 0;
}

static void add_character(buffer* to, unsigned long code) {
    char bytes[4];
    if (code < 0x80) {
        bytes[0] = (char)code;
        buffer_add(to, bytes, 1);
    } else if (code < 0x800) {
        bytes[0] = (char)(0xC0 | code >> 6);
        bytes[1] = (char)(0x80 | (code & 63));
        buffer_add(to, bytes, 2);
    } else if (code < 0x10000) {
        bytes[0] = (char)(0xE0 | code >> 12);
        bytes[1] = (char)(0x80 | (code >> 6 & 63));
        bytes[2] = (char)(0x80 | (code & 63));
        buffer_add(to, bytes, 3);
    } else {
        bytes[0] = (char)(0xF0 | code >> 18);
        bytes[1] = (char)(0x80 | (code >> 12 & 63));
        bytes[2] = (char)(0x80 | (code >> 6 & 63));
        bytes[3] = (char)(0x80 | (code & 63));
        buffer_add(to, bytes, 4);
    }
}

/// Adds the character of a \u escape or of a surrogate pair; half a pair is replaced.  Returns
/// the last character of the escape.
static const char* add_escaped(const char* at, const char* end, buffer* to) {
    unsigned long code = (unsigned long)hex(at + 1, end);
    at += 4;
    if (code >= 0xD800 && code < 0xDC00 && end - at > 6 && at[1] == '\\' && at[2] == 'u') {
        const int low = hex(at + 3, end);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (unsigned long)(low - 0xDC00);
            at += 6;
        }
    }
    add_character(to, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
    return at;
}

int json_string(json value, buffer* to) {
    if (!json_is_string(value)) return 0;
    const char* end = value.end - 1;
    const char* copied = value.at + 1;
    for (const char* at = copied; at < end; ++at) {
        if (*at != '\\') continue;
        buffer_add(to, copied, (size_t)(at - copied));
        ++at;
        if (*at == 'u') {
            at = add_escaped(at, end, to);
        } else {
            const char* which = strchr("b\bf\fn\nr\rt\t", *at);
            buffer_add(to, which ? which + 1 : at, 1);
        }
        copied = at + 1;
    }
    buffer_add(to, copied, (size_t)(end - copied));
    return 1;
}

int json_integer(json value, int64_t* number) {
    if (!value.at || value.at == value.end) return 0;
    const int negative = *value.at == '-';
    const char* at = value.at + negative;
    if (at == value.end || value.end - at > 18) return 0;
    int64_t sum = 0;
    for (; at < value.end; ++at) {
        if (!is_digit(*at)) return 0;
        sum = sum * 10 + (*at - '0');
    }
    *number = negative ? -sum : sum;
    return 1;
}
