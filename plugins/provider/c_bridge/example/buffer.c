// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_add(buffer* to, const char* data, size_t size) {
    if (to->failed || size == 0) return;
    if (size > to->room - to->size) {
        size_t room = to->room ? to->room : 256;
        while (room - to->size < size) {
            if (room > SIZE_MAX / 2) {
                to->failed = 1;
                return;
            }
            room *= 2;
        }
        char* grown = realloc(to->data, room);
        if (!grown) {
            to->failed = 1;
            return;
        }
        to->data = grown;
        to->room = room;
    }
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

void buffer_text(buffer* to, const char* text) { buffer_add(to, text, strlen(text)); }

void buffer_integer(buffer* to, int64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    buffer_text(to, text);
}

void buffer_string(buffer* to, const char* data, size_t size) {
    buffer_text(to, "\"");
    size_t copied = 0;
    for (size_t i = 0; i < size; ++i) {
        const unsigned char c = (unsigned char)data[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        buffer_add(to, data + copied, i - copied);
        copied = i + 1;
        char escaped[8];
        snprintf(escaped, sizeof escaped, c < 0x20 ? "\\u%04x" : "\\%c", c);
        buffer_text(to, escaped);
    }
    buffer_add(to, data + copied, size - copied);
    buffer_text(to, "\"");
}

void buffer_percent(buffer* to, const char* data, size_t size) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (size_t i = 0; i < size; ++i) {
        char encoded[4];
        if (data[i] && strchr(plain, data[i])) {
            buffer_add(to, data + i, 1);
        } else {
            snprintf(encoded, sizeof encoded, "%%%02X", (unsigned)(unsigned char)data[i]);
            buffer_text(to, encoded);
        }
    }
}

void buffer_drop(buffer* from, size_t size) {
    if (size == 0) return;
    memmove(from->data, from->data + size, from->size - size);
    from->size -= size;
}

void buffer_clear(buffer* which) { which->size = 0; }

void buffer_free(buffer* which) {
    free(which->data);
    memset(which, 0, sizeof *which);
}
