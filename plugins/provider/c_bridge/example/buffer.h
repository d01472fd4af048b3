// SPDX-License-Identifier: Apache-2.0
// Bytes that grow, and JSON written into them.  If memory runs out, `failed` stays set
// and nothing more is added: one look at the end is enough.
#ifndef QUILL_BUFFER_H
#define QUILL_BUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct buffer {
    char* data;  // null as long as nothing was added
    size_t size, room;
    int failed;
} buffer;

void buffer_add(buffer* to, const char* data, size_t size);
void buffer_text(buffer* to, const char* text);
void buffer_integer(buffer* to, int64_t number);
/// As a JSON string, quotes included.  `data` is UTF-8.
void buffer_string(buffer* to, const char* data, size_t size);
/// As the value of a query's parameter.
void buffer_percent(buffer* to, const char* data, size_t size);
/// Without the first `size` bytes.
void buffer_drop(buffer* from, size_t size);
/// Empty, with its memory kept.
void buffer_clear(buffer* which);
void buffer_free(buffer* which);

#endif
