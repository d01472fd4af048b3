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
    auto found = young_.find(token);
    if (found == young_.end()) {
        found = old_.find(token);
        if (found == old_.end()) return std::nullopt;
        Bearer bearer = std::move(found->second);
        old_.erase(found);
        found = young_.emplace(token, std::move(bearer)).first;
    }
    if (now >= found->second.until) {
        young_.erase(found);
        return std::nullopt;
    }
    return found->second.who;
}

void VerifiedTokens::add(const Digest& token, Bearer bearer, std::uint64_t key_set) {
    const std::lock_guard lock(mutex_);
    if (key_set < key_set_) return;  // newer keys arrived during the check
    if (key_set > key_set_) {
        young_.clear();
        old_.clear();
        key_set_ = key_set;
    }
    if (young_.size() >= half_) {
        old_.clear();
        old_.swap(young_);
    }
    young_.insert_or_assign(token, std::move(bearer));
}

}  // namespace gatehouse::jwt
