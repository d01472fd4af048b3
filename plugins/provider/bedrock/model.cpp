// SPDX-License-Identifier: Apache-2.0
// Sources of the table: Amazon Bedrock User Guide, "Supported models and model features" of the
// Converse API, "Prompt caching", "Structured outputs", "Extended thinking", "Adaptive thinking".
#include "plugins/provider/bedrock/model.hpp"

#include <gatehouse/text.hpp>

#include <array>

namespace gatehouse::bedrock {

namespace {

struct Family {
    std::string_view part;  // a part of the id
    Vendor vendor;
    Capabilities capabilities;
};

constexpr Capabilities old_claude = {.schemas = false};
constexpr Capabilities caching_claude = {.schemas = false, .caching = true};
constexpr Capabilities thinking_claude = {.thinking = Thinking::budget, .schemas = false, .caching = true};
constexpr Capabilities strict_claude = {
    .thinking = Thinking::budget, .both = false, .schemas = true, .caching = true};
constexpr Capabilities adaptive_claude = {
    .thinking = Thinking::adaptive, .both = false, .schemas = true, .caching = true, .prefill = false};
// The newest known models, and later ones.
constexpr Capabilities newest_claude = {.thinking = Thinking::adaptive,
                                        .sampling = false,
                                        .both = false,
                                        .schemas = true,
                                        .caching = true,
                                        .prefill = false};
constexpr Capabilities strict_only_claude = {
    .thinking = Thinking::budget, .both = false, .schemas = false, .caching = true};
constexpr Capabilities plain = {.schemas = false, .prefill = false};
constexpr Capabilities nova = {.schemas = false, .caching = true, .prefill = false};
constexpr Capabilities thinking_nova = {
    .thinking = Thinking::nova, .schemas = false, .caching = true, .prefill = false};
constexpr Capabilities effort = {.thinking = Thinking::effort, .prefill = false};
constexpr Capabilities other = {.prefill = false};

// Found by the longest part of the id, in lower case.
constexpr std::array families = {
    Family{"claude-", Vendor::claude, newest_claude},
    Family{"claude-v2", Vendor::claude, old_claude},
    Family{"claude-instant", Vendor::claude, old_claude},
    Family{"claude-3-", Vendor::claude, old_claude},
    Family{"claude-3-5-haiku", Vendor::claude, caching_claude},
    Family{"claude-3-5-sonnet-20241022", Vendor::claude, caching_claude},
    Family{"claude-3-7", Vendor::claude, thinking_claude},
    Family{"claude-sonnet-4-2", Vendor::claude, thinking_claude},  // claude-sonnet-4-20250514
    Family{"claude-opus-4-2", Vendor::claude, thinking_claude},
    Family{"claude-opus-4-1", Vendor::claude, strict_only_claude},
    Family{"claude-sonnet-4-5", Vendor::claude, strict_claude},
    Family{"claude-haiku-4-5", Vendor::claude, strict_claude},
    Family{"claude-opus-4-5", Vendor::claude, strict_claude},
    Family{"claude-opus-4-6", Vendor::claude, adaptive_claude},
    Family{"claude-sonnet-4-6", Vendor::claude, adaptive_claude},
    Family{"amazon.nova-", Vendor::nova, nova},
    Family{"amazon.nova-2-", Vendor::nova, thinking_nova},
    Family{"amazon.titan", Vendor::other, plain},
    Family{"ai21.", Vendor::other, plain},
    Family{"cohere.", Vendor::other, plain},
    Family{"meta.llama", Vendor::other, plain},
    Family{"mistral.mistral-large-24", Vendor::other, plain},
    Family{"mistral.mistral-small-24", Vendor::other, plain},
    Family{"openai.gpt-", Vendor::other, effort},
};

constexpr Family others = {"", Vendor::other, other};

const Family& family_of(std::string_view id) {
    const std::string lower = lower_case(id);
    const Family* best = &others;
    for (const Family& family : families)
        if (family.part.size() > best->part.size() && lower.find(family.part) != lower.npos) best = &family;
    return *best;
}

void apply(const ModelOptions& options, Capabilities& capabilities) {
    constexpr std::pair<std::string_view, Thinking> words[] = {{"budget", Thinking::budget},
                                                               {"adaptive", Thinking::adaptive},
                                                               {"nova", Thinking::nova},
                                                               {"effort", Thinking::effort},
                                                               {"none", Thinking::none}};
    for (const auto& [word, thinking] : words)
        if (options.thinking == word) capabilities.thinking = thinking;
    if (options.sampling != "auto") {
        capabilities.sampling = options.sampling != "none";
        capabilities.both = options.sampling == "all";
    }
    if (options.schemas != "auto") capabilities.schemas = options.schemas == "native";
    if (options.prefill != "auto") capabilities.prefill = options.prefill == "yes";
    if (options.caching != "auto") capabilities.caching = options.caching == "yes";
}

}  // namespace

Models::Models(const Options& options)
    : budget_low_(options.budget_low),
      budget_medium_(options.budget_medium),
      budget_high_(options.budget_high),
      special_(options.models) {}

Model Models::find(std::string_view id) const {
    const ModelOptions& options = special_.find(id);
    const Family& family = family_of(options.like ? std::string_view(*options.like) : id);
    Model model{.id = std::string(id), .vendor = family.vendor, .capabilities = family.capabilities};
    apply(options, model.capabilities);
    model.max_tokens = options.max_tokens;
    model.max_tokens_cap = options.max_tokens_cap;
    model.context_window = options.context_window;
    model.budget_low = options.budget_low.value_or(budget_low_);
    model.budget_medium = options.budget_medium.value_or(budget_medium_);
    model.budget_high = options.budget_high.value_or(budget_high_);
    return model;
}

}  // namespace gatehouse::bedrock
