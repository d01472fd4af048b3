// SPDX-License-Identifier: Apache-2.0
// The keys of [provider.NAME] with `use = "oci"`, filled in by the core.  Plain
// values, read only at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::oci {

/// [provider.NAME.models."…"]: settings of one model.  A key that ends in a star
/// applies to all models whose names begin with the rest of it.
struct ModelOptions {
    std::optional<std::string> like = {};
    std::string format = "auto";
    std::string serving = "auto";
    std::optional<std::string> surface = {};
    std::string token_limit = "auto";
    std::optional<std::int64_t> max_tokens = {};
    std::optional<std::int64_t> max_tokens_cap = {};
    std::optional<std::int64_t> context_window = {};
    std::optional<std::string> streaming = {};
    std::string tool_turns = "auto";
    std::string tools = "auto";
    std::string exclusive_bounds = "auto";
    std::string developer_role = "auto";
    std::optional<std::string> empty_text = {};
    bool send_reasoning = false;
    std::vector<std::string> drop = {};
    std::optional<std::string> input_type = {};
    std::optional<std::string> truncate = {};
    std::optional<std::int64_t> embed_batch = {};
    std::string images = "auto";
    std::string hosting = "auto";
};

struct Options {
    std::string compartment_id = {};
    std::vector<std::string> region = {};
    std::vector<std::string> endpoint = {};
    /// Accepted by every on-demand model: some refuse more than 4000.
    std::int64_t max_tokens = 4000;
    std::string streaming = "native";
    std::string surface = "native";
    std::string surface_path = "/openai/v1";
    std::optional<std::string> project = {};
    std::string responses = "auto";
    std::string input_type = "search_document";
    std::string truncate = "end";
    std::string hosting = "any";
    std::vector<std::string> allowed_regions = {};
    std::vector<std::string> guardrail_categories = {"OVERALL", "BLOCKLIST"};
    std::vector<std::string> guardrail_personal = {};
    bool guardrail_injection = true;
    std::optional<std::string> guardrail_version = {};
    std::map<std::string, ModelOptions> models = {};
    std::string models_mode = {};  // "discover" if the key has this word instead of a table
    bool discover = false;
};

extern const Fields<ModelOptions> model_fields;
extern const Fields<Options> fields;

}  // namespace gatehouse::oci
