// SPDX-License-Identifier: Apache-2.0
// gatehouse/c_hook.h as it was when version 1 came out, without its comments.  Never changed:
// a library that was built with it must load as long as the version is 1.
#ifndef GATEHOUSE_C_HOOK_H
#define GATEHOUSE_C_HOOK_H
#include "tests/plugins/provider/c_bridge/c_1.h"
#ifdef __cplusplus
extern "C" {
#endif
#define GATEHOUSE_C_HOOK_MAGIC 0x31485747u
#define GATEHOUSE_C_HOOK_VERSION 1u
typedef struct gatehouse_c_hook_out {
    uint32_t version;
    uint32_t size;
    void* context;
    void (*fail)(void* context, gatehouse_c_bytes error);
    void (*answer)(void* context, gatehouse_c_bytes text);
    void (*text)(void* context, gatehouse_c_bytes text);
} gatehouse_c_hook_out;
enum { GATEHOUSE_C_HOOK_ANSWER = 0, GATEHOUSE_C_HOOK_REASONING = 1, GATEHOUSE_C_HOOK_REFUSAL = 2 };
typedef struct gatehouse_c_hook_door {
    uint32_t magic;
    uint32_t version;
    uint64_t size;
    const char* description;
    void* (*create)(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_hook_out* out);
    void (*destroy)(void* hook);
    void* (*begin)(void* hook, gatehouse_c_bytes info, const gatehouse_c_hook_out* out);
    void (*release)(void* state);
    void (*request)(void* state, gatehouse_c_bytes text, const gatehouse_c_hook_out* out);
    void (*attempt)(void* state);
    void (*text)(void* state, int32_t channel, int32_t choice, gatehouse_c_bytes text,
                 const gatehouse_c_hook_out* out);
    void (*flush)(void* state, int32_t channel, int32_t choice, const gatehouse_c_hook_out* out);
    void (*done)(void* state, gatehouse_c_bytes outcome);
} gatehouse_c_hook_door;
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const gatehouse_c_hook_door gatehouse_c_hook;
#ifdef __cplusplus
}
#endif
#endif
