// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/response_object.hpp"

#include "plugins/dialect/openai/pieces.hpp"

namespace gatehouse::openai_dialect::responses {

namespace {

void write_error(JsonWriter& json, const ResponseState& state) {
    json.key("error");
    if (state.error_code.empty()) {
        json.null();
        return;
    }
    json.begin_object().member("code", state.error_code).member("message", state.error_message).end_object();
}

void write_incomplete(JsonWriter& json, std::string_view reason) {
    json.key("incomplete_details");
    if (reason.empty())
        json.null();
    else
        json.begin_object().member("reason", reason).end_object();
}

}  // namespace

// Always with both details: several clients require them.
void write_usage(JsonWriter& json, const Usage* usage) {
    json.key("usage");
    if (!usage) {
        json.null();
        return;
    }
    const std::int64_t total = usage->total ? usage->total : usage->prompt + usage->completion;
    json.begin_object().member("input_tokens", usage->prompt).key("input_tokens_details").begin_object();
    json.member("cached_tokens", usage->cached.value_or(0));
    json.member("cache_write_tokens", usage->cache_written.value_or(0)).end_object();
    json.member("output_tokens", usage->completion).key("output_tokens_details").begin_object();
    json.member("reasoning_tokens", usage->reasoning.value_or(0)).end_object();
    json.member("total_tokens", total).end_object();
}

std::string response_object(const ResponseFacts& facts, const ResponseState& state) {
    const Echo& echo = facts.echo;
    std::string out;
    out.reserve(512 + echo.before_output.size() + echo.after_output.size() + echo.after_tier.size() +
                state.output.size());
    JsonWriter json(out);
    json.begin_object().member("id", facts.response_id()).member("object", "response");
    json.member("created_at", facts.created).member("status", state.status).member("background", false);
    json.key("completed_at");
    state.completed_at ? json.value(state.completed_at) : json.null();
    if (!facts.conversation.empty())
        json.key("conversation").begin_object().member("id", facts.conversation).end_object();
    write_error(json, state);
    write_incomplete(json, state.incomplete);
    json.key("instructions").raw(state.instructions.empty() ? echo.instructions : state.instructions);
    out.append(",").append(echo.before_output).append("\"output\":[").append(state.output).append("],");
    out.append(echo.after_output).append("\"service_tier\":");
    append_json_string(out, state.service_tier);
    out.append(facts.stored ? ",\"store\":true," : ",\"store\":false,").append(echo.after_tier).pop_back();
    write_usage(json, state.usage);
    json.key("user").raw(echo.user);
    if (state.extra) append_extra(out, *state.extra);
    json.end_object();
    return out;
}

std::string_view stream_code(const Error& error) {
    if (error.kind == ErrorKind::context_length) return "context_length_exceeded";
    if (error.kind == ErrorKind::unavailable) return "server_is_overloaded";
    if (error.kind != ErrorKind::rate_limited) return "server_error";
    return error.code == "insufficient_quota" ? "insufficient_quota" : "rate_limit_exceeded";
}

}  // namespace gatehouse::openai_dialect::responses
