// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/key_set.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/jwt/strict_json.hpp"

namespace gatehouse::jwt {

namespace {

constexpr std::size_t max_keys = 1'000;
constexpr int max_tries = 8;

Error unusable(std::string why) { return {ErrorKind::upstream, std::move(why)}; }

std::string number_in(const simdjson::dom::object& jwk, std::string_view name) {
    const auto text = string_in(jwk, name);
    return text ? from_base64url(*text).value_or("") : std::string();
}

/// Returns whether a JWK may be used to check signatures (RFC 7517, 4.2 and 4.3).
bool checks_signatures(const simdjson::dom::object& jwk) {
    if (has(jwk, "use") && string_in(jwk, "use") != "sig") return false;
    simdjson::dom::array operations;
    if (!has(jwk, "key_ops")) return true;
    if (jwk.at_key("key_ops").get_array().get(operations)) return false;
    for (const auto operation : operations) {
        std::string_view text;
        if (!operation.get_string().get(text) && text == "verify") return true;
    }
    return false;
}

std::optional<PublicKey> public_key_in(const simdjson::dom::object& jwk) {
    const auto type = string_in(jwk, "kty"), curve = string_in(jwk, "crv");
    if (type == "RSA") return PublicKey::rsa(number_in(jwk, "n"), number_in(jwk, "e"));
    if (type == "EC" && curve == "P-256") return PublicKey::p256(number_in(jwk, "x"), number_in(jwk, "y"));
    if (type == "OKP" && curve == "Ed25519") return PublicKey::ed25519(number_in(jwk, "x"));
    return std::nullopt;
}

}  // namespace

Result<KeySet> KeySet::read(std::string_view text) {
    if (text.size() > max_key_set_bytes)
        return unusable("it is larger than " + std::to_string(max_key_set_bytes) + " bytes");
    StrictJson json(max_key_set_bytes, max_json_depth);
    const auto top = json.object(text);
    if (!top) return unusable("it is not a JSON object or repeats a name");
    simdjson::dom::array list;
    if (top->at_key("keys").get_array().get(list)) return unusable("it has no list \"keys\"");
    if (list.size() > max_keys) return unusable("it has more than " + std::to_string(max_keys) + " keys");

    KeySet set;
    for (const auto item : list) {
        simdjson::dom::object jwk;
        if (item.get_object().get(jwk) || !checks_signatures(jwk)) continue;
        std::optional<Algorithm> algorithm;
        if (has(jwk, "alg")) {
            const auto name = string_in(jwk, "alg");
            algorithm = name ? algorithm_named(*name) : std::nullopt;
            if (!algorithm) continue;
        }
        auto key = public_key_in(jwk);
        if (!key || (algorithm && !key->fits(*algorithm))) continue;
        const auto kid = string_in(jwk, "kid");
        set.keys_.push_back({std::string(kid.value_or("")), algorithm, *std::move(key)});
    }
    if (set.keys_.empty())
        return unusable("it does not have a usable key: RSA of at least 2048 bits, P-256 or Ed25519");
    return set;
}

KeySet::Verdict KeySet::verify(const Token& token) const {
    bool known = false;
    int tries = 0;
    for (const Key& key : keys_) {
        // A key without an id may fit any token.
        if (!token.kid.empty() && !key.kid.empty() && key.kid != token.kid) continue;
        known = known || key.kid == token.kid;
        if (!key.fits(token.algorithm)) continue;
        if (++tries > max_tries) break;
        if (key.key.verify(token.algorithm, token.signed_text, token.signature)) return Verdict::good;
    }
    return known && !token.kid.empty() ? Verdict::bad : Verdict::unknown_key;
}

}  // namespace gatehouse::jwt
