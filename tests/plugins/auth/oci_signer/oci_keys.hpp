// SPDX-License-Identifier: Apache-2.0
// For the signer's tests: the sample key of OCI's documentation in every supported form, the
// recorded vectors, and a folder that is deleted at the end of its test.
#pragma once

#include "tests/json.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace oci_keys {

using gatehouse::test::Json;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/oci/" + name, std::ios::binary);
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline Json vectors(const std::string& name) { return Json::parse(fixture(name)); }

/// The fingerprint of the documentation's key.  The documentation prints another value.
inline const std::string fingerprint = "73:61:a2:21:67:e0:df:be:7e:4b:93:1e:15:98:a5:b7";

inline std::string armoured(const std::string& base64, const std::string& label = "RSA PRIVATE KEY",
                            const std::string& line_break = "\n") {
    std::string text = "-----BEGIN " + label + "-----" + line_break;
    for (std::size_t i = 0; i < base64.size(); i += 64) text += base64.substr(i, 64) + line_break;
    return text + "-----END " + label + "-----" + line_break;
}

/// The sample key as the documentation prints it: PKCS#1.
inline std::string sample_pem(const std::string& line_break = "\n") {
    std::string base64 = fixture("signing-doc-key.pkcs1.b64");
    while (base64.ends_with('\n')) base64.pop_back();
    return armoured(base64, "RSA PRIVATE KEY", line_break);
}

struct Bio {
    BIO* bio = BIO_new(BIO_s_mem());
    ~Bio() { BIO_free(bio); }
    std::string text() const {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline KeyPointer sample_key() {
    Bio source;
    const std::string pem = sample_pem();
    BIO_write(source.bio, pem.data(), static_cast<int>(pem.size()));
    return {PEM_read_bio_PrivateKey(source.bio, nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

/// PKCS#8; with a pass phrase, encrypted by PBES2.
inline std::string pkcs8(EVP_PKEY* key, const std::string& pass_phrase = "") {
    Bio out;
    REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.bio, key, pass_phrase.empty() ? nullptr : EVP_aes_256_cbc(),
                                          pass_phrase.data(), static_cast<int>(pass_phrase.size()), nullptr,
                                          nullptr) == 1);
    return out.text();
}

/// The older encryption, with Proc-Type and DEK-Info in the PEM block.
inline std::string proc_type(EVP_PKEY* key, const std::string& pass_phrase) {
    Bio out;
    REQUIRE(PEM_write_bio_PrivateKey_traditional(
                out.bio, key, EVP_aes_128_cbc(),
                reinterpret_cast<unsigned char*>(const_cast<char*>(pass_phrase.data())),
                static_cast<int>(pass_phrase.size()), nullptr, nullptr) == 1);
    return out.text();
}

inline std::string public_pem(EVP_PKEY* key) {
    Bio out;
    REQUIRE(PEM_write_bio_PUBKEY(out.bio, key) == 1);
    return out.text();
}

/// A temporary folder, which is the process's HOME during its lifetime.
class Home : public TemporaryFolder {
public:
    Home() {
        if (const char* home = std::getenv("HOME")) before_ = home;
        setenv("HOME", path.c_str(), 1);
    }
    ~Home() { setenv("HOME", before_.c_str(), 1); }

private:
    std::string before_;
};

}  // namespace oci_keys
