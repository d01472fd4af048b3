// SPDX-License-Identifier: Apache-2.0
// The models that a client may name, as an authenticator's configuration lists them.
// At start only.
#pragma once

#include <string>
#include <vector>

namespace gatehouse::inbound {

/// Whether the core can keep `models`: whole names, or the beginning of one and a star.
/// `path` is that of the key, `whose` is "the key" or "the token" in the message for an
/// empty list.  Throws KeyError.
void check_models(const std::vector<std::string>& models, const std::string& path, const std::string& whose);

}  // namespace gatehouse::inbound
