// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/verified_tokens.hpp"

#include <openssl/evp.h>

#include <utility>

namespace gatehouse::jwt {

VerifiedTokens::Digest VerifiedTokens::digest_of(std::string_view token) {
    Digest digest{};
    EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    return digest;
}

std::optional<Identity> VerifiedTokens::find(const Digest& token, std::uint64_t key_set, Time now) {
    const std::lock_guard lock(mutex_);
    if (key_set != key_set_) return std::nullopt;
    const Bearer* found = tokens_.find(token);
    if (!found) return std::nullopt;
    if (now < found->until) return found->who;
    tokens_.erase(token);
    return std::nullopt;
}

void VerifiedTokens::add(const Digest& token, Bearer bearer, std::uint64_t key_set) {
    const std::lock_guard lock(mutex_);
    if (key_set < key_set_) return;  // newer keys arrived during the check
    if (key_set > key_set_) {
        tokens_.clear();
        key_set_ = key_set;
    }
    tokens_.put(token, std::move(bearer));
}

}  // namespace gatehouse::jwt
