// SPDX-License-Identifier: Apache-2.0
// A growing buffer and a JSON writer.  If memory runs out, `failed` stays set and later writes
// have no effect, so one check at the end is enough.
#ifndef QUILL_BUFFER_H
#define QUILL_BUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct buffer {
    char* data;  // null before the first write
    size_t size, room;
    int failed;
} buffer;

void buffer_add(buffer* to, const char* data, size_t size);
void buffer_text(buffer* to, const char* text);
void buffer_integer(buffer* to, int64_t number);
/// Adds a JSON string with its quotes.  `data` is UTF-8.
void buffer_string(buffer* to, const char* data, size_t size);
/// Adds the value of a query parameter.
void buffer_percent(buffer* to, const char* data, size_t size);
/// Removes the first `size` bytes.
void buffer_drop(buffer* from, size_t size);
/// Empties the buffer and keeps its memory.
void buffer_clear(buffer* which);
void buffer_free(buffer* which);

#endif
