// SPDX-License-Identifier: Apache-2.0
// Reads JSON where it lies: a value is the piece of text that it stands in, and is valid
// as long as that text.  A value that is not there has a null `at`, and so has
// everything that is asked of it: chains of questions need one look at the end.
#ifndef QUILL_JSON_H
#define QUILL_JSON_H

#include "buffer.h"

typedef struct json {
    const char* at;
    const char* end;
} json;

/// The whole text, of valid grammar and nested at most 64 deep, or none.
json json_parse(const char* data, size_t size);

/// The first member of that name, as it is spelled without escapes, or none.
json json_member(json object, const char* name);
/// The element after `previous`; the first one after none.
json json_next(json array, json previous);

int json_is_string(json value);
int json_is_list(json value);
int json_is_true(json value);
/// Whether it is a string of just these characters.
int json_is(json value, const char* text);
/// Adds what a string means, in UTF-8; false if it is none.
int json_string(json value, buffer* to);
/// False if it is no whole number of at most 18 digits.
int json_integer(json value, int64_t* number);

#endif
