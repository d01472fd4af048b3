/* SPDX-License-Identifier: Apache-2.0
   A word list as a hook in C.  It refuses requests that contain `word`, and masks the word in
   responses, also if it is cut into pieces. */
#include <gatehouse/c_hook.h>

#include <stdlib.h>
#include <string.h>

enum { choices = 128 };
typedef struct hook {
    char word[64];
    size_t size;
} hook;
typedef struct state {
    const hook* list;
    unsigned char matched[3][choices];
} state; /* by channel and choice */

static gatehouse_c_bytes bytes(const char* data) { return (gatehouse_c_bytes){data, strlen(data)}; }

static int is_plain(const char* word, size_t size) { /* ASCII, its first byte only once */
    for (size_t at = 0; at < size; ++at)
        if ((unsigned char)word[at] > 126 || (at && word[at] == word[0])) return 0;
    return size > 0;
}

/* {"settings":{"word":"..."},...}: a word with escapes is refused. */
static void* create(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_hook_out* out) {
    static const char before[] = "\"word\":\"";
    const char* word = strstr(config.data, before) + sizeof before - 1;
    const size_t size = strcspn(word, "\"\\");
    hook* it = calloc(1, sizeof *it);
    (void)host;
    if (it && word[size] == '"' && size < sizeof it->word && is_plain(word, size)) {
        memcpy(it->word, word, it->size = size);
        return it;
    }
    free(it);
    out->fail(out->context, bytes("{\"key\": \"word\", \"message\": \"word must have 1 to 63 ASCII "
                                  "characters, and its first one only once\"}"));
    return 0;
}
static void* begin(void* list, gatehouse_c_bytes info, const gatehouse_c_hook_out* out) {
    state* it = calloc(1, sizeof *it);
    (void)info;
    if (!it) out->fail(out->context, bytes("{\"message\": \"out of memory\", \"kind\": \"internal\"}"));
    if (it) it->list = list;
    return it;
}
static void request(void* which, gatehouse_c_bytes text, const gatehouse_c_hook_out* out) {
    const hook* list = ((state*)which)->list;
    for (size_t at = 0; at + list->size <= text.size; ++at)
        if (memcmp(text.data + at, list->word, list->size) == 0) {
            out->fail(out->context,
                      bytes("{\"message\": \"the request has a forbidden word\", \"code\": \"word\"}"));
            return;
        }
}
static void attempt(void* which) { memset(((state*)which)->matched, 0, sizeof((state*)which)->matched); }
static void flush(void* which, int32_t channel, int32_t choice, const gatehouse_c_hook_out* out) {
    state* it = which;
    if (channel > 2 || choice >= choices) return; /* text has refused them */
    out->text(out->context, (gatehouse_c_bytes){it->list->word, it->matched[channel][choice]});
    it->matched[channel][choice] = 0;
}
static void text(void* which, int32_t channel, int32_t choice, gatehouse_c_bytes piece,
                 const gatehouse_c_hook_out* out) {
    state* it = which;
    size_t passed = 0; /* bytes of the piece before a match */
    if (channel > 2 || choice >= choices) {
        out->fail(out->context,
                  bytes("{\"message\": \"the response has too many choices\", \"kind\": \"unprocessable\"}"));
        return;
    }
    unsigned char* matched = &it->matched[channel][choice];
    for (size_t at = 0; at < piece.size; ++at) {
        /* The first byte of the word is in it once, so that a new match begins only here. */
        if (*matched && piece.data[at] != it->list->word[*matched]) {
            flush(which, channel, choice, out);
            passed = at;
        }
        if (piece.data[at] != it->list->word[*matched]) continue;
        if (*matched == 0) out->text(out->context, (gatehouse_c_bytes){piece.data + passed, at - passed});
        if (++*matched < it->list->size) continue;
        out->text(out->context, bytes("***"));
        *matched = 0;
        passed = at + 1;
    }
    if (*matched == 0) out->text(out->context, (gatehouse_c_bytes){piece.data + passed, piece.size - passed});
}

const gatehouse_c_hook_door gatehouse_c_hook = {
    .magic = GATEHOUSE_C_HOOK_MAGIC,
    .version = GATEHOUSE_C_HOOK_VERSION,
    .size = sizeof(gatehouse_c_hook_door),
    .description =
        "{\"name\": \"words\", \"version\": \"1.0.0\", \"keys\": ["
        "{\"name\": \"word\", \"required\": true, \"doc\": \"The forbidden word.\"}]}",
    .create = create,
    .destroy = free,
    .begin = begin,
    .release = free,
    .request = request,
    .attempt = attempt,
    .text = text,
    .flush = flush};
