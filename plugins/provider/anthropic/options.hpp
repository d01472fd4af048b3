// SPDX-License-Identifier: Apache-2.0
// Values of the keys of [provider.NAME] with `use = "anthropic"`.  The core sets them at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::anthropic {

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
};

struct Options {
    std::string base_url = "https://api.anthropic.com";
    std::string version = "2023-06-01";
    std::vector<std::string> beta = {};
    std::int64_t max_tokens = 8192;
    std::int64_t budget_low = 4096;
    std::int64_t budget_medium = 10'000;
    std::int64_t budget_high = 24'000;
    std::map<std::string, ModelOptions> models = {};
    std::string models_mode = {};  // "discover" instead of the table
    bool discover = false;
};

extern const Fields<ModelOptions> model_fields;
extern const Fields<Options> fields;

}  // namespace gatehouse::anthropic
