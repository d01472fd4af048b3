// SPDX-License-Identifier: Apache-2.0
#include "core/cli/key_digest.hpp"

#include <gatehouse/sha256.hpp>

#include <openssl/rand.h>

namespace gatehouse::core {

std::string key_digest(const std::string& key) { return "sha256:" + to_hex(sha256(key)); }

std::string new_key() {
    std::string bytes(24, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1)
        return {};
    return "sk-" + to_hex(bytes);
}

}  // namespace gatehouse::core
