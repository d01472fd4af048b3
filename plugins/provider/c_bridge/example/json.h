// SPDX-License-Identifier: Apache-2.0
// Parses JSON in place.  A value is a piece of the text, valid as long as the text.  An absent
// value has a null `at`, and so have its members, so a chain of calls needs one check at the
// end.
#ifndef QUILL_JSON_H
#define QUILL_JSON_H

#include "buffer.h"

typedef struct json {
    const char* at;
    const char* end;
} json;

/// The complete text if its grammar is valid and it is nested at most 64 deep.  Absent otherwise.
json json_parse(const char* data, size_t size);

/// The first member of that name, compared without escapes.  Absent if there is no such member.
json json_member(json object, const char* name);
/// The element after `previous`, or the first element if `previous` is absent.
json json_next(json array, json previous);

int json_is_string(json value);
int json_is_list(json value);
int json_is_true(json value);
/// Whether the value is exactly this string.
int json_is(json value, const char* text);
/// Adds the decoded string in UTF-8.  Returns false if the value is not a string.
int json_string(json value, buffer* to);
/// Returns false if the value is not an integer of at most 18 digits.
int json_integer(json value, int64_t* number);

#endif
