// SPDX-License-Identifier: Apache-2.0
// A chat request, in the vocabulary of all dialects and providers.
//
// It has a member for each field of OpenAI's Chat Completions.  Unknown fields are kept
// as JSON text in `extra`, on the request and on each message, part and tool.  Nothing
// is lost on the way to an upstream that speaks OpenAI's protocol.
// Plain values: one thread at a time.
#pragma once

#include "gatehouse/json_string.hpp"
#include "gatehouse/json_text.hpp"

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
    JsonText extra = {};  // unknown members of the part, as one object: cache_control
};
struct Image {
    JsonString url = {};      // http:, https: or data:
    std::string detail = {};  // "auto", "low", "high", or empty
};
struct Audio {
    JsonString data = {};     // base64
    std::string format = {};  // "wav", "mp3"
};
struct File {
    JsonString data = {};       // a data: URL, or empty
    std::string filename = {};  // may be empty
    std::string id = {};        // id of an uploaded file, or empty
};
struct Refusal {
    std::string text = {};
};
/// A part of a kind that is unknown to this vocabulary.
struct OtherPart {
    std::string type = {};
    JsonText json = {};  // the complete part
};
using Part = std::variant<Text, Image, Audio, File, Refusal, OtherPart>;

struct ToolCall {
    std::string id = {}, name = {};
    JsonString arguments = {};  // the model's output: should be JSON, but may be invalid
};

enum class Role { system, developer, user, assistant, tool };

struct Message {
    Role role = Role::user;
    std::vector<Part> parts = {};  // empty: content was null, absent or []
    std::string name = {};
    std::vector<ToolCall> tool_calls = {};  // role assistant
    std::string tool_call_id = {};          // role tool
    std::string refusal = {};               // role assistant
    std::string reasoning = {};             // role assistant: `reasoning_content`
    JsonText extra = {};                    // unknown members, as one object
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
    std::string type = "function";  // for another type only `extra` is set, to the complete tool
    std::string name = {};
    JsonString description = {};
    JsonText parameters = {};  // a JSON schema; empty: not sent
    std::optional<bool> strict = {};
    JsonText extra = {};  // unknown members of `function`, as one object
};

struct ToolChoice {
    enum class Mode { unset, automatic, none, required, named, other };
    Mode mode = Mode::unset;
    std::string name = {};  // mode named
    JsonText json = {};     // mode other: the value as received
};

struct ResponseFormat {
    enum class Kind { unset, text, json_object, json_schema };
    Kind kind = Kind::unset;
    std::string name = {}, description = {};  // kind json_schema, like the next two
    JsonText schema = {};
    std::optional<bool> strict = {};
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
    std::vector<Message> messages = {};
    std::vector<Tool> tools = {};
    ToolChoice tool_choice = {};
    std::optional<bool> parallel_tool_calls = {};
    ResponseFormat response_format = {};
    Sampling sampling = {};
    std::string reasoning_effort = {}, verbosity = {}, service_tier = {};  // as sent; empty: not sent
    bool stream = false;
    bool include_usage = false;  // if streaming: the client asked for usage
    JsonText prediction = {}, web_search_options = {}, metadata = {}, modalities = {}, audio = {};
    std::optional<bool> store = {};
    std::string user = {}, safety_identifier = {}, prompt_cache_key = {};
    JsonText extra = {};  // members unknown to the dialect, as one object

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
