// SPDX-License-Identifier: Apache-2.0
// The table of a request's members, and the order in which they are understood: tools, input,
// choice of a tool.
#include "plugins/dialect/openai/responses/request.hpp"

#include "plugins/dialect/openai/field_table.hpp"
#include "plugins/dialect/openai/pieces.hpp"
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

bool check_conversation(Reader& reader, const Draft& draft) {
    if (draft.conversation.empty() || draft.previous_response_id.empty()) return true;
    return reader.fail({.kind = ErrorKind::bad_request,
                        .message = "previous_response_id cannot be given together with conversation",
                        .code = "mutually_exclusive_parameters",
                        .param = "previous_response_id"});
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

/// The conversation so far, and the items of the request.
bool read_all_items(Reader& reader, Draft& draft) {
    if (!read_previous(reader, draft) || !read_conversation(reader, draft)) return false;
    if (!draft.input) return reader.missing(Where("input"), "a string or an array of items");
    want_references(draft);
    if (!draft.wanted.empty()) return true;
    draft.turns.begin_new();
    if (!read_input(reader, *draft.input, Where("input"), draft)) return false;
    return draft.turns.has_new() || reader.missing(Where("input"), "a message or another item");
}

/// Members that the vocabulary does not have and that an upstream of this API understands.
void pass_on(Draft& draft) {
    for (const std::string_view name : {"include", "max_tool_calls", "metadata", "truncation"})
        if (const std::string_view value = draft.noted(name); !value.empty())
            draft.passed.append("\"").append(name).append("\":").append(on_one_line(value)).append(",");
    for (const auto& [name, unknown] :
         {std::pair{"text", &draft.text}, std::pair{"reasoning", &draft.reasoning}})
        if (!unknown->empty())
            draft.passed.append("\"").append(name).append("\":").append(unknown->take().text).append(",");
}

/// Puts them in front of the members that are unknown to the dialect.
void add_passed(std::string passed, JsonText& extra) {
    if (passed.empty()) return;
    if (extra.empty()) {
        passed.back() = '}';
        extra.text = "{" + passed;
    } else {
        extra.text.insert(1, passed);
    }
}

bool check_response(Reader& reader, Draft& draft) {
    if (draft.request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (!check_conversation(reader, draft)) return false;
    if (draft.tool_list && !read_tools(reader, *draft.tool_list, Where("tools"), draft)) return false;
    add_instructions(draft);
    if (!read_all_items(reader, draft)) return false;
    if (!draft.wanted.empty()) return true;
    if (!read_tool_choice(reader, draft)) return false;
    settle_logprobs(draft);
    Turns::Messages messages = draft.turns.take();
    draft.request.messages = std::move(messages.all);
    draft.added = std::move(messages.added);
    draft.echo = echo_of(draft);
    pass_on(draft);
    return true;
}

ResponseFacts facts_of(Draft& draft) {
    ResponseFacts facts{.stream = draft.request.stream,
                        .logprobs = draft.logprobs,
                        .encrypted = draft.encrypted,
                        .echo = std::move(draft.echo),
                        .tools = std::move(draft.tools)};
    facts.stored = draft.recalled && draft.store.value_or(true);
    facts.chain = std::move(draft.chain);
    facts.conversation = std::move(draft.conversation);
    facts.message_count = draft.request.messages.size();
    facts.added = std::move(draft.added);
    facts.instructed = !draft.instructions.empty();
    facts.new_tools = std::move(draft.new_tools);
    return facts;
}

}  // namespace

Result<ParsedResponse> parse_response(const std::shared_ptr<std::string>& body, const Bounds& bounds,
                                      const Recalled* recalled) {
    Draft draft{bounds};
    draft.recalled = recalled;
    draft.request.protocol = protocol;
    if (auto read = read_request(body, draft, response_fields, check_response); !read) return read.error();
    ParsedResponse parsed{.wanted = std::move(draft.wanted)};
    if (!parsed.wanted.empty()) return parsed;
    parsed.facts = facts_of(draft);
    parsed.request = std::move(draft.request);
    add_passed(std::move(draft.passed), parsed.request.extra);
    parsed.passed_items = std::move(draft.passed_items);
    return parsed;
}

}  // namespace gatehouse::openai_dialect::responses
