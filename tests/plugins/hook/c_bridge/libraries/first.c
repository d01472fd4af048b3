// SPDX-License-Identifier: Apache-2.0
// A library for version 1 of the C interface for hooks, built with the header of that version.
// NEWER: a library of a later header, with more functions than the gateway knows.
#ifdef NEWER
#define gatehouse_c_hook gatehouse_c_hook_of_the_header
#endif
#include "tests/plugins/hook/c_bridge/c_hook_1.h"
#undef gatehouse_c_hook

static int instance, state;

static void* create(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_hook_out* out) {
    const gatehouse_c_bytes line = {"created", 7};
    (void)config, (void)out;
    host->log(host->context, 1, line);
    return &instance;
}
static void nothing(void* which) { (void)which; }
static void* begin(void* hook, gatehouse_c_bytes info, const gatehouse_c_hook_out* out) {
    (void)hook, (void)info, (void)out;
    return &state;
}
static void request(void* which, gatehouse_c_bytes text, const gatehouse_c_hook_out* out) {
    const gatehouse_c_bytes answer = {"built with version 1", 20};
    (void)which, (void)text;
    out->answer(out->context, answer);
}

#define DOOR(size)                                                                                         \
    {                                                                                                      \
        GATEHOUSE_C_HOOK_MAGIC, 1, size, "{\"name\":\"first\",\"version\":\"1\"}", create, nothing, begin, \
            nothing, request, 0, 0, 0, 0                                                                   \
    }
#ifdef NEWER
static void more(void) {}
__attribute__((visibility("default"))) extern const struct newer {
    gatehouse_c_hook_door door;
    void (*more)(void);
} gatehouse_c_hook;
const struct newer gatehouse_c_hook = {DOOR(sizeof(struct newer)), more};
#else
const gatehouse_c_hook_door gatehouse_c_hook = DOOR(sizeof(gatehouse_c_hook_door));
#endif
