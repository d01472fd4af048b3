// SPDX-License-Identifier: Apache-2.0
// Capabilities of a model: from its name, from the configuration, and from its refusals.
// Models is constant after construction, LearnedQuirks locks: any thread.
#pragma once

#include "plugins/common/upstream/learned_quirks.hpp"
#include "plugins/common/upstream/model_options.hpp"
#include "plugins/provider/anthropic/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// How thinking is requested.
enum class ThinkingStyle {
    none,      // the model does not think
    budget,    // {"type":"enabled","budget_tokens":N}
    adaptive,  // {"type":"adaptive"}, and output_config.effort
};

/// Features that a model accepts.  It responds to the others with 400.
struct Capabilities {
    ThinkingStyle thinking = ThinkingStyle::budget;
    bool sampling = true;      // temperature, top_p, top_k
    bool both = true;          // temperature and top_p in one request
    bool effort = false;       // output_config.effort
    bool high_effort = false;  // its words xhigh and max
    bool schemas = false;      // output_config.format; otherwise a tool replaces it
    bool prefill = true;       // a conversation that ends with the assistant's text
    bool system = true;        // the role system inside a conversation, with its beta

    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

struct Model {
    std::string id = {};
    Capabilities capabilities = {};
    std::int64_t max_tokens = 8192;  // used if the client sets no limit
    std::int64_t max_output = 0;     // maximum of the model; 0 if unknown
    std::optional<std::int64_t> max_tokens_cap = {}, context_window = {};
    std::int64_t budget_low = 4096, budget_medium = 10'000, budget_high = 24'000;
    bool system_beta = false;  // this request has the beta for the role system

    /// Whether a system message inside a conversation keeps its role.
    bool places_system() const { return system_beta && capabilities.system; }
};

class Models {
public:
    /// Throws KeyError.
    explicit Models(const Options& options);

    Model find(std::string_view id) const;

private:
    Options defaults_;
    upstream::ModelOptionsTable<ModelOptions> special_;
};

/// Capabilities learned from refusals, kept until the next start.
using LearnedQuirks = upstream::LearnedQuirks<Capabilities>;

}  // namespace gatehouse::anthropic
