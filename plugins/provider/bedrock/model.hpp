// SPDX-License-Identifier: Apache-2.0
// Capabilities of a model: from its name, from the configuration, and from its refusals.
// Models is constant after construction, LearnedQuirks locks: any thread.
#pragma once

#include "plugins/common/upstream/learned_quirks.hpp"
#include "plugins/common/upstream/model_options.hpp"
#include "plugins/provider/bedrock/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::bedrock {

/// How reasoning is requested, in additionalModelRequestFields.
enum class Thinking {
    none,      // the model does not reason, or always does
    budget,    // Claude: {"thinking":{"type":"enabled","budget_tokens":N}}
    adaptive,  // Claude: {"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}
    nova,      // {"reasoningConfig":{"type":"enabled","maxReasoningEffort":"low"}}
    effort,    // {"reasoning_effort":"low"}
};

enum class Vendor { claude, nova, other };

/// Features that a model accepts.  It responds to the others with 400.
struct Capabilities {
    Thinking thinking = Thinking::none;
    bool sampling = true;     // temperature, topP, top_k
    bool both = true;         // temperature and topP in one request
    bool stop = true;         // stopSequences
    bool schemas = true;      // outputConfig.textFormat and strict tools; otherwise a tool replaces it
    bool caching = false;     // cachePoint
    bool prefill = true;      // a conversation that ends with the assistant's text
    bool system = true;       // the member `system`
    bool streams = true;      // converse-stream
    bool tool_stream = true;  // converse-stream with tools

    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

struct Model {
    std::string id = {};
    Vendor vendor = Vendor::other;
    Capabilities capabilities = {};
    std::optional<std::int64_t> max_tokens = {}, max_tokens_cap = {}, context_window = {};
    std::int64_t budget_low = 4096, budget_medium = 10'000, budget_high = 24'000;

    bool is_claude() const { return vendor == Vendor::claude; }
    /// The origin of the model's signed thoughts.  Claude's signatures are valid at Anthropic too
    /// (Anthropic, "Extended thinking": they are compatible across platforms).
    std::string_view origin() const { return is_claude() ? "anthropic" : "bedrock"; }
};

class Models {
public:
    /// Throws KeyError.
    explicit Models(const Options& options);

    Model find(std::string_view id) const;

private:
    const std::int64_t budget_low_, budget_medium_, budget_high_;
    const upstream::ModelOptionsTable<ModelOptions> special_;
};

/// Capabilities learned from refusals, kept until the next start.
using LearnedQuirks = upstream::LearnedQuirks<Capabilities>;

}  // namespace gatehouse::bedrock
