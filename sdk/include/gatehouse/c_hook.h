// SPDX-License-Identifier: Apache-2.0
// The C interface for hooks: a hook in C, Rust, Go, Zig or any language that exports a C symbol.
//
// A library exports one object, `gatehouse_c_hook`.  The plugin hook/c_bridge loads it:
// `[hook.NAME]`, `use = "c_bridge"`, `library = "/path/to/it.so"`.  The hook reads the text of a
// request and refuses or answers it.  It reads the text of the response and passes it on, changed
// or not.  Pointers and mistakes follow the rules at the beginning of c.h.
//
// Threads.  create and destroy are called on one thread.  begin may be called from several
// threads at once.  The calls of one state are never made at the same time, but not always on
// the same thread.  No function may wait, sleep or open a socket.
//
// Versions.  GATEHOUSE_C_HOOK_VERSION counts changes that break an existing library.  It is
// independent of GATEHOUSE_C_VERSION.  Additions are at the end of a struct.  See VERSIONING.md.
#ifndef GATEHOUSE_C_HOOK_H
#define GATEHOUSE_C_HOOK_H

#include "gatehouse/c.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GATEHOUSE_C_HOOK_MAGIC 0x31485747u  // "GWH1" in memory
#define GATEHOUSE_C_HOOK_VERSION 1u

/// Receives the output of a call, on the thread of the call, until the call returns.
typedef struct gatehouse_c_hook_out {
    uint32_t version;
    uint32_t size;  // size of this struct as the gateway knows it, in bytes
    void* context;  // the first argument of the functions

    /// For create: the instance cannot be created.  For every other call: the request is refused,
    /// or the response fails.  Its later output is ignored.  `error` has the form of
    /// gatehouse_c_out.fail.  The default kind is forbidden.
    void (*fail)(void* context, gatehouse_c_bytes error);

    /// For request, if the operation is chat: the text is the answer, and no upstream is asked.
    /// Once for each request.
    void (*answer)(void* context, gatehouse_c_bytes text);

    /// For text and flush: passes text on, to the channel and choice of the call.  May be called
    /// several times.  Pass complete characters: invalid UTF-8 reaches the client as U+FFFD.
    void (*text)(void* context, gatehouse_c_bytes text);
} gatehouse_c_hook_out;

/// The channels of a response.
enum { GATEHOUSE_C_HOOK_ANSWER = 0, GATEHOUSE_C_HOOK_REASONING = 1, GATEHOUSE_C_HOOK_REFUSAL = 2 };

/// The exported object of a library.  Functions that may be null are marked.
typedef struct gatehouse_c_hook_door {
    uint32_t magic;    // GATEHOUSE_C_HOOK_MAGIC
    uint32_t version;  // GATEHOUSE_C_HOOK_VERSION
    uint64_t size;     // sizeof(gatehouse_c_hook_door)

    /// JSON, valid until the process ends: `name`, `version` and `keys` of
    /// gatehouse_c_door.description.
    const char* description;

    /// Creates an instance for a table of the configuration.  Null after out->fail.  `config` has
    /// the form of gatehouse_c_door.create.
    void* (*create)(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_hook_out* out);
    /// Called after the last state of the instance has been released.
    void (*destroy)(void* hook);

    /// Begins the state of one request, unless an earlier hook has refused it.  Null after
    /// out->fail, which refuses the request.  `info`:
    ///     {"id": "req_1", "client": "ci", "client_id": "u-1", "groups": ["red"],
    ///      "operation": "chat", "model": "small"}
    /// Operations: chat, completion, count_tokens, embed, rerank, models, raw.  Ignore others.
    void* (*begin)(void* hook, gatehouse_c_bytes info, const gatehouse_c_hook_out* out);
    /// The last call of a state.  It may follow any other call.
    void (*release)(void* state);

    /// May be null.  Called once, before routing.  `text` has all texts of the request that a model
    /// would read, joined by line ends: messages, tools, tool calls, prompts, inputs, documents.
    /// Parts of unknown kinds are JSON, and a raw operation has its body, of any bytes.
    void (*request)(void* state, gatehouse_c_bytes text, const gatehouse_c_hook_out* out);
    /// May be null.  An attempt at a route begins.  Discard the text of a failed attempt.
    void (*attempt)(void* state);
    /// text and flush are both null or both not null.  Text passes unchanged if they are null.  A
    /// piece of the response, cut anywhere between two characters.  Call out->text with what may
    /// pass, and keep the rest.  The gateway drops the log probabilities of a response, because
    /// they quote the unchanged text.  Arguments of tool calls, members and blocks that only one
    /// protocol has, signed thoughts, embeddings and raw responses pass unchanged.
    void (*text)(void* state, int32_t channel, int32_t choice, gatehouse_c_bytes text,
                 const gatehouse_c_hook_out* out);
    /// The text of this channel and choice ends here, because another event follows or the
    /// response is complete.  Pass on the rest.  More text may follow later.
    void (*flush)(void* state, int32_t channel, int32_t choice, const gatehouse_c_hook_out* out);
    /// May be null.  The request has ended:
    ///     {"status": 200, "client_left": false, "attempts": 1, "provider"?: "quill", "model"?: "small",
    ///      "prompt"?: 3, "completion"?: 5, "total_us": 1200}
    /// The status is 0 if no response was sent.  prompt and completion count tokens, if known.
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
