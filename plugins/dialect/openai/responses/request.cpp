// SPDX-License-Identifier: Apache-2.0
// The table of a request's members, and the order in which they are understood: tools, input,
// choice of a tool.
#include "plugins/dialect/openai/responses/request.hpp"

#include "plugins/dialect/openai/field_table.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/echo.hpp"

#include <array>

namespace gatehouse::openai_dialect::responses {

namespace {

using Draft = ResponseDraft;
using Field = FieldOf<Draft>;
using Request = ChatRequest;
using S = Sampling;

template <auto Member>
bool later_field(Reader&, json::Value& value, const Where&, Draft& draft) {
    draft.*Member = value;
    if (json::is_null(value)) (draft.*Member).reset();
    return true;
}

template <auto Member>
bool draft_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, draft.*Member);
}

/// Checks the type of a member that is only repeated.
template <json::Type Type>
bool repeated_field(Reader& reader, json::Value& value, const Where& where, Draft&) {
    const char* expected = Type == json::Type::object ? "an object" : "a number";
    return json::is_null(value) || json::type_of(value) == Type || reader.wrong_type(where, expected, value);
}

bool background_field(Reader& reader, json::Value& value, const Where& where, Draft&) {
    std::optional<bool> flag;
    if (!reader.read(value, where, flag)) return false;
    return !flag.value_or(false) || refuse_unsupported(reader, where, "is not available: send false");
}

bool prompt_field(Reader& reader, json::Value& value, const Where& where, Draft&) {
    return json::is_null(value) ||
           refuse_unsupported(reader, where, "names a template at OpenAI: send the text as input");
}

bool conversation_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.conversation.clear();
    if (json::is_null(value) || json::take_string(value, draft.conversation)) return true;
    json::Object object;
    return reader.open(value, where, "an id or an object with an id", object) &&
           json::for_each(object, [&](std::string_view key, json::Value& member) {
               return key != "id" || reader.read(member, Where(where, "id"), draft.conversation);
           });
}

bool truncation_field(Reader& reader, json::Value& value, const Where& where, Draft&) {
    std::string word;
    if (!reader.read(value, where, word)) return false;
    return word.empty() || word == "auto" || word == "disabled" ||
           reader.wrong_word(where, {"auto", "disabled"}, word);
}

// Sorted by name for the binary search.
constexpr std::array response_fields = {
    Field{"background", background_field},
    Field{"conversation", conversation_field},
    Field{"include", read_include},
    Field{"input", later_field<&Draft::input>},
    Field{"instructions", draft_field<&Draft::instructions>},
    Field{"max_output_tokens", integer_field<&S::max_completion_tokens, 1, max_int32>},
    Field{"max_tool_calls", repeated_field<json::Type::number>},
    Field{"metadata", repeated_field<json::Type::object>},
    Field{"model", model_field},
    Field{"parallel_tool_calls", plain_field<&Request::parallel_tool_calls>},
    Field{"previous_response_id", draft_field<&Draft::previous_response_id>},
    Field{"prompt", prompt_field},
    Field{"prompt_cache_key", plain_field<&Request::prompt_cache_key>},
    Field{"reasoning", read_reasoning},
    Field{"safety_identifier", plain_field<&Request::safety_identifier>},
    Field{"service_tier", plain_field<&Request::service_tier>},
    Field{"store", draft_field<&Draft::store>},
    Field{"stream", stream_field},
    Field{"stream_options", read_stream_options},
    Field{"temperature", number_field<&S::temperature, 0, 2>},
    Field{"text", read_text},
    Field{"tool_choice", later_field<&Draft::choice>},
    Field{"tools", later_field<&Draft::tool_list>},
    Field{"top_logprobs", integer_field<&S::top_logprobs, 0, 20>},
    Field{"top_p", number_field<&S::top_p, 0, 1>},
    Field{"truncation", truncation_field},
    Field{"user", plain_field<&Request::user>},
};
static_assert(is_sorted_by_name(response_fields));

bool check_state(Reader& reader, const Draft& draft) {
    const Where previous("previous_response_id");
    if (!draft.conversation.empty() && !draft.previous_response_id.empty())
        return reader.fail({.kind = ErrorKind::bad_request,
                            .message = "previous_response_id cannot be given together with conversation",
                            .code = "mutually_exclusive_parameters",
                            .param = "previous_response_id"});
    if (!draft.conversation.empty())
        return refuse_unsupported(reader, Where("conversation"), "is not available: send the items as input");
    return draft.previous_response_id.empty() ||
           refuse_unsupported(reader, previous,
                              "needs a store, and this gateway has none: send the items as input");
}

void add_instructions(Draft& draft) {
    if (draft.instructions.empty()) return;
    Message message{.role = Role::system};
    message.parts.emplace_back(Text{draft.instructions});
    draft.turns.add(std::move(message));
}

/// Log probabilities are sent only if the client wants to see them.
void settle_logprobs(Draft& draft) {
    if (draft.logprobs)
        draft.request.sampling.logprobs = true;
    else
        draft.request.sampling.top_logprobs.reset();
}

bool check_response(Reader& reader, Draft& draft) {
    if (draft.request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (!check_state(reader, draft)) return false;
    if (draft.tool_list && !read_tools(reader, *draft.tool_list, Where("tools"), draft)) return false;
    add_instructions(draft);
    if (!draft.input) return reader.missing(Where("input"), "a string or an array of items");
    const std::size_t before = draft.turns.size();
    if (!read_input(reader, *draft.input, Where("input"), draft)) return false;
    if (draft.turns.size() == before) return reader.missing(Where("input"), "a message or another item");
    if (!read_tool_choice(reader, draft)) return false;
    settle_logprobs(draft);
    draft.request.messages = draft.turns.take();
    draft.echo = echo_of(draft, false);
    return true;
}

}  // namespace

Result<ParsedResponse> parse_response(std::string body, const Bounds& bounds) {
    Draft draft{bounds};
    draft.request.protocol = protocol;
    if (auto read = read_request(std::move(body), draft, response_fields, check_response); !read)
        return read.error();
    ParsedResponse parsed{.request = std::move(draft.request), .dropped = std::move(draft.dropped)};
    parsed.facts.stream = parsed.request.stream;
    parsed.facts.logprobs = draft.logprobs;
    parsed.facts.encrypted = draft.encrypted;
    parsed.facts.echo = std::move(draft.echo);
    parsed.facts.tools = std::move(draft.tools);
    return parsed;
}

}  // namespace gatehouse::openai_dialect::responses
