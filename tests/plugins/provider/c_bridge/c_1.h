// SPDX-License-Identifier: Apache-2.0
// gatehouse/c.h as it was when version 1 came out, without its comments.  Never changed:
// what was built with it must be served as long as the version is 1.
#ifndef GATEHOUSE_C_H
#define GATEHOUSE_C_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#define GATEHOUSE_C_MAGIC 0x31435747u
#define GATEHOUSE_C_VERSION 1u
typedef struct gatehouse_c_bytes {
    const char* data;
    size_t size;
} gatehouse_c_bytes;
typedef struct gatehouse_c_host {
    uint32_t version;
    uint32_t size;
    void* context;
    void (*log)(void* context, int32_t level, gatehouse_c_bytes message);
    int64_t (*now)(void* context);
} gatehouse_c_host;
typedef struct gatehouse_c_out {
    uint32_t version;
    uint32_t size;
    void* context;
    void (*fail)(void* context, gatehouse_c_bytes error);
    void (*request)(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body);
    int32_t (*emit)(void* context, gatehouse_c_bytes event);
    int32_t (*text)(void* context, int32_t choice, gatehouse_c_bytes text);
} gatehouse_c_out;
typedef struct gatehouse_c_door {
    uint32_t magic;
    uint32_t version;
    uint64_t size;
    const char* description;
    void* (*create)(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_out* out);
    void (*destroy)(void* provider);
    void* (*begin)(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                   const gatehouse_c_out* out);
    void (*release)(void* exchange);
    void (*request)(void* exchange, const gatehouse_c_out* out);
    void (*head)(void* exchange, int32_t status, gatehouse_c_bytes headers);
    void (*body)(void* exchange, gatehouse_c_bytes bytes, const gatehouse_c_out* out);
    void (*end)(void* exchange, const gatehouse_c_out* out);
    void (*next)(void* exchange, const gatehouse_c_out* out);
    int32_t (*complete)(void* exchange);
    int32_t (*amend)(void* exchange, gatehouse_c_bytes error);
} gatehouse_c_door;
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
extern const gatehouse_c_door gatehouse_c_provider;
#ifdef __cplusplus
}
#endif
#endif
