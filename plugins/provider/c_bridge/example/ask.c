// SPDX-License-Identifier: Apache-2.0
// Converts a chat in OpenAI's format to Quill's turns.  Strings are copied with their
// escapes.
#include "exchange.h"
#include "json.h"

#include <stdio.h>
#include <string.h>

void fail(const gatehouse_c_out* out, const char* kind, const char* message, const char* param) {
    char text[512];
    const int size = snprintf(text, sizeof text, "{\"message\": \"%s\"%s%s%s%s%s%s}", message,
                              kind ? ", \"kind\": \"" : "", kind ? kind : "", kind ? "\"" : "",
                              param ? ", \"param\": \"" : "", param ? param : "", param ? "\"" : "");
    out->fail(out->context, (gatehouse_c_bytes){text, (size_t)size});
}

static void add_inside(buffer* to, json string) {
    buffer_add(to, string.at + 1, (size_t)(string.end - string.at) - 2);
}

/// Joins the texts of a message.  Returns false if it has other parts.
static int add_content(buffer* to, json content) {
    buffer_text(to, "\"");
    if (json_is_string(content)) {
        add_inside(to, content);
    } else {
        json none = {0, 0};
        for (json part = json_next(content, none); part.at; part = json_next(content, part)) {
            const json text = json_member(part, "text");
            if (!json_is(json_member(part, "type"), "text") || !json_is_string(text)) return 0;
            add_inside(to, text);
        }
    }
    buffer_text(to, "\"");
    return 1;
}

static const char* speaker(json role) {
    if (json_is(role, "user")) return "human";
    if (json_is(role, "assistant")) return "quill";
    if (json_is(role, "system") || json_is(role, "developer")) return "editor";
    return 0;
}

int write_ask(buffer* ask, const quill* owner, gatehouse_c_bytes request, int* flows,
              const gatehouse_c_out* out) {
    const json chat = json_parse(request.data, request.size);
    const json model = json_member(chat, "model"), messages = json_member(chat, "messages");
    if (!json_is_string(model) || !json_is_list(messages)) {
        fail(out, "internal", "the request cannot be read", 0);
        return 0;
    }
    if (json_is_list(json_member(chat, "tools"))) {
        fail(out, "unsupported", "quill has no tools", "tools");
        return 0;
    }
    *flows = json_is_true(json_member(chat, "stream"));
    buffer_text(ask, "{\"engine\":");
    buffer_add(ask, model.at, (size_t)(model.end - model.at));
    buffer_text(ask, *flows ? ",\"flow\":true,\"most_words\":" : ",\"flow\":false,\"most_words\":");
    buffer_integer(ask, owner->words);
    buffer_text(ask, ",\"turns\":[");
    const json none = {0, 0};
    int index = 0;
    for (json message = json_next(messages, none); message.at; message = json_next(messages, message)) {
        char param[48];
        const char* who = speaker(json_member(message, "role"));
        snprintf(param, sizeof param, "messages[%d]", index);
        buffer_text(ask, index++ ? ",{\"who\":\"" : "{\"who\":\"");
        buffer_text(ask, who ? who : "");
        buffer_text(ask, "\",\"says\":");
        if (!who || !add_content(ask, json_member(message, "content"))) {
            fail(out, "unsupported", "quill reads texts of people and of itself only", param);
            return 0;
        }
        buffer_text(ask, "}");
    }
    buffer_text(ask, "]");
    return 1;
}
