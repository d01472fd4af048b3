// SPDX-License-Identifier: Apache-2.0
// Helpers of the emulator's tests: fixtures and an independent signer.
#pragma once

#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/json.hpp"
#include "tools/oci_emulator/keys.hpp"

#include <gatehouse/http.hpp>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <fstream>
#include <sstream>

namespace gatehouse::emulator {

inline std::string fixture(const std::string& name) {
    std::ifstream in(std::string(FIXTURES) + "/oci/" + name, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error("no fixture " + name);
    return text.str();
}

/// The payloads of a recorded stream, including `[DONE]`.
inline std::vector<std::string> events_of(const std::string& stream) {
    std::vector<std::string> events;
    for (std::size_t start = 0; (start = stream.find("data: ", start)) != std::string::npos;) {
        const std::size_t end = stream.find('\n', start);
        events.push_back(stream.substr(start + 6, end - start - 6));
        start = end;
    }
    return events;
}

inline KeyPointer new_key() { return KeyPointer(EVP_RSA_gen(2048), EVP_PKEY_free); }

inline std::string sign(const KeyPointer& key, const std::string& text) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t length = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
    std::string signature(length, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes,
                   text.size());
    return to_base64(signature);
}

}  // namespace gatehouse::emulator
