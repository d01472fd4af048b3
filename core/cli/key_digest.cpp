// SPDX-License-Identifier: Apache-2.0
#include "core/cli/key_digest.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>

namespace gatehouse::core {

namespace {

std::string hex(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

}  // namespace

std::string key_digest(const std::string& key) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return {};
    return "sha256:" + hex({digest.data(), size});
}

std::string new_key() {
    std::array<unsigned char, 24> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
    return "sk-" + hex(bytes);
}

}  // namespace gatehouse::core
