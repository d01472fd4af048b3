// SPDX-License-Identifier: Apache-2.0
// A response as a sequence of events, streaming or non-streaming.
//
// A provider emits them in order.  Hooks may change them.  A formatter writes them in
// the client's protocol.  `choice` distinguishes the answers of one request with n > 1.
#pragma once

#include "gatehouse/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse {

/// Facts about the response.  At most once, before all other events.
struct AnswerInfo {
    std::int64_t created = 0;       // Unix seconds; 0: not known
    std::string service_tier = {};  // lower case; empty: not known
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
/// The first delta of a call has `id` and `name`, both not empty.  Later ones have only
/// `index` and `arguments`.  The joined arguments of a call are JSON; "{}" means no arguments.
struct ToolCallDelta {
    int index = 0;  // 0, 1, 2, … in the order in which the calls of a choice began
    std::string id = {}, name = {};
    std::string arguments = {};
    int choice = 0;
};

/// A token, its probability as a natural logarithm, and its alternatives.
struct TokenLogprob {
    struct Alternative {
        std::string token = {};
        double logprob = 0;
    };
    std::string token = {};
    double logprob = 0;
    std::vector<Alternative> top = {};
};
struct LogprobsDelta {
    std::vector<TokenLogprob> tokens = {};
    int choice = 0;
};

/// A source of the characters [start, end) of the answer's text.
struct Citation {
    std::string url = {}, title = {};
    std::int64_t start = 0, end = 0;
    int choice = 0;
};

enum class FinishReason { stop, length, tool_calls, content_filter };

/// Exactly once per choice, after its deltas.
struct Finish {
    FinishReason reason = FinishReason::stop;
    int choice = 0;
};

/// Tokens, at most once, after every Finish.  For embeddings and rankings
/// `completion` is 0.
struct Usage {
    std::int64_t prompt = 0, completion = 0, total = 0;
    std::optional<std::int64_t> cached = {};     // part of the prompt
    std::optional<std::int64_t> reasoning = {};  // part of the completion, like the next two
    std::optional<std::int64_t> accepted_prediction = {};
    std::optional<std::int64_t> rejected_prediction = {};
};

/// Exactly one event for each input, in any order.
struct Embedding {
    int index = 0;  // into EmbeddingRequest::inputs
    std::vector<float> vector = {};
};
/// At most one event for each document, the best first.
struct Ranking {
    int index = 0;  // into RerankRequest::documents
    double score = 0;
};
/// A model that a client may use.
struct ModelInfo {
    std::string id = {};  // not empty
    std::string owned_by = {};
    std::int64_t created = 0;  // Unix seconds; 0: not known
    std::optional<std::int64_t> context_window = {}, max_output_tokens = {};
};

/// Members of the upstream's response that no other event has.  A formatter of the same
/// protocol puts them back in their place.  Other formatters ignore them.
struct Extra {
    enum class Place { answer, choice, message };
    Place place = Place::answer;
    JsonText members = {};  // one object
    int choice = 0;         // for choice and message
};

using Event = std::variant<AnswerInfo, TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, LogprobsDelta,
                           Citation, Finish, Usage, Embedding, Ranking, ModelInfo, Extra>;

/// Receives the events of a provider.  Never blocks.  If the client is slow, the core
/// stops reading from the upstream, so a provider need not check.
class EventSink {
public:
    virtual void emit(Event event) = 0;

protected:
    ~EventSink() = default;  // the core owns every sink
};

}  // namespace gatehouse
