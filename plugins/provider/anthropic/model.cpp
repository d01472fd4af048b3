// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/model.hpp"

#include "plugins/provider/anthropic/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::anthropic {

namespace {

struct Family {
    std::string_view prefix;
    Capabilities capabilities;
    std::int64_t max_output;
};

constexpr Capabilities plain = {.thinking = ThinkingStyle::none};
constexpr Capabilities thinks = {.thinking = ThinkingStyle::budget};
constexpr Capabilities strict = {.thinking = ThinkingStyle::budget, .both = false, .schemas = true};
constexpr Capabilities strict_effort = {
    .thinking = ThinkingStyle::budget, .both = false, .effort = true, .schemas = true};
constexpr Capabilities adapts = {
    .thinking = ThinkingStyle::adaptive, .both = false, .effort = true, .schemas = true, .prefill = false};
// The newest known models, and later ones.
constexpr Capabilities newest = {.thinking = ThinkingStyle::adaptive,
                                 .sampling = false,
                                 .both = false,
                                 .effort = true,
                                 .high_effort = true,
                                 .schemas = true,
                                 .prefill = false};

// Found by the longest prefix of the name, from "claude-" on.
constexpr std::array families = {
    Family{"claude-", newest, 64'000},
    Family{"claude-2", plain, 4096},
    Family{"claude-instant", plain, 4096},
    Family{"claude-3-", plain, 8192},
    Family{"claude-3-haiku", plain, 4096},
    Family{"claude-3-opus", plain, 4096},
    Family{"claude-3-sonnet", plain, 4096},
    Family{"claude-3-7", thinks, 64'000},
    Family{"claude-sonnet-4-0", thinks, 64'000},
    Family{"claude-sonnet-4-2", thinks, 64'000},  // matches dates: claude-sonnet-4-20250514
    Family{"claude-sonnet-4@", thinks, 64'000},
    Family{"claude-opus-4-0", thinks, 32'000},
    Family{"claude-opus-4-2", thinks, 32'000},
    Family{"claude-opus-4@", thinks, 32'000},
    Family{"claude-opus-4-1", strict, 32'000},
    Family{"claude-sonnet-4-5", strict, 64'000},
    Family{"claude-haiku-4-5", strict, 64'000},
    Family{"claude-opus-4-5", strict_effort, 64'000},
    Family{"claude-opus-4-6", adapts, 128'000},
    Family{"claude-sonnet-4-6", adapts, 64'000},
};

// Other servers with this API get the capabilities of the oldest models.
constexpr Family others = {"", thinks, 0};

const Family& family_of(std::string_view id) {
    const std::string lower = lower_case(id);
    const std::size_t at = lower.find("claude-");
    if (at == lower.npos) return others;
    const std::string_view name = std::string_view(lower).substr(at);
    const Family* best = &families.front();
    for (const Family& family : families)
        if (name.starts_with(family.prefix) && family.prefix.size() > best->prefix.size()) best = &family;
    return *best;
}

}  // namespace

Models::Models(const Options& options) : defaults_(options), special_(options.models) {
    defaults_.models.clear();
}

Model Models::find(std::string_view id) const {
    const ModelOptions& options = special_.find(id);
    const Family& family = family_of(options.like ? std::string_view(*options.like) : id);

    Model model;
    model.id = id;
    model.capabilities = family.capabilities;
    Capabilities& capabilities = model.capabilities;
    if (options.thinking == "none") capabilities.thinking = ThinkingStyle::none;
    if (options.thinking == "budget") capabilities.thinking = ThinkingStyle::budget;
    if (options.thinking == "adaptive") {
        capabilities.thinking = ThinkingStyle::adaptive;
        capabilities.effort = true;
    }
    if (options.sampling != "auto") {
        capabilities.sampling = options.sampling != "none";
        capabilities.both = options.sampling == "all";
    }
    if (options.schemas != "auto") capabilities.schemas = options.schemas == "native";
    if (options.prefill != "auto") capabilities.prefill = options.prefill == "yes";

    model.max_output = family.max_output;
    model.max_tokens_cap = options.max_tokens_cap;
    if (model.max_tokens_cap) model.max_output = *model.max_tokens_cap;
    model.max_tokens = options.max_tokens.value_or(defaults_.max_tokens);
    // The provider's default is lowered to the model's maximum; the model's own key is not.
    if (!options.max_tokens && model.max_output)
        model.max_tokens = std::min(model.max_tokens, model.max_output);
    model.context_window = options.context_window;
    model.budget_low = options.budget_low.value_or(defaults_.budget_low);
    model.budget_medium = options.budget_medium.value_or(defaults_.budget_medium);
    model.budget_high = options.budget_high.value_or(defaults_.budget_high);
    return model;
}

}  // namespace gatehouse::anthropic
