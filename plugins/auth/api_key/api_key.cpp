// SPDX-License-Identifier: Apache-2.0
// Authenticates clients by one of several named keys.
//
// Only digests are kept.  A request's key is hashed, and its digest is looked up, so that the time of a
// check does not depend on the number of keys.  The order of the table is secret and digests are compared in
// constant time, so that the time of a check reveals nothing.
// Read-only after its construction: any thread.
#include "plugins/common/inbound/client_facts.hpp"
#include "plugins/common/inbound/credential.hpp"
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/sdk.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <unordered_map>

namespace gatehouse::api_key {

namespace {

constexpr std::size_t short_key = 16;

using Digest = std::array<unsigned char, 32>;

struct NamedKey {
    std::string name, key;
    std::optional<std::vector<std::string>> models = {};
    std::vector<std::string> groups = {};
    inbound::Attributes attributes = {};
};
struct Options {
    std::vector<NamedKey> keys = {};
};

const Fields<Options> fields = {
    tables(
        "keys", &Options::keys,
        Fields<NamedKey>{
            required("name", &NamedKey::name, "The client's name in the log and the metrics."),
            secret("key", &NamedKey::key,
                   "The client's key, or sha256: and its SHA-256 in hex (`gatehouse hash-key`)."),
            optional("models", &NamedKey::models,
                     "The models that it may use, by the names that clients send; a star at the end matches "
                     "any text: [\"gpt-5\", \"oci/*\"].  All models, if omitted."),
            optional("groups", &NamedKey::groups, "The client's groups, for rules, hooks and reports."),
            string_lists("attributes", &NamedKey::attributes,
                         "Other facts about the client: { tenant = \"a\" }."),
        },
        "The accepted keys: [{ name = \"openclaw\", key = \"env:GATEHOUSE_KEY\" }]."),
};

/// The algorithm is fetched once, and each thread keeps its context, because both cost more
/// than the digest of a key.
Digest sha256(std::string_view text) {
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    Digest digest{};
    if (!context || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
        throw std::runtime_error("no SHA-256");
    return digest;
}

/// Converts 64 hex digits to bytes, or returns nothing.
std::optional<Digest> from_hex(std::string_view text) {
    Digest digest{};
    if (text.size() != 2 * digest.size()) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const int value = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (value < 0) return std::nullopt;
        digest[i / 2] = static_cast<unsigned char>(digest[i / 2] << 4 | value);
    }
    return digest;
}

void wipe(std::string& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

/// Returns the digest of a configured key, which is given as a key or as its SHA-256.
Digest digest_of(const std::string& key, const std::string& path) {
    constexpr std::string_view prefix = "sha256:";
    if (key.starts_with(prefix)) {
        if (auto digest = from_hex(std::string_view(key).substr(prefix.size()))) return *digest;
        throw KeyError(path, "expected 64 hex digits after sha256:, as `gatehouse hash-key` prints them");
    }
    if (key.empty()) throw KeyError(path, "the key is empty; an empty key would authenticate every client");
    if (!std::all_of(key.begin(), key.end(), inbound::is_visible))
        throw KeyError(path, "a key must have only visible ASCII characters, without blanks and line ends");
    return sha256(key);
}

/// Another order in each process, which a client cannot know.
struct SecretHash {
    std::uint64_t secret = make_secret();
    std::size_t operator()(const Digest& digest) const {
        std::uint64_t words[4];
        std::memcpy(words, digest.data(), sizeof words);
        std::uint64_t hash = secret;
        for (const std::uint64_t word : words) hash = (hash ^ word) * 0x9E3779B97F4A7C15u, hash ^= hash >> 29;
        return hash;
    }
    static std::uint64_t make_secret() {
        std::uint64_t bits = 0;
        if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits) != 1)
            throw std::runtime_error("the system has no random numbers");
        return bits;
    }
};
struct SameDigest {
    bool operator()(const Digest& a, const Digest& b) const {
        return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
    }
};

}  // namespace

class ApiKey final : public Authenticator {
public:
    ApiKey(Options options, Host& host) {
        if (options.keys.empty())
            throw KeyError("keys", "no keys; give at least one, such as [{ name = \"...\", key = \"...\" }]");
        for (std::size_t i = 0; i < options.keys.size(); ++i) add(options.keys[i], i, host);
    }

    void authenticate(const http::RequestHead& head, Completion<Identity> done) override {
        const std::string_view presented = inbound::bearer_or_api_key(head.headers);
        const Digest digest = sha256(presented);
        const auto found = identities_.find(digest);
        if (presented.empty() || found == identities_.end())
            return done(Error{ErrorKind::unauthenticated, "the API key is missing or wrong"});
        done(found->second);
    }

private:
    void add(NamedKey& given, std::size_t index, Host& host) {
        const std::string path = "keys[" + std::to_string(index) + "]";
        if (given.name.empty()) throw KeyError(path + ".name", "the name is missing; the log shows it");
        if (!inbound::is_client_name(given.name))
            throw KeyError(path + ".name",
                           "a name must have at most 64 visible ASCII characters and no blanks");
        const Digest digest = digest_of(given.key, path + ".key");
        if (given.models) inbound::check_models(*given.models, path + ".models", "the key");
        inbound::check_facts(given.groups, given.attributes, path + ".");
        const bool is_short = !given.key.starts_with("sha256:") && given.key.size() < short_key;
        wipe(given.key);
        if (!names_.insert(given.name).second)
            throw KeyError(path + ".name", "there is a key named \"" + given.name + "\" already");
        if (const auto other = identities_.find(digest); other != identities_.end())
            throw KeyError(path + ".key", "this is the key of \"" + other->second.name + "\" too");
        if (is_short)
            host.log(Level::warning, "a key of less than 16 characters can be guessed",
                     {{"key", given.name}});
        identities_.emplace(digest, Identity{.name = std::move(given.name),
                                             .models = std::move(given.models).value_or(Identity().models),
                                             .groups = std::move(given.groups),
                                             .attributes = std::move(given.attributes)});
    }

    std::unordered_map<Digest, Identity, SecretHash, SameDigest> identities_;
    std::set<std::string> names_;
};

}  // namespace gatehouse::api_key

GATEHOUSE_PLUGIN(gatehouse::api_key::ApiKey, gatehouse::api_key::Options, gatehouse::api_key::fields,
                 "api_key", "1.0.0");
