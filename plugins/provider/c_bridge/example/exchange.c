// SPDX-License-Identifier: Apache-2.0
#include "exchange.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

// Longest name of an engine in bytes.
enum { most_after = 512 };

static gatehouse_c_bytes bytes_of(const buffer* from) { return (gatehouse_c_bytes){from->data, from->size}; }

void exchange_release(void* which) {
    exchange* it = which;
    buffer* all[] = {&it->ask, &it->after, &it->rest, &it->out, &it->scratch};
    for (size_t i = 0; i < sizeof all / sizeof *all; ++i) buffer_free(all[i]);
    free(it);
}

void* exchange_begin(void* provider, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                     const gatehouse_c_out* out) {
    exchange* it = calloc(1, sizeof *it);
    if (!it) {
        fail(out, "internal", "there is no memory left", 0);
        return 0;
    }
    it->owner = provider;
    it->lists = strcmp(operation.data, "models") == 0;
    if (!it->lists && !write_ask(&it->ask, it->owner, request, &it->flows, out)) {
        exchange_release(it);
        return 0;
    }
    return it;
}

// --- requests ---------------------------------------------------------------

static void send(exchange* it, const char* path, const buffer* body, const gatehouse_c_out* out) {
    buffer* to = &it->out;
    buffer_clear(&it->scratch);
    buffer_add(&it->scratch, it->owner->base_url.data, it->owner->base_url.size);
    buffer_text(&it->scratch, path);
    if (it->after.size) {
        buffer_text(&it->scratch, "?after=");
        buffer_percent(&it->scratch, it->after.data, it->after.size);
    }
    buffer_clear(to);
    buffer_text(to, it->lists ? "{\"method\":\"GET\",\"url\":" : "{\"method\":\"POST\",\"url\":");
    buffer_string(to, it->scratch.data, it->scratch.size);
    buffer_text(to, ",\"headers\":{\"accept\":\"*/*\"");
    if (body) buffer_text(to, ",\"content-type\":\"application/json\"");
    if (it->owner->key.size) {
        buffer_text(to, ",\"x-quill-key\":");
        buffer_string(to, it->owner->key.data, it->owner->key.size);
    }
    buffer_text(to, "}}");
    buffer_clear(&it->rest);
    it->done = 0;
    if (to->failed || it->scratch.failed || it->ask.failed || it->after.failed)
        fail(out, "internal", "there is no memory left", 0);
    else
        out->request(out->context, bytes_of(to), body ? bytes_of(body) : (gatehouse_c_bytes){0, 0});
}

void exchange_request(void* which, const gatehouse_c_out* out) {
    exchange* it = which;
    it->status = 0;
    it->more = 0;
    if (it->lists) {
        buffer_clear(&it->after);
        send(it, "/v1/engines", 0, out);
        return;
    }
    // A retry sends the request again, perhaps without the tone.  The part after `whole` is added each time.
    const size_t whole = it->ask.size;
    buffer_text(&it->ask, it->owner->florid && !it->plain ? ",\"tone\":\"florid\"}" : "}");
    send(it, "/v1/compose", &it->ask, out);
    it->ask.size = whole;
}

/// Quill reports an unknown field with 422 and a problem that names the field.
int32_t exchange_amend(void* which, gatehouse_c_bytes error) {
    static const char message[] = "host of the engine rejected the tone, retrying without it";
    exchange* it = which;
    const json problem = json_parse(error.data, error.size);
    if (it->plain || !it->owner->florid || !json_is(json_member(problem, "param"), "tone")) return 0;
    it->plain = 1;
    it->owner->host->log(it->owner->host->context, 1, (gatehouse_c_bytes){message, sizeof message - 1});
    return 1;
}

// --- responses --------------------------------------------------------------

void exchange_head(void* which, int32_t status, gatehouse_c_bytes headers) {
    (void)headers;
    ((exchange*)which)->status = status;
}

static void say(exchange* it, const gatehouse_c_out* out) {
    if (it->out.failed || it->scratch.failed)
        fail(out, "internal", "there is no memory left", 0);
    else
        out->emit(out->context, bytes_of(&it->out));
}

static void say_text(exchange* it, json text, const gatehouse_c_out* out) {
    buffer_clear(&it->scratch);
    if (!json_string(text, &it->scratch)) return;
    if (it->scratch.failed)
        fail(out, "internal", "there is no memory left", 0);
    else
        out->text(out->context, 0, bytes_of(&it->scratch));
}

static void say_done(exchange* it, json top, const gatehouse_c_out* out) {
    int64_t read = 0, wrote = 0;
    buffer_clear(&it->out);
    buffer_text(&it->out, "{\"type\":\"finish\",\"reason\":\"");
    buffer_text(&it->out, json_is(json_member(top, "done"), "most_words") ? "length\"}" : "stop\"}");
    say(it, out);
    it->done = 1;
    if (!json_integer(json_member(top, "read"), &read) || !json_integer(json_member(top, "wrote"), &wrote))
        return;
    buffer_clear(&it->out);
    buffer_text(&it->out, "{\"type\":\"usage\",\"prompt\":");
    buffer_integer(&it->out, read < 0 ? 0 : read);
    buffer_text(&it->out, ",\"completion\":");
    buffer_integer(&it->out, wrote < 0 ? 0 : wrote);
    buffer_text(&it->out, "}");
    say(it, out);
}

/// Reads a line of a flow or a complete document; the members decide.
static void take_answer(exchange* it, const char* data, size_t size, const gatehouse_c_out* out) {
    const json top = json_parse(data, size);
    if (!top.at || *top.at != '{') {
        fail(out, "upstream", "quill's answer cannot be understood", 0);
    } else if (json_member(top, "problem").at) {
        fail(out, "upstream", "quill broke off its answer", 0);
    } else {
        say_text(it, json_member(top, it->flows ? "piece" : "text"), out);
        if (json_is_string(json_member(top, "done"))) say_done(it, top, out);
    }
}

static void take_models(exchange* it, const gatehouse_c_out* out) {
    const json top = json_parse(it->rest.data, it->rest.size);
    const json engines = json_member(top, "engines"), after = json_member(top, "after");
    const json none = {0, 0};
    if (!json_is_list(engines)) {
        fail(out, "upstream", "quill's list of engines cannot be understood", 0);
        return;
    }
    for (json one = json_next(engines, none); one.at; one = json_next(engines, one)) {
        const json id = json_member(one, "id");
        int64_t reads = 0;
        if (!json_is_string(id) || id.end - id.at <= 2) continue;
        buffer_clear(&it->out);
        buffer_text(&it->out, "{\"type\":\"model\",\"owned_by\":\"quill\",\"id\":");
        buffer_add(&it->out, id.at, (size_t)(id.end - id.at));
        if (json_integer(json_member(one, "reads"), &reads) && reads > 0) {
            buffer_text(&it->out, ",\"context_window\":");
            buffer_integer(&it->out, reads);
        }
        buffer_text(&it->out, "}");
        say(it, out);
    }
    buffer_clear(&it->after);
    it->more = json_string(after, &it->after) && it->after.size <= most_after;
}

void exchange_body(void* which, gatehouse_c_bytes bytes, const gatehouse_c_out* out) {
    exchange* it = which;
    if (it->done || bytes.size == 0) return;  // no bytes belong to the response after its last line
    buffer_add(&it->rest, bytes.data, bytes.size);
    if (it->rest.failed || (int64_t)it->rest.size > it->owner->most_bytes) {
        fail(out, "upstream", "quill's answer is too large", 0);
        return;
    }
    if (it->status != 200 || !it->flows) return;
    size_t begun = 0;
    // Only the new bytes can have the line break.
    const char* from = it->rest.data + (it->rest.size - bytes.size);
    const char* end = it->rest.data + it->rest.size;
    for (const char* found; !it->done && from < end && (found = memchr(from, '\n', (size_t)(end - from)));
         from = found + 1) {
        const char* line = it->rest.data + begun;
        if (found > line && memcmp(line, "\r\n", 2) != 0) take_answer(it, line, (size_t)(found - line), out);
        begun = (size_t)(found + 1 - it->rest.data);
    }
    buffer_drop(&it->rest, begun);
}

/// The gateway knows the meaning of the status, but not of this problem.
static void explain(exchange* it, const gatehouse_c_out* out) {
    const json problem = json_member(json_parse(it->rest.data, it->rest.size), "problem");
    if (json_is(problem, "unknown tone")) fail(out, "unprocessable", "quill knows no such tone", "tone");
}

void exchange_end(void* which, const gatehouse_c_out* out) {
    exchange* it = which;
    if (it->status != 200) {
        explain(it, out);
    } else if (it->lists) {
        take_models(it, out);
    } else if (!it->done) {
        if (it->rest.size) take_answer(it, it->rest.data, it->rest.size, out);
        if (!it->done) fail(out, "upstream", "quill's answer is not complete", 0);
    }
}

void exchange_next(void* which, const gatehouse_c_out* out) {
    exchange* it = which;
    if (!it->more) return;
    it->more = 0;
    send(it, "/v1/engines", 0, out);
}

int32_t exchange_complete(void* which) { return ((exchange*)which)->done; }
