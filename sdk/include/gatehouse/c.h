// SPDX-License-Identifier: Apache-2.0
// The C door: a provider in C, Rust, Go, Zig or whatever else can export a C symbol.
//
// A library exports one object, `gatehouse_c_provider`.  It is loaded by the plugin
// c_bridge: `use = "c_bridge"`, `library = "/path/to/it.so"`.  Like a provider in C++
// it does no I/O: it says what to send to its upstream, is fed the bytes that come
// back, and says what they mean.  Meaning crosses as JSON text; bodies as bytes.
//
// Pointers.  What is passed, in either direction, is valid during that call and never
// later: copy what you keep.  Nothing is freed across the border.  What exists longer
// says so.  Text that comes from the gateway is valid UTF-8 and has a NUL behind it
// that `size` does not count; the bytes of a body have none.
//
// Threads.  create and destroy are called on one thread.  begin may be called from
// several threads at once.  The calls of one exchange are never at the same time, but
// not always on the same thread.  Nothing may wait, sleep or open a socket.
//
// Mistakes.  Wrong JSON, an unknown member, an event out of order: the request fails as
// an internal error whose reason is in the gateway's log, in these terms.  Against a
// crash nothing can be done: a library that writes where it must not ends the process,
// and so does a panic or an exception that leaves one of these functions.
//
// Versions.  GATEHOUSE_C_VERSION counts what breaks an existing library, and is not the
// number of C++ plugins.  What is added stands at the end of a struct: `size` says how
// much of it the other side knows.  See VERSIONING.md.
#ifndef GATEHOUSE_C_H
#define GATEHOUSE_C_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GATEHOUSE_C_MAGIC 0x31435747u  // "GWC1" in memory
#define GATEHOUSE_C_VERSION 1u

typedef struct gatehouse_c_bytes {
    const char* data;  // may be null if size is 0
    size_t size;
} gatehouse_c_bytes;

/// What the gateway offers.  Valid from create until destroy has returned; its functions
/// may be called on any thread, and never block.
typedef struct gatehouse_c_host {
    uint32_t version;
    uint32_t size;  // of this struct as the gateway knows it, in bytes
    void* context;  // the first argument of the functions

    /// A line in the log.  `level`: 0 debug, 1 info, 2 warning, 3 error.  Never pass a
    /// secret, a prompt or an answer.
    void (*log)(void* context, int32_t level, gatehouse_c_bytes message);
    /// The wall clock, in milliseconds since 1970.
    int64_t (*now)(void* context);
} gatehouse_c_host;

/// Where a call puts what it has to say; on the thread of the call, until it returns.
typedef struct gatehouse_c_out {
    uint32_t version;
    uint32_t size;  // of this struct as the gateway knows it, in bytes
    void* context;  // the first argument of the functions

    /// The call has failed; what it says afterwards is ignored.  Of create:
    ///     {"key": "base_url", "message": "must begin with https://"}
    /// where `key` may be left out.  Of every other call:
    ///     {"message": "the model is being loaded", "kind": "unavailable", "code": "loading",
    ///      "param": "model", "retry_after_seconds": 5, "detail": "for the log only"}
    /// Only `message` must be there.  It is for the client: lower case, no full stop,
    /// never a secret.  The kinds: bad_request, context_length, unauthenticated,
    /// forbidden, not_found, conflict, too_large, unprocessable, unsupported,
    /// rate_limited, upstream, unavailable, timeout, internal.  Without a kind: what the
    /// upstream's status means if that is bad (as is retry_after_seconds its header), else upstream.
    void (*fail)(void* context, gatehouse_c_bytes error);

    /// The request to send, of request and next:
    ///     {"method": "POST", "url": "https://host/path", "headers": {"content-type": "application/json"},
    ///      "connect_timeout_ms": 1000, "first_byte_timeout_ms": 60000, "idle_timeout_ms": 60000,
    ///      "total_timeout_ms": 600000, "ca_file": "/path.pem", "no_proxy": false}
    /// Only `url` must be there; `method` is then GET, or POST with a body; timeouts are the
    /// configuration's.  A header that stands more than once is a list of strings.
    /// `body` is sent as it is.
    void (*request)(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body);

    /// An event of the answer, of body and end: see below.  0: it was not taken, since the
    /// status of the answer is bad, or it was wrong and the call has failed.
    int32_t (*emit)(void* context, gatehouse_c_bytes event);

    /// The same as emit with {"type": "text", "choice": choice, "text": text}, without
    /// the JSON.  Whole characters: what is no UTF-8 reaches the client as U+FFFD.
    int32_t (*text)(void* context, int32_t choice, gatehouse_c_bytes text);
} gatehouse_c_out;

// Events, each one object.  Those of a chat, in this order: info, deltas, a finish for
// each choice, usage.  `choice` is 0 if left out; a ? marks what else may be.
//
//     {"type": "info", "created"?: 1700000000, "service_tier"?: "default"}      at most one, first
//     {"type": "text", "text": "Hel"}                 a piece of the answer
//     {"type": "reasoning", "text": "Let me see"}     a piece of what the model thought
//     {"type": "refusal", "text": "I will not"}
//     {"type": "tool_call", "index": 0, "id"?: "call_1", "name": "weather", "arguments": "{\"city\":"}
//         The first of an index has the name; later ones have more of the arguments, which
//         joined are the JSON of an object.  Without an id one is made up.
//     {"type": "logprobs", "tokens": [{"token": "Hel", "logprob": -0.1, "top"?: [{"token", "logprob"}]}]}
//     {"type": "citation", "url": "https://…", "title"?: "…", "start"?: 0, "end"?: 3}
//         Characters of the text.
//     {"type": "extra", "place": "answer" | "choice" | "message", "members": {…}}
//         Members of OpenAI's answer that no other event tells.
//     {"type": "finish", "reason": "stop" | "length" | "tool_calls" | "content_filter"}
//         Once for each choice, after its deltas.
//     {"type": "usage", "prompt": 3, "completion"?: 2, "total"?: 5, "cached"?: 0, "reasoning"?: 0,
//      "accepted_prediction"?: 0, "rejected_prediction"?: 0}      at most one, last
//
// Of embeddings, one for each input, of a ranking, best first, and of a list of models:
//
//     {"type": "embedding", "index": 0, "vector": [0.1, 0.2]}            then usage
//     {"type": "ranking", "index": 0, "score": 0.9}                      then usage
//     {"type": "model", "id": "small", "owned_by"?: "acme", "created"?: 1700000000,
//      "context_window"?: 8192, "max_output_tokens"?: 1024}

/// What a library exports.  Functions that may be null say so.
typedef struct gatehouse_c_door {
    uint32_t magic;    // GATEHOUSE_C_MAGIC
    uint32_t version;  // GATEHOUSE_C_VERSION
    uint64_t size;     // sizeof(gatehouse_c_door)

    /// JSON, as long as the process lives:
    ///     {"name": "my_backend", "version": "1.0.0", "operations": ["chat"],
    ///      "request_id_header": "x-request-id",
    ///      "keys": [{"name": "base_url", "type": "string", "required": true, "doc": "Where it is."},
    ///               {"name": "token", "type": "string", "secret": true, "doc": "What it wants to see."},
    ///               {"name": "words", "type": "integer", "default": 100, "minimum": 1, "maximum": 1000,
    ///                "doc": "The longest answer."}]}
    /// `name` and `version` must be there, and of a key name and doc.  Operations: chat,
    /// embed, rerank, models; chat alone if left out.  Types: string, if left out, which
    /// may have a list `allowed`, integer, number, boolean, string_list.
    const char* description;

    /// An instance, for a table of the configuration; null after out->fail.  `config`:
    ///     {"settings": {"base_url": "https://…", "words": 100},
    ///      "limits": {"max_event_bytes": 16777216, "max_answer_bytes": 67108864}}
    /// Settings have been checked against `keys`, with their defaults filled in; those
    /// without a value are left out.  What an exchange keeps should stay within the limits.
    void* (*create)(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_out* out);
    /// After the last exchange of the instance has been released.
    void (*destroy)(void* provider);

    /// An exchange: one request of a client; null after out->fail.  `operation` is one of
    /// the description's, `request` that of OpenAI's API, with the provider's own name of
    /// the model:
    ///     chat    the body of POST /v1/chat/completions, what nobody here knows included;
    ///             with "stream": true an answer in pieces is wanted, but not required
    ///     embed   of /v1/embeddings: "input" is a list of texts
    ///     rerank  {"model", "query", "documents": ["…"], "top_n", …}
    ///     models  {}
    void* (*begin)(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                   const gatehouse_c_out* out);
    /// The last call of an exchange: the answer is complete, has failed, or the client has
    /// gone.  It may follow any other.
    void (*release)(void* exchange);

    /// Says out->request; or nothing if there is nothing to ask, then end follows at once.
    /// Called first, and again before a retry: it then starts afresh.
    void (*request)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  The upstream's status and headers, {"content-type": "text/plain"}: names in
    /// lower case, those that stand more than once joined by ", ".  Of a status that is
    /// not 2xx the body, at most 64 KiB, says why: events are not taken, and unless end says
    /// out->fail the gateway makes an error of status and body.
    void (*head)(void* exchange, int32_t status, gatehouse_c_bytes headers);
    /// Some bytes of the answer, cut anywhere: keep what is incomplete.
    void (*body)(void* exchange, gatehouse_c_bytes bytes, const gatehouse_c_out* out);
    /// The answer is complete: the events that are left, or why it is a failed one.  A
    /// transfer that breaks never gets here.
    void (*end)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  After a good end: out->request for another request of the same answer,
    /// such as the next page, or nothing.
    void (*next)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  After body: not 0 if the answer is complete although the upstream has
    /// not hung up; end follows.
    int32_t (*complete)(void* exchange);
    /// May be null.  The exchange has failed before any event, with an error as of
    /// out->fail.  Not 0: request would now ask differently, so ask again at once.
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
