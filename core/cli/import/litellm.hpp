// SPDX-License-Identifier: Apache-2.0
// Translates the configuration of LiteLLM's proxy, as its page "Proxy config.yaml" describes it
// (https://docs.litellm.ai/docs/proxy/config_settings).  [main thread]
#pragma once

#include "core/cli/import/members.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

struct Imported {
    std::string toml = {};                   // a configuration of the gateway
    LeftOut left_out = {};                   // members without a counterpart
    std::vector<std::string> problems = {};  // models and routes that are not in `toml`, each with the reason
    std::vector<std::string> notes = {};     // facts that the reader must know
    bool has_models = false;                 // whether `toml` serves a model
};

/// `file`: the other program's configuration.  `table`: the content of config/import/litellm.json.
Imported import_litellm(const OrderedJson& file, const OrderedJson& table);

}  // namespace gatehouse::core
