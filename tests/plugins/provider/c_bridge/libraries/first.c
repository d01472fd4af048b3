// SPDX-License-Identifier: Apache-2.0
// A library for version 1 of the C interface, built with the header of that version.
// NEWER: a library of a later header, with more functions than the gateway knows.
#ifdef NEWER
#define gatehouse_c_provider gatehouse_c_provider_of_the_header
#endif
#include "c_1.h"
#undef gatehouse_c_provider

#include <string.h>

static int instance, exchange;

static gatehouse_c_bytes bytes(const char* text) {
    gatehouse_c_bytes made;
    made.data = text;
    made.size = strlen(text);
    return made;
}

static void* create(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_out* out) {
    (void)config, (void)out;
    host->log(host->context, 1, bytes("created"));
    return &instance;
}
static void destroy(void* provider) { (void)provider; }
static void* begin(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                   const gatehouse_c_out* out) {
    (void)provider, (void)operation, (void)request, (void)out;
    return &exchange;
}
static void release(void* which) { (void)which; }
static void request(void* which, const gatehouse_c_out* out) { (void)which, (void)out; }
static void body(void* which, gatehouse_c_bytes piece, const gatehouse_c_out* out) {
    (void)which, (void)piece, (void)out;
}
static void end(void* which, const gatehouse_c_out* out) {
    (void)which;
    out->text(out->context, 0, bytes("built with version 1"));
    out->emit(out->context, bytes("{\"type\":\"finish\",\"reason\":\"stop\"}"));
}

#define DESCRIPTION "{\"name\":\"first\",\"version\":\"1\"}"
#ifdef NEWER
static void more(void) {}
__attribute__((visibility("default"))) extern const struct newer {
    gatehouse_c_door door;
    void (*more)(void);
} gatehouse_c_provider;
const struct newer gatehouse_c_provider = {{GATEHOUSE_C_MAGIC, 1, sizeof(struct newer), DESCRIPTION, create,
                                            destroy, begin, release, request, 0, body, end, 0, 0, 0},
                                           more};
#else
const gatehouse_c_door gatehouse_c_provider = {GATEHOUSE_C_MAGIC,
                                               1,
                                               sizeof(gatehouse_c_door),
                                               DESCRIPTION,
                                               create,
                                               destroy,
                                               begin,
                                               release,
                                               request,
                                               0,
                                               body,
                                               end,
                                               0,
                                               0,
                                               0};
#endif
