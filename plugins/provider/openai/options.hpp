// SPDX-License-Identifier: Apache-2.0
// Values of the keys of [provider.NAME] with `use = "openai"`.  The core sets them at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::openai_provider {

struct Options {
    std::string base_url = "https://api.openai.com/v1";
    std::string api = "chat";
    std::optional<std::string> azure_api_version = {};
    std::optional<std::string> organization = {}, project = {};
    std::string token_limit = "as_given";
    std::string developer_role = "developer";
    bool usage = true;
    bool send_reasoning = false;
    std::vector<std::string> drop = {};
    std::optional<std::int64_t> context_window = {};
    std::string models_mode = "listed";
    std::string rerank_path = "/rerank";
};

extern const Fields<Options> fields;

}  // namespace gatehouse::openai_provider
