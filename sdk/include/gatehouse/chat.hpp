// SPDX-License-Identifier: Apache-2.0
// A chat request, in the vocabulary of all dialects and providers.
//
// It has a member for each field of OpenAI's Chat Completions, and members for facts of
// other protocols, each with its source.  Unknown members are kept as JSON text, one object
// each: `extra` has those of an object itself, `inner_extra` those of the object within it
// that carries its content (`image_url`, `input_audio`, `file`, `function`, `custom`,
// `json_schema`).  Nothing is lost on the way to an upstream that speaks the protocol of
// the client.
// Plain values: one thread at a time.
#pragma once

#include "gatehouse/json_string.hpp"
#include "gatehouse/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse {

// --- messages ----------------------------------------------------------------

struct Text {
    JsonString text = {};
    JsonText extra = {};  // such as `cache_control`
};
struct Image {
    JsonString url = {};      // http:, https: or data:
    std::string detail = {};  // "auto", "low", "high", another word of the client, or empty
    JsonText extra = {}, inner_extra = {};
};
struct Audio {
    JsonString data = {};     // base64
    std::string format = {};  // "wav", "mp3"
    JsonText extra = {}, inner_extra = {};
};
struct File {
    JsonString data = {};       // a data: URL, or empty
    std::string filename = {};  // may be empty
    std::string id = {};        // id of an uploaded file, or empty
    JsonText extra = {}, inner_extra = {};
};
struct Refusal {
    std::string text = {};
    JsonText extra = {};
};
/// A thought of the model, in a message of role assistant.  A vendor that signs or encrypts
/// thoughts requires them back unchanged, and accepts no others.
struct Thought {
    JsonString text = {};        // empty: the vendor shows no text
    std::string signature = {};  // Anthropic's `signature` of `thinking`
    std::string encrypted = {};  // `data` of Anthropic's `redacted_thinking`, OpenAI's `encrypted_content`
    std::string origin = {};     // the protocol whose upstream issued it: "anthropic"; empty: not known
    JsonText extra = {};
};
/// The place of a tool call among the parts of a message of role assistant.  A call without
/// a place follows all parts.  Providers that cannot express it skip this part.
struct ToolCallRef {
    std::size_t index = 0;  // into Message::tool_calls
};
/// A part of a kind that is unknown to this vocabulary.
struct OtherPart {
    std::string type = {};
    JsonText json = {};  // the complete part, in the words of ChatRequest::protocol
};
using Part = std::variant<Text, Image, Audio, File, Refusal, Thought, ToolCallRef, OtherPart>;

struct ToolCall {
    std::string id = {}, name = {};
    JsonString arguments = {};  // the model's output: should be JSON, but may be invalid
    bool custom = false;        // a custom tool was called: `arguments` is free text (`custom.input`)
    JsonText extra = {},
             inner_extra = {};  // such as Gemini's `extra_content` with the signature of a thought
};

enum class Role { system, developer, user, assistant, tool };

/// OpenAI's word for a role: "system", "developer", "user", "assistant", "tool".
inline std::string_view word_of(Role role) {
    switch (role) {
        case Role::system: return "system";
        case Role::developer: return "developer";
        case Role::user: return "user";
        case Role::assistant: return "assistant";
        case Role::tool: return "tool";
    }
    return "user";
}

struct Message {
    Role role = Role::user;
    std::vector<Part> parts = {};  // empty: content was null, absent or []
    /// The content was an array of parts, and stays one even with a single text: an upstream
    /// caches the prompts that begin as an earlier one did.
    bool listed = false;
    std::string name = {};
    std::vector<ToolCall> tool_calls = {};  // role assistant
    std::string tool_call_id = {};          // role tool
    std::string refusal = {};               // role assistant
    std::string reasoning = {};             // role assistant: `reasoning_content`
    bool failed = false;                    // role tool: the tool failed (Anthropic's `is_error`)
    JsonText extra = {};
};

/// All text parts of `message`, joined.
inline std::string text_of(const Message& message) {
    std::string joined;
    for (const Part& part : message.parts)
        if (auto* text = std::get_if<Text>(&part)) joined += text->text.str();
    return joined;
}

// --- the request -------------------------------------------------------------

struct Tool {
    std::string type = "function";  // "function", "custom" (free text instead of JSON), or another
    std::string name = {};
    JsonString description = {};
    SharedJson parameters = {};  // type function: a JSON schema; empty: not sent
    std::optional<bool> strict = {};
    JsonText format = {};  // type custom: the grammar of the text; empty: not sent
    JsonText extra = {}, inner_extra = {};
    JsonText json = {};  // another type: the complete tool, in the words of ChatRequest::protocol
};

struct ToolChoice {
    enum class Mode { unset, automatic, none, required, named, other };
    Mode mode = Mode::unset;
    std::string name = {};  // mode named, like the next two lines
    bool custom = false;    // the tool is a custom one
    JsonText extra = {}, inner_extra = {};
    JsonText json = {};  // mode other: the value as received
};

struct ResponseFormat {
    enum class Kind { unset, text, json_object, json_schema, other };
    Kind kind = Kind::unset;
    std::string name = {}, description = {};  // kind json_schema, like the next two
    JsonText schema = {};
    std::optional<bool> strict = {};
    JsonText extra = {}, inner_extra = {};
    JsonText json = {};  // kind other: the value as received
};

struct Sampling {
    std::optional<double> temperature = {}, top_p = {};
    std::optional<double> presence_penalty = {}, frequency_penalty = {};
    std::optional<std::int64_t> top_k = {};                  // an extension of many servers
    std::optional<std::int64_t> max_tokens = {};             // the older name
    std::optional<std::int64_t> max_completion_tokens = {};  // counts reasoning too
    std::optional<std::int64_t> seed = {}, n = {}, top_logprobs = {};
    std::optional<bool> logprobs = {};
    std::vector<std::string> stop = {};
    JsonText logit_bias = {};  // an object: token id to number

    /// The client's output limit by either name.  The newer name has precedence.
    std::optional<std::int64_t> output_limit() const {
        return max_completion_tokens ? max_completion_tokens : max_tokens;
    }
};

/// The fields of a text completion that a chat does not have.  It is OpenAI's older
/// endpoint POST /v1/completions, where a model continues a text.
struct TextCompletion {
    JsonText prompts = {};  // several texts or tokens, as received; empty: the text of the only message
    std::string suffix = {};
    std::optional<bool> echo = {};
    std::optional<std::int64_t> best_of = {};
    std::optional<std::int64_t> logprobs = {};  // how many per token
};

struct ChatRequest {
    std::string model = {};  // the client's name; after mapping, the provider's own name
    /// The protocol of the client, whose words are in `extra`, OtherPart, Tool::json and the
    /// like: "openai", "responses", "anthropic".  A provider of the same protocol sends all of them.
    /// Another provider sends those that it knows.
    std::string protocol = "openai";
    std::vector<Message> messages = {};
    std::vector<Tool> tools = {};
    ToolChoice tool_choice = {};
    std::optional<bool> parallel_tool_calls = {};
    ResponseFormat response_format = {};
    Sampling sampling = {};
    std::string reasoning_effort = {}, verbosity = {}, service_tier = {};  // as sent; empty: not sent
    std::string reasoning_summary = {};  // the Responses API's `reasoning.summary`; empty: not sent
    bool stream = false;
    bool include_usage = false;  // if streaming: the client asked for usage
    JsonText stream_extra = {};  // unknown members of `stream_options`
    JsonText prediction = {}, web_search_options = {}, metadata = {}, modalities = {}, audio = {};
    std::optional<bool> store = {};
    std::string user = {}, safety_identifier = {}, prompt_cache_key = {};
    std::vector<std::string> betas = {};  // values of the header `anthropic-beta`
    JsonText extra = {};

    /// Set for a text completion.  Its prompt is the only message, so that a provider for
    /// chats serves it without extra code.  `messages` is empty if the prompt is not one
    /// text.  Such a provider rejects it as unsupported.
    std::optional<TextCompletion> completion = {};
};

/// All text parts of the last user message, joined.
inline std::string last_user_text(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
        if (message->role == Role::user) return text_of(*message);
    return {};
}

}  // namespace gatehouse
