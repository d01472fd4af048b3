// SPDX-License-Identifier: Apache-2.0
// The table of a chat's members.
#include "plugins/dialect/openai/request_parser.hpp"

#include "plugins/dialect/openai/field_table.hpp"

#include <array>

namespace gatehouse::openai_dialect {

namespace {

bool logprobs_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.sampling.logprobs);
}

using Request = ChatRequest;
using S = Sampling;

// Sorted by name for the binary search.
constexpr std::array chat_fields = {
    Field{"audio", object_field<&Request::audio>},
    Field{"frequency_penalty", number_field<&S::frequency_penalty, -2, 2>},
    Field{"function_call", read_function_call},
    Field{"functions", read_functions},
    Field{"logit_bias", read_logit_bias},
    Field{"logprobs", logprobs_field},
    Field{"max_completion_tokens", integer_field<&S::max_completion_tokens, 1, max_int32>},
    Field{"max_tokens", integer_field<&S::max_tokens, 1, max_int32>},
    Field{"messages", read_messages},
    Field{"metadata", object_field<&Request::metadata>},
    Field{"modalities", read_modalities},
    Field{"model", model_field},
    Field{"n", integer_field<&S::n, 1, 128>},
    Field{"parallel_tool_calls", plain_field<&Request::parallel_tool_calls>},
    Field{"prediction", object_field<&Request::prediction>},
    Field{"presence_penalty", number_field<&S::presence_penalty, -2, 2>},
    Field{"prompt_cache_key", plain_field<&Request::prompt_cache_key>},
    Field{"reasoning_effort", plain_field<&Request::reasoning_effort>},
    Field{"response_format", read_response_format},
    Field{"safety_identifier", plain_field<&Request::safety_identifier>},
    Field{"seed", integer_field<&S::seed, min_int64, max_int64>},
    Field{"service_tier", plain_field<&Request::service_tier>},
    Field{"stop", read_stop},
    Field{"store", plain_field<&Request::store>},
    Field{"stream", stream_field},
    Field{"stream_options", read_stream_options},
    Field{"temperature", number_field<&S::temperature, 0, 2>},
    Field{"tool_choice", read_tool_choice},
    Field{"tools", read_tools},
    Field{"top_k", integer_field<&S::top_k, -1, max_int32>},
    Field{"top_logprobs", integer_field<&S::top_logprobs, 0, 20>},
    Field{"top_p", number_field<&S::top_p, 0, 1>},
    Field{"user", plain_field<&Request::user>},
    Field{"verbosity", plain_field<&Request::verbosity>},
    Field{"web_search_options", object_field<&Request::web_search_options>},
};
static_assert(is_sorted_by_name(chat_fields));

// Checks conditions on several members.
bool check_chat(Reader& reader, Draft& draft) {
    const ChatRequest& request = draft.request;
    if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (request.messages.empty()) return reader.missing(Where("messages"), "a non-empty array of messages");
    if (request.sampling.top_logprobs && !request.sampling.logprobs.value_or(false))
        return reader.refuse(Where("top_logprobs"), "needs logprobs to be true");
    return check_tools(reader, draft);
}

}  // namespace

Result<ToolNames> parse_chat(std::string body, const Bounds& bounds, ChatRequest& request) {
    Draft draft{bounds, request};
    if (auto read = read_request(std::move(body), draft, chat_fields, check_chat); !read) return read.error();
    return draft.functions.empty() ? ToolNames::tools : ToolNames::functions;
}

}  // namespace gatehouse::openai_dialect
