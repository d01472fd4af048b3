// SPDX-License-Identifier: Apache-2.0
// A provider in C for Quill, a fictional API.  POST /v1/compose accepts turns of a chat.  It
// responds with one document or, if "flow" is requested, with a line of JSON for each piece.
// GET /v1/engines lists its models, page by page.
#include "exchange.h"
#include "json.h"

#include <gatehouse/c.h>

#include <stdlib.h>
#include <string.h>

static const char description[] =
    "{\"name\": \"quill\", \"version\": \"1.0.0\", \"operations\": [\"chat\", \"models\"],"
    " \"request_id_header\": \"x-quill-id\", \"keys\": ["
    "{\"name\": \"base_url\", \"required\": true, \"doc\": \"Base URL of Quill, without a slash at the end.\"},"
    "{\"name\": \"key\", \"secret\": true, \"doc\": \"Value of the header x-quill-key.\"},"
    "{\"name\": \"words\", \"type\": \"integer\", \"default\": 500, \"minimum\": 1, \"maximum\": 100000,"
    " \"doc\": \"Maximum length of an answer, in words.\"},"
    "{\"name\": \"tone\", \"allowed\": [\"plain\", \"florid\"], \"default\": \"plain\","
    " \"doc\": \"Style of the answer.\"}]}";

static void destroy(void* instance) {
    quill* it = instance;
    buffer_free(&it->base_url);
    buffer_free(&it->key);
    free(it);
}

static void* create(const gatehouse_c_host* host, gatehouse_c_bytes config, const gatehouse_c_out* out) {
    quill* it = calloc(1, sizeof *it);
    if (!it) {
        fail(out, 0, "there is no memory left", 0);
        return 0;
    }
    const json all = json_parse(config.data, config.size);
    const json settings = json_member(all, "settings");
    it->host = host;
    it->words = 500;
    it->most_bytes = 64 * 1024 * 1024;
    // The gateway has checked their presence and types.
    json_string(json_member(settings, "base_url"), &it->base_url);
    json_string(json_member(settings, "key"), &it->key);
    json_integer(json_member(settings, "words"), &it->words);
    it->florid = json_is(json_member(settings, "tone"), "florid");
    json_integer(json_member(json_member(all, "limits"), "max_answer_bytes"), &it->most_bytes);

    const char* complaint = 0;
    if (it->base_url.size < 8 || memcmp(it->base_url.data, "http", 4) != 0)
        complaint = "{\"key\": \"base_url\", \"message\": \"base_url must begin with http:// or https://\"}";
    else if (it->base_url.data[it->base_url.size - 1] == '/')
        complaint = "{\"key\": \"base_url\", \"message\": \"base_url must not end with a slash\"}";
    else if (it->base_url.failed || it->key.failed)
        complaint = "{\"message\": \"there is no memory left\"}";
    if (complaint) {
        out->fail(out->context, (gatehouse_c_bytes){complaint, strlen(complaint)});
        destroy(it);
        return 0;
    }
    return it;
}

const gatehouse_c_door gatehouse_c_provider = {
    .magic = GATEHOUSE_C_MAGIC,
    .version = GATEHOUSE_C_VERSION,
    .size = sizeof(gatehouse_c_door),
    .description = description,
    .create = create,
    .destroy = destroy,
    .begin = exchange_begin,
    .release = exchange_release,
    .request = exchange_request,
    .head = exchange_head,
    .body = exchange_body,
    .end = exchange_end,
    .next = exchange_next,
    .complete = exchange_complete,
    .amend = exchange_amend,
};
