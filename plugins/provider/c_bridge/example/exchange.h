// SPDX-License-Identifier: Apache-2.0
// One request to Quill.  The functions are those of the C interface.  An instance is constant
// and safe on any thread; an exchange is used by one thread at a time.
#ifndef QUILL_EXCHANGE_H
#define QUILL_EXCHANGE_H

#include "buffer.h"

#include <gatehouse/c.h>

typedef struct quill {
    const gatehouse_c_host* host;
    buffer base_url, key;
    int64_t words, most_bytes;
    int florid;
} quill;

typedef struct exchange {
    const quill* owner;
    int lists;     // lists models instead of a chat
    int flows;     // the response arrives in lines
    buffer ask;    // the body without its end
    int plain;     // send no tone
    buffer after;  // models: the last model of the previous page
    int more;      // models: there is another page
    int status;
    buffer rest;          // unparsed bytes: part of a line or of a document
    buffer out, scratch;  // output in progress
    int done;             // the response is complete
} exchange;

void* exchange_begin(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                     const gatehouse_c_out* out);
void exchange_release(void* which);
void exchange_request(void* which, const gatehouse_c_out* out);
void exchange_head(void* which, int32_t status, gatehouse_c_bytes headers);
void exchange_body(void* which, gatehouse_c_bytes bytes, const gatehouse_c_out* out);
void exchange_end(void* which, const gatehouse_c_out* out);
void exchange_next(void* which, const gatehouse_c_out* out);
int32_t exchange_complete(void* which);
int32_t exchange_amend(void* which, gatehouse_c_bytes error);

/// Reports an error.  REQUIRES: `message` needs no escapes.  `kind` and `param` may be null.
void fail(const gatehouse_c_out* out, const char* kind, const char* message, const char* param);

/// Adds a chat in Quill's format without its end.  Returns false after it reported an error.
int write_ask(buffer* ask, const quill* owner, gatehouse_c_bytes request, int* flows,
              const gatehouse_c_out* out);

#endif
