// SPDX-License-Identifier: Apache-2.0
// The C interface: a provider in C, Rust, Go, Zig or any language that exports a C symbol.
//
// A library exports one object, `gatehouse_c_provider`.  The plugin c_bridge loads it:
// `use = "c_bridge"`, `library = "/path/to/it.so"`.  Like a provider in C++ it does no
// I/O.  It describes the request to its upstream, receives the bytes of the response and
// decodes them.  Requests and events cross as JSON text, bodies as bytes.
//
// Pointers.  A pointer that is passed in either direction is valid during that call only:
// copy the data that you keep.  Neither side frees memory of the other.  Exceptions are
// marked.  Text from the gateway is valid UTF-8 and ends with a NUL that `size` does not
// count.  The bytes of a body have no NUL.
//
// Threads.  create and destroy are called on one thread.  begin may be called from
// several threads at once.  The calls of one exchange are never made at the same time,
// but not always on the same thread.  No function may wait, sleep or open a socket.
//
// Mistakes.  Wrong JSON, an unknown member or an event out of order fails the request
// with an internal error.  The gateway's log has the reason in these terms.  There is no
// protection against crashes: a library that writes to foreign memory ends the process,
// and so does a panic or an exception that leaves one of these functions.
//
// Versions.  GATEHOUSE_C_VERSION counts changes that break an existing library.  It is
// not the ABI number of C++ plugins.  Additions are at the end of a struct; `size` tells
// how much of it the other side knows.  See VERSIONING.md.
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

/// The services of the gateway.  Valid from create until destroy has returned.  Its
/// functions may be called on any thread, and never block.
typedef struct gatehouse_c_host {
    uint32_t version;
    uint32_t size;  // size of this struct as the gateway knows it, in bytes
    void* context;  // the first argument of the functions

    /// Writes a line to the log.  `level`: 0 debug, 1 info, 2 warning, 3 error.  Never pass a
    /// secret, a prompt or an answer.
    void (*log)(void* context, int32_t level, gatehouse_c_bytes message);
    /// The wall clock, in milliseconds since 1970.
    int64_t (*now)(void* context);
} gatehouse_c_host;

/// Receives the output of a call, on the thread of the call, until the call returns.
typedef struct gatehouse_c_out {
    uint32_t version;
    uint32_t size;  // size of this struct as the gateway knows it, in bytes
    void* context;  // the first argument of the functions

    /// The call has failed.  Its later output is ignored.  For create:
    ///     {"key": "base_url", "message": "must begin with https://"}
    /// where `key` may be absent.  For every other call:
    ///     {"message": "the model is being loaded", "kind": "unavailable", "code": "loading",
    ///      "param": "model", "retry_after_seconds": 5, "detail": "for the log only"}
    /// Only `message` is required.  It is for the client: lower case, no full stop, no
    /// secret.  The kinds: bad_request, context_length, unauthenticated,
    /// forbidden, not_found, conflict, too_large, unprocessable, unsupported,
    /// rate_limited, upstream, unavailable, timeout, internal.  The default kind is the one
    /// of the upstream's status if that is bad, else upstream.  The default of
    /// retry_after_seconds is the upstream's header.
    void (*fail)(void* context, gatehouse_c_bytes error);

    /// The request to send, for request and next:
    ///     {"method": "POST", "url": "https://host/path", "headers": {"content-type": "application/json"},
    ///      "connect_timeout_ms": 1000, "first_byte_timeout_ms": 60000, "idle_timeout_ms": 60000,
    ///      "total_timeout_ms": 600000, "ca_file": "/path.pem", "no_proxy": false}
    /// Only `url` is required.  The default method is GET, or POST with a body.  The default
    /// timeouts are those of the configuration.  A repeated header is a list of strings.
    /// `body` is sent unchanged.
    void (*request)(void* context, gatehouse_c_bytes request, gatehouse_c_bytes body);

    /// An event of the response, for body and end: see below.  Returns 0 if the event was
    /// not taken, because the response has a bad status or the event is invalid.  An
    /// invalid event fails the call.
    int32_t (*emit)(void* context, gatehouse_c_bytes event);

    /// The same as emit with {"type": "text", "choice": choice, "text": text}, without
    /// the JSON.  Pass complete characters: invalid UTF-8 reaches the client as U+FFFD.
    int32_t (*text)(void* context, int32_t choice, gatehouse_c_bytes text);
} gatehouse_c_out;

// Events, one JSON object each.  The order for a chat is: info, deltas, a finish for each
// choice, usage.  The default of `choice` is 0.  A ? marks an optional member.
//
//     {"type": "info", "created"?: 1700000000, "service_tier"?: "default",
//      "id"?: "resp_1", "model"?: "small-2", "prompt_tokens"?: 3}               at most one, first
//     {"type": "text", "text": "Hel"}                 a piece of the answer
//     {"type": "reasoning", "text": "Let me see"}     a piece of the model's reasoning
//     {"type": "refusal", "text": "I will not"}
//     {"type": "tool_call", "index": 0, "id"?: "call_1", "name": "weather", "arguments": "{\"city\":",
//      "custom"?: false, "extra"?: {…}, "inner_extra"?: {…}}
//         The first event of an index has the name.  Later ones have more arguments.  The
//         joined arguments are a JSON object.  The gateway makes an id if it is absent.
//         custom, in each event of a call: the tool is a custom one, and the arguments are
//         free text.  inner_extra has further members of OpenAI's `function` or `custom`, and
//         extra those next to it.
//     {"type": "logprobs", "refusal"?: false,
//      "tokens": [{"token": "Hel", "logprob": -0.1, "bytes"?: [72, 101, 108],
//                  "top"?: [{"token", "logprob", "bytes"?}]}]}
//         refusal: the tokens are the refusal's, not the text's.
//     {"type": "citation", "url": "https://…", "title"?: "…", "start"?: 0, "end"?: 3,
//      "extra"?: {…}, "inner_extra"?: {…}}
//         start and end count characters of the text.  inner_extra has further members of
//         OpenAI's `url_citation`, and extra those next to it.
//     {"type": "extra", "place": "answer" | "choice" | "message", "members": {…}}
//         Members of OpenAI's response that no other event has.
//     {"type": "finish", "reason": "stop" | "length" | "tool_calls" | "content_filter",
//      "native"?: "end_turn", "stop_sequence"?: "END", "details"?: {…}}
//         One for each choice, after its deltas.  native is the upstream's own word.
//     {"type": "usage", "prompt": 3, "completion"?: 2, "total"?: 5, "cached"?: 0, "reasoning"?: 0,
//      "accepted_prediction"?: 0, "rejected_prediction"?: 0, "cache_written"?: 0,
//      "extra"?: {…}, "prompt_extra"?: {…}, "completion_extra"?: {…}}      at most one, last
//         The last three have further members of OpenAI's `usage`, `prompt_tokens_details`
//         and `completion_tokens_details`.
//
// For embeddings, one for each input; for a ranking, the best first; for a list of models:
//
//     {"type": "embedding", "index": 0, "vector": [0.1, 0.2]}            then usage
//     {"type": "ranking", "index": 0, "score": 0.9}                      then usage
//     {"type": "model", "id": "small", "owned_by"?: "acme", "created"?: 1700000000,
//      "context_window"?: 8192, "max_output_tokens"?: 1024}

/// The exported object of a library.  Functions that may be null are marked.
typedef struct gatehouse_c_door {
    uint32_t magic;    // GATEHOUSE_C_MAGIC
    uint32_t version;  // GATEHOUSE_C_VERSION
    uint64_t size;     // sizeof(gatehouse_c_door)

    /// JSON, valid until the process ends:
    ///     {"name": "my_backend", "version": "1.0.0", "operations": ["chat"],
    ///      "request_id_header": "x-request-id",
    ///      "keys": [{"name": "base_url", "type": "string", "required": true, "doc": "URL of the backend."},
    ///               {"name": "token", "type": "string", "secret": true, "doc": "The bearer token."},
    ///               {"name": "words", "type": "integer", "default": 100, "minimum": 1, "maximum": 1000,
    ///                "doc": "The longest answer."}]}
    /// `name` and `version` are required, and `name` and `doc` of a key.  Operations: chat,
    /// embed, rerank, models; the default is chat.  Types: string (the default, which may
    /// have a list `allowed`), integer, number, boolean, string_list.
    const char* description;

    /// Creates an instance for a table of the configuration.  Null after out->fail.  `config`:
    ///     {"settings": {"base_url": "https://…", "words": 100},
    ///      "limits": {"max_event_bytes": 16777216, "max_answer_bytes": 67108864}}
    /// The gateway has checked the settings against `keys` and added defaults.  Settings
    /// without a value are absent.  The data that an exchange keeps should stay within the
    /// limits.
    void* (*create)(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_out* out);
    /// Called after the last exchange of the instance has been released.
    void (*destroy)(void* provider);

    /// Begins an exchange for one request of a client.  Null after out->fail.  `operation` is
    /// one of the description's.  `request` has the form of OpenAI's API, with the provider's
    /// own name of the model:
    ///     chat    the body of POST /v1/chat/completions, with unknown members;
    ///             "stream": true asks for a streaming response, but does not require it
    ///     embed   the body of /v1/embeddings: "input" is a list of texts
    ///     rerank  {"model", "query", "documents": ["…"], "top_n", …}
    ///     models  {}
    void* (*begin)(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                   const gatehouse_c_out* out);
    /// The last call of an exchange: the response is complete or has failed, or the client
    /// has disconnected.  It may follow any other call.
    void (*release)(void* exchange);

    /// Calls out->request.  If it does not, there is no upstream request, and end follows at
    /// once.  Called first, and again before a retry, which starts from the beginning.
    void (*request)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  The upstream's status and headers, {"content-type": "text/plain"}.  Names
    /// are in lower case; repeated headers are joined by ", ".  If the status is not 2xx, the
    /// body has the reason, at most 64 KiB of it.  Events are then not taken.  The gateway
    /// makes an error of status and body, unless end calls out->fail.
    void (*head)(void* exchange, int32_t status, gatehouse_c_bytes headers);
    /// Some bytes of the body, cut anywhere.  Keep an incomplete rest.
    void (*body)(void* exchange, gatehouse_c_bytes bytes, const gatehouse_c_out* out);
    /// The body is complete.  Emit the remaining events, or call out->fail.  Not called if
    /// the transfer fails.
    void (*end)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  Called after a successful end.  Calls out->request for another request
    /// of the same response, such as the next page, or does nothing.
    void (*next)(void* exchange, const gatehouse_c_out* out);
    /// May be null.  Called after body.  Not 0: the response is complete although the
    /// upstream has not closed it, and end follows.
    int32_t (*complete)(void* exchange);
    /// May be null.  The exchange has failed before any event, with an error as in
    /// out->fail.  Not 0: a second request would differ, and is sent at once.
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
