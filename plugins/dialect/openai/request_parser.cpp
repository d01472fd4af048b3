// SPDX-License-Identifier: Apache-2.0
// The members of the request itself: a table of names and how each is read.
#include "plugins/dialect/openai/request_parser.hpp"

#include "plugins/dialect/openai/body.hpp"
#include "plugins/dialect/openai/fields.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::openai {

namespace {

constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();

using ReadField = bool (*)(Reader&, json::Value&, const Where&, Draft&);

struct Field {
    std::string_view name;
    ReadField read;
};

template <auto Member>
bool text_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.*Member);
}
template <auto Member>
bool flag_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.*Member);
}
template <auto Member>
bool object_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_object(value, where, draft.request.*Member);
}
template <auto Member, int Low, int High>
bool number_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_number(value, where, Low, High, draft.request.sampling.*Member);
}
template <auto Member, std::int64_t Low, std::int64_t High>
bool integer_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_integer(value, where, Low, High, draft.request.sampling.*Member);
}

bool logprobs_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.request.sampling.logprobs);
}

bool stream_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    std::optional<bool> flag;
    if (!reader.read(value, where, flag)) return false;
    draft.request.stream = flag.value_or(false);
    return true;
}

bool model_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return read_model(reader, value, where, draft.request.model);
}

using Request = ChatRequest;
using S = Sampling;
constexpr auto any_low = std::numeric_limits<std::int64_t>::min();
constexpr auto any_high = std::numeric_limits<std::int64_t>::max();

// In the order of their names, for the binary search.
constexpr std::array fields = {
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
    Field{"parallel_tool_calls", flag_field<&Request::parallel_tool_calls>},
    Field{"prediction", object_field<&Request::prediction>},
    Field{"presence_penalty", number_field<&S::presence_penalty, -2, 2>},
    Field{"prompt_cache_key", text_field<&Request::prompt_cache_key>},
    Field{"reasoning_effort", text_field<&Request::reasoning_effort>},
    Field{"response_format", read_response_format},
    Field{"safety_identifier", text_field<&Request::safety_identifier>},
    Field{"seed", integer_field<&S::seed, any_low, any_high>},
    Field{"service_tier", text_field<&Request::service_tier>},
    Field{"stop", read_stop},
    Field{"store", flag_field<&Request::store>},
    Field{"stream", stream_field},
    Field{"stream_options", read_stream_options},
    Field{"temperature", number_field<&S::temperature, 0, 2>},
    Field{"tool_choice", read_tool_choice},
    Field{"tools", read_tools},
    Field{"top_k", integer_field<&S::top_k, -1, max_int32>},
    Field{"top_logprobs", integer_field<&S::top_logprobs, 0, 20>},
    Field{"top_p", number_field<&S::top_p, 0, 1>},
    Field{"user", text_field<&Request::user>},
    Field{"verbosity", text_field<&Request::verbosity>},
    Field{"web_search_options", object_field<&Request::web_search_options>},
};
static_assert(std::is_sorted(fields.begin(), fields.end(),
                             [](const Field& a, const Field& b) { return a.name < b.name; }));

const Field* find_field(std::string_view name) {
    const auto found =
        std::lower_bound(fields.begin(), fields.end(), name,
                         [](const Field& field, std::string_view key) { return field.name < key; });
    return found != fields.end() && found->name == name ? &*found : nullptr;
}

// What depends on several members.
bool check(Reader& reader, Draft& draft) {
    const ChatRequest& request = draft.request;
    if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (request.messages.empty()) return reader.missing(Where("messages"), "a non-empty array of messages");
    if (request.sampling.top_logprobs && !request.sampling.logprobs.value_or(false))
        return reader.refuse(Where("top_logprobs"), "needs logprobs to be true");
    return check_tools(reader, draft);
}

}  // namespace

Result<ParsedChat> parse_chat(std::string& body, const Bounds& bounds) {
    Reader reader;
    Draft draft{bounds};
    Unknown unknown;
    const auto read = read_body(body, bounds.json_depth, reader, [&](json::Object& top) {
        return json::for_each(top,
                              [&](std::string_view key, json::Value& value) {
                                  if (const Field* field = find_field(key))
                                      return field->read(reader, value, Where(field->name), draft);
                                  unknown.add(key, json::raw(value));
                                  return true;
                              }) &&
               check(reader, draft);
    });
    if (!read) return read.error();
    draft.request.extra = unknown.take();
    return ParsedChat{std::move(draft.request), !draft.functions.empty()};
}

}  // namespace gatehouse::openai
