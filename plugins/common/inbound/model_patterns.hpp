// SPDX-License-Identifier: Apache-2.0
// Checks the models that an authenticator's configuration allows.  At start only.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::inbound {

/// Throws KeyError unless each of `models` is a complete name, or a prefix and a star.
/// `path` is that of the key.  `whose` is "the key" or "the token" in the message for an
/// empty list.
void check_models(const std::vector<std::string>& models, const std::string& path, const std::string& whose);

}  // namespace gatehouse::inbound
