// SPDX-License-Identifier: Apache-2.0
// Thinking, effort, the format of the answer, stop sequences, and the client's user.
#include "plugins/dialect/anthropic/draft.hpp"

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::size_t longest_user = 64;  // OpenAI's limit

/// The effort of other protocols for a budget of thinking in tokens.
std::string_view effort_of(std::int64_t budget) {
    if (budget < 4096) return "low";
    return budget < 16000 ? "medium" : "high";
}

/// {"type": "json_schema", "schema": …}.  Another type is for an upstream of the same protocol.
bool read_format(Reader& reader, json::Value& value, const Where& where, ResponseFormat& format) {
    format = {};
    if (json::is_null(value)) return true;
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    if (type != "json_schema") {
        format.kind = ResponseFormat::Kind::other;
        format.json.text = json::raw(object);
        return true;
    }
    format = {.kind = ResponseFormat::Kind::json_schema, .name = "answer", .strict = true};
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "schema" || reader.read_object(member, Where(where, "schema"), format.schema);
    });
    return read && (!format.schema.empty() || reader.missing(Where(where, "schema"), "a JSON schema"));
}

}  // namespace

bool read_thinking(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.asks_thoughts = draft.no_thoughts = false;
    draft.budget_effort.clear();
    draft.thinking_json.clear();
    if (json::is_null(value)) return true;
    json::Object object;
    std::string type;
    if (!reader.open(value, where, "an object with a type", object)) return false;
    if (!reader.read_type(object, where, type)) return false;
    std::optional<std::int64_t> budget;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "budget_tokens" ||
               reader.read_integer(member, Where(where, "budget_tokens"), 0, 1'000'000'000, budget);
    });
    if (!read) return false;
    if (type == "enabled" && !budget)
        return reader.missing(Where(where, "budget_tokens"), "the tokens that thinking may take");
    draft.no_thoughts = type == "disabled";
    draft.asks_thoughts = !draft.no_thoughts;
    if (type == "enabled") draft.budget_effort = effort_of(*budget);
    draft.thinking_json = json::raw(object);
    return true;
}

bool read_output_config(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.effort.clear();
    draft.config_format = {};
    draft.config_json.clear();
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    draft.config_json = json::raw(object);
    return json::for_each(object, [&](std::string_view key, json::Value& member) {
        if (key == "effort") return reader.read(member, Where(where, "effort"), draft.effort);
        return key != "format" || read_format(reader, member, Where(where, "format"), draft.config_format);
    });
}

bool read_output_format(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_format(reader, value, where, draft.request.response_format);
}

bool read_metadata(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.request.user.clear();
    if (!reader.read_object(value, where, draft.request.metadata)) return false;
    if (json::is_null(value)) return true;
    json::Object object;
    if (!reader.open(value, where, "an object", object)) return false;
    std::string user;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        return key != "user_id" || reader.read(member, Where(where, "user_id"), user);
    });
    if (!read) return false;
    // Claude Code puts JSON with the id of the device into it, which concerns no other vendor.
    if (user.size() <= longest_user && !user.starts_with('{')) draft.request.user = std::move(user);
    return true;
}

bool read_service_tier(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::string& tier = draft.request.service_tier;
    if (!reader.read(value, where, tier)) return false;
    if (tier == "standard_only") tier = "default";
    return true;
}

bool read_stop(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::vector<std::string>& stop = draft.request.sampling.stop;
    stop.clear();
    if (json::is_null(value)) return true;
    json::Array words;
    if (!reader.open(value, where, "an array of strings", words)) return false;
    return reader.read_strings(words, where, draft.bounds.stop, stop);
}

void settle_settings(Draft& draft) {
    ChatRequest& request = draft.request;
    if (draft.config_format.kind != ResponseFormat::Kind::unset)
        request.response_format = std::move(draft.config_format);
    if (draft.no_thoughts) return;
    request.reasoning_effort = !draft.effort.empty() ? draft.effort : draft.budget_effort;
}

}  // namespace gatehouse::anthropic_dialect
