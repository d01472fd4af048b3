// SPDX-License-Identifier: Apache-2.0
// The digest of a client's key, as the configuration holds it.  [any thread]
#pragma once

#include <string>

namespace gatehouse::core {

/// "sha256:" and the SHA-256 of `key` in hex.
std::string key_digest(const std::string& key);

/// A new key for a client, of 24 random bytes; empty if OpenSSL has no random numbers.
std::string new_key();

}  // namespace gatehouse::core
