// SPDX-License-Identifier: Apache-2.0
// Members of a text completion.  Members of chats are read in the same way.  A single prompt
// becomes the only message of a chat, so that providers without text completions can serve
// it.
#include "plugins/dialect/openai/field_table.hpp"

#include <array>

namespace gatehouse::openai_dialect {

namespace {

// Each text is a choice of the response, and all choices are in memory at the same time.
constexpr std::size_t max_texts = 1'024;
constexpr const char* expected_prompt = "a string, an array of strings, or tokens in one array or several";

void set_prompt(Draft& draft, std::string text) {
    draft.request.messages.push_back({.role = Role::user, .parts = {Text{std::move(text)}}});
}

bool read_token(Reader& reader, json::Value& value, const Where& where) {
    const auto token = json::integer(value);
    return (token && *token >= 0 && *token <= max_int32) ||
           reader.wrong_type(where, "a token's number", value);
}

bool read_tokens(Reader& reader, json::Value& value, const Where& where) {
    json::Array tokens;
    if (!reader.open(value, where, "an array of tokens", tokens)) return false;
    bool any = false;
    const bool read = json::for_each(tokens, [&](json::Value& token, std::size_t index) {
        return any = true, read_token(reader, token, Where(where, index));
    });
    return read && (any || reader.refuse(where, "must not be empty"));
}

// All elements must have the type of the first.
bool read_prompts(Reader& reader, json::Array& list, const Where& where, Draft& draft) {
    auto kind = json::Type::null;
    std::size_t count = 0;
    std::string first;
    const bool read = json::for_each(list, [&](json::Value& item, std::size_t index) {
        const Where at(where, index);
        if (index == 0) kind = json::type_of(item);
        count = index + 1;
        if (kind == json::Type::number) return read_token(reader, item, at);
        if (index >= draft.bounds.inputs)
            return reader.refuse(where,
                                 "must have at most " + std::to_string(draft.bounds.inputs) + " prompts");
        if (kind == json::Type::array) return read_tokens(reader, item, at);
        const bool text =
            index == 0 ? json::take_string(item, first) : json::type_of(item) == json::Type::string;
        return text || reader.wrong_type(
                           at, index == 0 ? "a string, a token or an array of tokens" : "a string", item);
    });
    if (!read) return false;
    if (count == 0) return reader.refuse(where, "must not be empty");
    draft.prompts = kind == json::Type::number ? 1 : count;
    if (kind == json::Type::string && count == 1)
        set_prompt(draft, std::move(first));
    else
        draft.request.completion->prompts.text = json::raw(list);
    return true;
}

bool read_prompt(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    draft.request.messages.clear();
    draft.request.completion->prompts = {};
    draft.prompts = 0;
    if (json::is_null(value)) return true;  // missing; reported later
    if (json::type_of(value) != json::Type::string) {
        json::Array list;
        return reader.open(value, where, expected_prompt, list) && read_prompts(reader, list, where, draft);
    }
    std::string text;
    draft.prompts = 1;
    return json::take_string(value, text) && (set_prompt(draft, std::move(text)), true);
}

// An upstream with chats only could not serve a second list of messages.
bool refuse_messages(Reader& reader, json::Value& value, const Where& where, Draft&) {
    return json::is_null(value) ||
           reader.refuse(where, "belong to chat/completions; send the text to continue in prompt");
}

using T = TextCompletion;
template <auto Member>
bool own_field(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read(value, where, *draft.request.completion.*Member);
}
template <auto Member, std::int64_t Low, std::int64_t High>
bool own_integer(Reader& reader, json::Value& value, const Where& where, Draft& draft) {
    return reader.read_integer(value, where, Low, High, *draft.request.completion.*Member);
}

using S = Sampling;

// Sorted by name for the binary search.
constexpr std::array completion_fields = {
    Field{"best_of", own_integer<&T::best_of, 1, 128>},
    Field{"echo", own_field<&T::echo>},
    Field{"frequency_penalty", number_field<&S::frequency_penalty, -2, 2>},
    Field{"logit_bias", read_logit_bias},
    Field{"logprobs", own_integer<&T::logprobs, 0, 5>},
    Field{"max_completion_tokens", integer_field<&S::max_completion_tokens, 1, max_int32>},
    // 0 is valid: with `echo`, it returns the probability of the prompt.
    Field{"max_tokens", integer_field<&S::max_tokens, 0, max_int32>},
    Field{"messages", refuse_messages},
    Field{"model", model_field},
    Field{"n", integer_field<&S::n, 1, 128>},
    Field{"presence_penalty", number_field<&S::presence_penalty, -2, 2>},
    Field{"prompt", read_prompt},
    Field{"seed", integer_field<&S::seed, min_int64, max_int64>},
    Field{"stop", read_stop},
    Field{"stream", stream_field},
    Field{"stream_options", read_stream_options},
    Field{"suffix", own_field<&T::suffix>},
    Field{"temperature", number_field<&S::temperature, 0, 2>},
    Field{"top_k", integer_field<&S::top_k, -1, max_int32>},
    Field{"top_p", number_field<&S::top_p, 0, 1>},
    Field{"user", plain_field<&ChatRequest::user>},
};
static_assert(is_sorted_by_name(completion_fields));

bool check_completion(Reader& reader, Draft& draft) {
    ChatRequest& request = draft.request;
    if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
    if (draft.prompts == 0) return reader.missing(Where("prompt"), expected_prompt);
    const std::int64_t n = request.sampling.n.value_or(1);
    if (draft.prompts * static_cast<std::size_t>(n) > max_texts)
        return reader.refuse(
            Where(draft.prompts > max_texts ? "prompt" : "n"),
            "asks for too many texts: prompts times n must be at most " + std::to_string(max_texts));
    const std::int64_t best_of = request.completion->best_of.value_or(n);
    if (best_of < n)
        return reader.refuse(Where("best_of"), "must be at least n, which is " + std::to_string(n));
    if (best_of > n && request.stream)
        return reader.refuse(Where("best_of"), "cannot be greater than n in a stream");
    // For providers that support only chats.
    if (request.completion->logprobs) {
        request.sampling.logprobs = true;
        request.sampling.top_logprobs = request.completion->logprobs;
    }
    return true;
}

}  // namespace

Result<ParsedCompletion> parse_completion(std::string body, const Bounds& bounds) {
    ParsedCompletion parsed;
    Draft draft{bounds, parsed.request};
    draft.request.completion.emplace();
    if (auto read = read_request(std::move(body), draft, completion_fields, check_completion); !read)
        return read.error();
    parsed.prompts = draft.prompts;
    return parsed;
}

}  // namespace gatehouse::openai_dialect
