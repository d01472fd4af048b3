// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/oci_signer/private_key.hpp"
#include <gatehouse/base64.hpp>

#include "tests/plugins/auth/oci_signer/oci_keys.hpp"

#include <openssl/err.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace oci_keys;

namespace {
const std::string what = "the private key k.pem (key_file)";

std::string fingerprint_of(const std::string& pem, const std::string& pass_phrase = "") {
    auto key = oci::PrivateKey::parse(pem, pass_phrase, what);
    return key ? (*key)->fingerprint() : key.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}
}  // namespace

TEST_CASE("every form of the same key has the same fingerprint") {
    const auto key = sample_key();
    CHECK(fingerprint_of(sample_pem()) == fingerprint);
    CHECK(fingerprint_of(sample_pem("\r\n")) == fingerprint);
    CHECK(fingerprint_of(pkcs8(key.get())) == fingerprint);
    CHECK(fingerprint_of(pkcs8(key.get(), "open sesame"), "open sesame") == fingerprint);
    CHECK(fingerprint_of(proc_type(key.get(), "open sesame"), "open sesame") == fingerprint);
    CHECK(fingerprint_of(replaced(proc_type(key.get(), "pass"), "\n", "\r\n"), "pass") == fingerprint);
}

TEST_CASE("text outside the PEM block is ignored") {
    CHECK(fingerprint_of(sample_pem() + "OCI_API_KEY") == fingerprint);
    CHECK(fingerprint_of("\xEF\xBB\xBFnotes\n" + sample_pem() + "\nOCI_API_KEY\n") == fingerprint);
    const auto key = sample_key();
    CHECK(fingerprint_of(public_pem(key.get()) + sample_pem()) == fingerprint);
}

TEST_CASE("line breaks may be two characters, blanks, or missing") {
    CHECK(fingerprint_of(replaced(sample_pem(), "\n", "\\n")) == fingerprint);
    CHECK(fingerprint_of(replaced(sample_pem(), "\n", "\\r\\n")) == fingerprint);
    CHECK(fingerprint_of(replaced(sample_pem(), "\n", " ")) == fingerprint);
    CHECK(fingerprint_of(replaced(sample_pem(), "\n", "")) == fingerprint);
    CHECK(fingerprint_of(replaced(sample_pem(), "\n", "\n\n    ")) == fingerprint);
    const auto key = sample_key();
    CHECK(fingerprint_of(replaced(proc_type(key.get(), "pass"), "\n", "\\n"), "pass") == fingerprint);
}

TEST_CASE("an unneeded pass phrase is not an error") {
    CHECK(fingerprint_of(sample_pem(), "needless") == fingerprint);
}

TEST_CASE("an unusable key is rejected with a reason that never contains the key") {
    const auto key = sample_key();
    const auto elliptic = KeyPointer(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::string damaged = replaced(sample_pem(), "MIICXgIBAAKBgQDC", "MIICXgIBAAKBgQDX");
    const struct {
        std::string pem, pass_phrase, message;
    } cases[] = {
        {"", "",
         what + " is not a PEM private key: expected -----BEGIN PRIVATE KEY----- or "
                "-----BEGIN RSA PRIVATE KEY----- and the matching END line"},
        {"hello", "",
         what + " is not a PEM private key: expected -----BEGIN PRIVATE KEY----- or "
                "-----BEGIN RSA PRIVATE KEY----- and the matching END line"},
        {sample_pem().substr(0, 300), "",
         what + " is not a PEM private key: expected -----BEGIN PRIVATE KEY----- or "
                "-----BEGIN RSA PRIVATE KEY----- and the matching END line"},
        {public_pem(key.get()), "", what + " is a PUBLIC KEY, not a private key"},
        {pkcs8(elliptic.get()), "", what + " is of type EC; OCI accepts RSA keys only"},
        {armoured("b3BlbnNzaC1rZXktdjEA", "OPENSSH PRIVATE KEY"), "",
         what + " is in OpenSSH's format; convert a copy with `ssh-keygen -p -m PEM -f COPY`"},
        {armoured("AAAA"), "", what + " is damaged"},
        {armoured("AAAA"), "secret", what + " is damaged"},
        {pkcs8(key.get(), "right"), "", what + " is encrypted; give its pass_phrase"},
        {pkcs8(key.get(), "right"), "wrong", "wrong pass phrase for " + what},
        {proc_type(key.get(), "right"), "", what + " is encrypted; give its pass_phrase"},
        {proc_type(key.get(), "right"), "wrong", "wrong pass phrase for " + what},
        {pkcs8(key.get(), "right"), std::string(5000, 'x'), "wrong pass phrase for " + what},
    };
    for (const auto& one : cases) CHECK(fingerprint_of(one.pem, one.pass_phrase) == one.message);
    CHECK(!fingerprint_of(damaged).starts_with(fingerprint));
    CHECK(ERR_peek_error() == 0);  // the queue of OpenSSL's errors is empty again
}

TEST_CASE("a key file that is cut at any byte is rejected") {
    const std::string pem = sample_pem();
    for (std::size_t cut = 0; cut < pem.size() - 1; cut += 7)
        CHECK(fingerprint_of(pem.substr(0, cut)) != fingerprint);
}

TEST_CASE("base64 and digests follow the standards") {
    CHECK(to_base64("") == "");
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(oci::sha256_base64("") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST_CASE("a new key signs, and its public key verifies the signature") {
    auto made = oci::PrivateKey::generate();
    REQUIRE(made);
    const oci::PrivateKey& key = **made;
    CHECK(key.bits() == 2048);
    CHECK(key.public_key().starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    CHECK(key.fingerprint().size() == 47);
    CHECK(key.sign("text")->size() == 344);
    CHECK((*oci::PrivateKey::generate())->public_key() != key.public_key());
}

TEST_CASE("many threads sign with one key concurrently, and all signatures are correct") {
    auto key = oci::PrivateKey::parse(sample_pem(), "", what);
    REQUIRE(key);
    const std::string expected = *(*key)->sign("the same text");
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int k = 0; k < 200; ++k) good += *(*key)->sign("the same text") == expected;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(good == 800);
}
