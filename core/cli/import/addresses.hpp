// SPDX-License-Identifier: Apache-2.0
// The address and the API of an upstream, which LiteLLM derives from several members.  [main thread]
#pragma once

#include "core/cli/import/members.hpp"

#include <map>
#include <string>

namespace gatehouse::core {

using Keys = std::map<std::string, std::string>;  // keys of a table of the configuration

struct Upstream {
    Keys provider = {}, signer = {};
    std::string without = {};  // a key of the provider that has no default here
};

/// Removes a prefix of the model's name that chooses an API, and adds the keys of this API.
void choose_api(const OrderedJson& table, std::string& model, Keys& keys);

/// Changes the address that the deployment gives to the base URL of the API.  The error is a phrase behind
/// the model's name.
Result<void> choose_address(const OrderedJson& table, Upstream& upstream);

}  // namespace gatehouse::core
