// SPDX-License-Identifier: Apache-2.0
// Values of the keys of [provider.NAME] with `use = "bedrock"`.  The core sets them at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace gatehouse::bedrock {

/// [provider.NAME.models."…"]: settings of one model, or of all models with a prefix if the
/// key ends in a star.
struct ModelOptions {
    std::optional<std::string> like = {};
    std::optional<std::int64_t> max_tokens = {};
    std::optional<std::int64_t> max_tokens_cap = {};
    std::optional<std::int64_t> context_window = {};
    std::string thinking = "auto";
    std::optional<std::int64_t> budget_low = {};
    std::optional<std::int64_t> budget_medium = {};
    std::optional<std::int64_t> budget_high = {};
    std::string sampling = "auto";
    std::string schemas = "auto";
    std::string prefill = "auto";
    std::string caching = "auto";
};

struct Options {
    std::string region = {};
    std::string base_url = {};
    std::string control_url = {};
    std::string guardrail = {};
    std::string guardrail_version = "DRAFT";
    std::string guardrail_stream = "sync";
    std::int64_t budget_low = 4096;
    std::int64_t budget_medium = 10'000;
    std::int64_t budget_high = 24'000;
    std::map<std::string, ModelOptions> models = {};
    std::string models_mode = {};  // "discover" instead of the table
    bool discover = false;
};

extern const Fields<ModelOptions> model_fields;
extern const Fields<Options> fields;

/// The URLs without a slash at their end.
struct Hosts {
    std::string runtime = {}, control = {};
};
/// Throws KeyError.
Hosts hosts_of(const Options& options);
/// Throws KeyError.
void check_guardrail(const Options& options);

}  // namespace gatehouse::bedrock
