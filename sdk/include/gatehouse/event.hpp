// SPDX-License-Identifier: Apache-2.0
// What comes back: an answer as a row of events, whole or streamed.
//
// A provider emits them in the order in which they come to be; a formatter
// writes them in the client's protocol; hooks may change them on the way.
// `choice` tells answers apart when the client asked for several (n > 1).
#pragma once

#include "gatehouse/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gatehouse {

/// Facts about the answer as a whole.  At most once, before anything else.
struct AnswerInfo {
    std::int64_t created = 0;       // Unix seconds; 0: not known
    std::string service_tier = {};  // lower case; empty: not known
};

/// A piece of the answer's text.  Whole UTF-8 characters, as in all deltas.
struct TextDelta {
    std::string text = {};
    int choice = 0;
};
/// What the model thought, where the upstream shows it.
struct ReasoningDelta {
    std::string text = {};
    int choice = 0;
};
/// Why the model does not answer, in its own words, where the upstream tells it apart.
struct RefusalDelta {
    std::string text = {};
    int choice = 0;
};
/// The first delta of a call has `id` and `name`, both not empty; later ones
/// only `index` and `arguments`.  All arguments of a call, joined, are JSON; none is "{}".
struct ToolCallDelta {
    int index = 0;  // 0, 1, 2, … in the order in which the calls of a choice began
    std::string id = {}, name = {};
    std::string arguments = {};
    int choice = 0;
};

/// A token, how likely it was (a natural logarithm), and what could have stood there.
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

/// A source of the answer: characters [start, end) of the text rest on it.
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
    std::optional<std::int64_t> cached = {};     // of the prompt
    std::optional<std::int64_t> reasoning = {};  // of the completion, as are the next two
    std::optional<std::int64_t> accepted_prediction = {};
    std::optional<std::int64_t> rejected_prediction = {};
};

/// Exactly one for each input, in any order.
struct Embedding {
    int index = 0;  // into EmbeddingRequest::inputs
    std::vector<float> vector = {};
};
/// At most one for each document, best first.
struct Ranking {
    int index = 0;  // into RerankRequest::documents
    double score = 0;
};
/// A model that can be named.
struct ModelInfo {
    std::string id = {};  // not empty
    std::string owned_by = {};
    std::int64_t created = 0;  // Unix seconds; 0: not known
    std::optional<std::int64_t> context_window = {}, max_output_tokens = {};
};

/// Members of the upstream's answer that no other event tells, so that a formatter
/// of the same protocol can put them back where they stood.  Others ignore them.
struct Extra {
    enum class Place { answer, choice, message };
    Place place = Place::answer;
    JsonText members = {};  // one object
    int choice = 0;         // for choice and message
};

using Event = std::variant<AnswerInfo, TextDelta, ReasoningDelta, RefusalDelta, ToolCallDelta, LogprobsDelta,
                           Citation, Finish, Usage, Embedding, Ranking, ModelInfo, Extra>;

/// Where a provider puts its events.  Never blocks: when the client is slow
/// the core stops reading from the upstream, so a provider need not ask.
class EventSink {
public:
    virtual void emit(Event event) = 0;

protected:
    ~EventSink() = default;  // the core owns every sink
};

}  // namespace gatehouse
