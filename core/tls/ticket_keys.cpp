// SPDX-License-Identifier: Apache-2.0
#include "core/tls/ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace gatehouse::core {

namespace {

void fill(unsigned char* bytes, std::size_t count) {
    if (RAND_bytes(bytes, static_cast<int>(count)) != 1) throw std::runtime_error("no random bytes");
}

bool prepare(EVP_MAC_CTX* mac, std::array<unsigned char, 32>& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.data(), key.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

}  // namespace

TicketKeys::TicketKeys(std::chrono::seconds lifetime, std::function<Clock::time_point()> now)
    : lifetime_(lifetime), now_(std::move(now)), current_(fresh()), before_(fresh()) {
    before_.until = now_() - lifetime_;  // no ticket uses it
}

TicketKeys::~TicketKeys() {
    OPENSSL_cleanse(&current_, sizeof current_);
    OPENSSL_cleanse(&before_, sizeof before_);
}

TicketKeys::Key TicketKeys::fresh() const {
    Key key;
    fill(key.name.data(), key.name.size());
    fill(key.cipher.data(), key.cipher.size());
    fill(key.mac.data(), key.mac.size());
    key.until = now_() + lifetime_;
    return key;
}

void TicketKeys::rotate() {
    if (now_() < current_.until) return;
    before_ = current_;
    current_ = fresh();
}

int TicketKeys::seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    std::lock_guard lock(mutex_);
    rotate();
    std::memcpy(name, current_.name.data(), name_bytes);
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
    if (EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, current_.cipher.data(), iv) != 1) return -1;
    return prepare(mac, current_.mac) ? 1 : -1;
}

int TicketKeys::open(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                     EVP_MAC_CTX* mac) {
    std::lock_guard lock(mutex_);
    rotate();
    Key* key = nullptr;
    for (Key* one : {&current_, &before_})
        if (std::memcmp(name, one->name.data(), name_bytes) == 0 && now_() < one->until + lifetime_)
            key = one;
    if (!key) return 0;
    if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv) != 1) return -1;
    if (!prepare(mac, key->mac)) return -1;
    return key == &current_ ? 1 : 2;  // 2: also issue a new ticket
}

}  // namespace gatehouse::core
