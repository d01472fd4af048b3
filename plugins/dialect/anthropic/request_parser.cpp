// SPDX-License-Identifier: Apache-2.0
// The table of a message's members.
#include "plugins/dialect/anthropic/request_parser.hpp"

#include "plugins/common/client/field_table.hpp"
#include "plugins/dialect/anthropic/draft.hpp"

#include <array>

namespace gatehouse::anthropic_dialect {

namespace {

using namespace client;
using S = Sampling;
using Row = client::Field<Draft>;

// Sorted by name for the binary search.
constexpr std::array fields = {
    Row{"max_tokens", integer_field<&S::max_completion_tokens, 0, max_int32>},
    Row{"messages", read_messages},
    Row{"metadata", read_metadata},
    Row{"model", model_field},
    Row{"output_config", read_output_config},
    Row{"output_format", read_output_format},
    Row{"service_tier", read_service_tier},
    Row{"stop_sequences", read_stop},
    Row{"stream", stream_field},
    Row{"system", read_system},
    Row{"temperature", number_field<&S::temperature, 0, 1>},
    Row{"thinking", read_thinking},
    Row{"tool_choice", read_tool_choice},
    Row{"tools", read_tools},
    Row{"top_k", integer_field<&S::top_k, 0, max_int32>},
    Row{"top_p", number_field<&S::top_p, 0, 1>},
};
static_assert(is_sorted_by_name(fields));

bool check_message(Reader& reader, Draft& draft) {
    ChatRequest& request = draft.request;
    if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (!draft.counts && !request.sampling.max_completion_tokens)
        return reader.missing(Where("max_tokens"), "the largest number of tokens of the answer");
    if (request.messages.empty()) return reader.missing(Where("messages"), "a non-empty array of messages");
    if (!check_tools(reader, draft)) return false;
    if (draft.system.empty()) return true;
    request.messages.insert(
        request.messages.begin(),
        {.role = Role::system, .parts = std::move(draft.system), .listed = draft.system_listed});
    return true;
}

/// Adds a member to the object `extra`.
void add_member(JsonText& extra, std::string_view name, const std::string& json) {
    if (json.empty()) return;
    std::string& text = extra.text;
    if (text.empty())
        text = "{";
    else
        text.back() = ',';
    text.append("\"").append(name).append("\":").append(json).append("}");
}

}  // namespace

Result<ParsedMessage> parse_message(std::string body, const Bounds& bounds, bool counts) {
    ParsedMessage parsed{.request = {.protocol = "anthropic", .include_usage = true}};
    Draft draft{.bounds = bounds, .counts = counts, .request = parsed.request};
    auto read = read_request<Draft>(std::move(body), draft, fields, check_message, Reader(PathStyle::dots));
    if (!read) return read.error();
    settle_settings(draft);
    add_member(draft.request.extra, "thinking", draft.thinking_json);
    add_member(draft.request.extra, "output_config", draft.config_json);
    parsed.asks_thoughts = draft.asks_thoughts;
    return parsed;
}

}  // namespace gatehouse::anthropic_dialect
