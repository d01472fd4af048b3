// SPDX-License-Identifier: Apache-2.0
// A response as a sequence of events, streaming or non-streaming.
//
// A provider emits them in order.  Hooks may change them.  A formatter writes them in
// the client's protocol.  `choice` distinguishes the answers of one request with n > 1.
// `extra` and `inner_extra` hold unknown members, as in chat.hpp.
#pragma once

#include "gatehouse/http.hpp"
#include "gatehouse/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse {

/// Facts about the response.  At most once, before all other events.
struct AnswerInfo {
    std::int64_t created = 0;                        // Unix seconds; 0: not known
    std::string service_tier = {};                   // lower case; empty: not known
    std::string id = {}, model = {};                 // the upstream's own; empty: not known
    std::optional<std::int64_t> prompt_tokens = {};  // Anthropic tells them before the answer
    http::Headers headers = {};  // the upstream's, for a client of the same protocol: `anthropic-ratelimit-…`
};

/// A piece of the answer's text.  Complete UTF-8 characters, as in all deltas.
struct TextDelta {
    std::string text = {};
    int choice = 0;
};
/// A piece of the model's reasoning, if the upstream shows it.
struct ReasoningDelta {
    std::string text = {};
    int choice = 0;
};
/// A piece of the model's refusal, if the upstream distinguishes it from text.
struct RefusalDelta {
    std::string text = {};
    int choice = 0;
};
/// The text before this event and the text after it are separate blocks, as in Anthropic's
/// protocol.  Formatters without blocks ignore it.
struct BlockEnd {
    int choice = 0;
};
/// The thought of the preceding ReasoningDeltas is complete.  See Thought in chat.hpp.
struct ThoughtEnd {
    std::string signature = {}, encrypted = {}, origin = {};
    int choice = 0;
};
/// The first delta of a call has `id` and `name`, both not empty.  Later ones have `index`,
/// `arguments` and perhaps further unknown members.  The joined arguments of a function are
/// JSON; "{}" means no arguments.  Those of a custom tool are free text.
struct ToolCallDelta {
    int index = 0;  // 0, 1, 2, … in the order in which the calls of a choice began
    std::string id = {}, name = {};
    std::string arguments = {};
    int choice = 0;
    bool custom = false;  // in every delta of the call
    JsonText extra = {}, inner_extra = {};
};
/// A complete block of a kind that no other event has, such as a result of a tool that the
/// upstream itself has run.  Formatters of other protocols ignore it.
struct OtherBlock {
    std::string protocol = {}, type = {};
    JsonText json = {};
    int choice = 0;
};

/// A token, its probability as a natural logarithm, and its alternatives.
struct TokenLogprob {
    struct Alternative {
        std::string token = {};
        double logprob = 0;
        std::optional<std::string> bytes = {};
        JsonText extra = {};
    };
    std::string token = {};
    double logprob = 0;
    std::vector<Alternative> top = {};
    /// The token's bytes if the upstream tells them.  A token may be a part of a character,
    /// which `token` cannot show.
    std::optional<std::string> bytes = {};
    JsonText extra = {};
};
struct LogprobsDelta {
    std::vector<TokenLogprob> tokens = {};  // empty: the upstream sent only `extra`
    int choice = 0;
    bool refusal = false;  // the tokens are the refusal's, not the text's
    JsonText extra = {};   // unknown members of `logprobs`
};

/// A source of the characters [start, end) of the answer's text.
struct Citation {
    std::string url = {}, title = {};
    std::int64_t start = 0, end = 0;
    int choice = 0;
    JsonText extra = {}, inner_extra = {};
};

enum class FinishReason { stop, length, tool_calls, content_filter };

/// Exactly once per choice, after its deltas.
struct Finish {
    FinishReason reason = FinishReason::stop;
    int choice = 0;
    std::string native = {};         // the upstream's word: "end_turn", "pause_turn"; empty: not known
    std::string stop_sequence = {};  // the string of Sampling::stop that ended the answer; empty: not known
    JsonText details = {};           // Anthropic's `stop_details`
};

/// Tokens, at most once, after every Finish.  For embeddings and rankings
/// `completion` is 0.
struct Usage {
    std::int64_t prompt = 0, completion = 0, total = 0;
    std::optional<std::int64_t> cached = {};     // part of the prompt
    std::optional<std::int64_t> reasoning = {};  // part of the completion, like the next two
    std::optional<std::int64_t> accepted_prediction = {};
    std::optional<std::int64_t> rejected_prediction = {};
    std::optional<std::int64_t> cache_written = {};  // part of the prompt
    JsonText extra = {};                             // such as `cost`
    JsonText prompt_extra = {},
             completion_extra = {};  // unknown members of each details object, such as `audio_tokens`
};

/// Exactly one event for each input, in any order.
struct Embedding {
    int index = 0;  // into EmbeddingRequest::inputs
    std::vector<float> vector = {};
    JsonText encoded = {};  // instead of `vector`, if EmbeddingRequest::encoding is set: an array or a string
};
/// At most one event for each document, the best first.
struct Ranking {
    int index = 0;  // into RerankRequest::documents
    double score = 0;
};
/// The answer to a TokenCountRequest.
struct TokenCount {
    std::int64_t input = 0;
    bool estimated = false;
};
/// A piece of the response to a RawRequest.
struct RawBytes {
    std::string content_type = {};  // in the first piece
    std::string bytes = {};
};
/// A model that a client may use.
struct ModelInfo {
    std::string id = {};  // not empty
    std::string owned_by = {};
    std::int64_t created = 0;  // Unix seconds; 0: not known
    std::optional<std::int64_t> context_window = {}, max_output_tokens = {};
    JsonText extra = {};  // further members for a client's list, as one object: `modalities`, `retires_on`
};

/// Members of the upstream's response that no other event has.  A formatter of the same
/// protocol puts them back in their place.  Other formatters ignore them.
struct Extra {
    enum class Place { answer, choice, message };
    Place place = Place::answer;
    JsonText members = {};            // one object
    int choice = 0;                   // for choice and message
    std::string protocol = "openai";  // as in ChatRequest
};

using Event = std::variant<AnswerInfo, TextDelta, ReasoningDelta, RefusalDelta, BlockEnd, ThoughtEnd,
                           ToolCallDelta, OtherBlock, LogprobsDelta, Citation, Finish, Usage, Embedding,
                           Ranking, TokenCount, RawBytes, ModelInfo, Extra>;

/// Receives the events of a provider.  Never blocks.  If the client is slow, the core
/// stops reading from the upstream, so a provider need not check.
class EventSink {
public:
    virtual void emit(Event event) = 0;
    /// Whether further events of this call are dropped, because the response has failed or is
    /// too large.  Cheap.  Ask it in a loop that emits many events, and return if it is true.
    virtual bool full() const { return false; }

protected:
    ~EventSink() = default;  // the core owns every sink
};

}  // namespace gatehouse
