// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/options.hpp"

#include "plugins/auth/jwt/public_key.hpp"
#include "plugins/common/inbound/client_facts.hpp"
#include "plugins/common/inbound/model_patterns.hpp"

#include <algorithm>

namespace gatehouse::jwt {

namespace {

constexpr std::size_t max_prefix = 64;

/// Accepts "https://host…" and "http://host…" without a user or a password, because the log shows the URL.
void check_url(const std::string& url, Host& host) {
    const bool plain = url.starts_with("http://");
    const std::size_t scheme = plain ? 7 : url.starts_with("https://") ? 8 : std::string::npos;
    const bool visible = std::all_of(url.begin(), url.end(), inbound::is_visible);
    if (scheme == std::string::npos || !visible || url.size() > 2'000 ||
        url.find_first_of("/?#", scheme) == scheme || url.size() == scheme)
        throw KeyError("jwks_url",
                       "jwks_url must be the URL of the issuer's keys, such as "
                       "https://login.example.com/keys");
    const std::string_view authority =
        std::string_view(url).substr(scheme, url.find_first_of("/?#", scheme) - scheme);
    if (authority.find('@') != std::string_view::npos)
        throw KeyError("jwks_url", "jwks_url must not contain a user or a password");
    const bool local =
        authority.starts_with("127.") || authority.starts_with("localhost") || authority.starts_with("[::1]");
    if (plain && !local)
        host.log(Level::warning,
                 "token keys are fetched without TLS; an attacker on the network could replace them",
                 {{"jwks_url", url}});
}

void check_list(const std::vector<std::string>& list, const std::string& path, const std::string& what) {
    for (std::size_t i = 0; i < list.size(); ++i)
        if (list[i].empty())
            throw KeyError(path + "[" + std::to_string(i) + "]", "the " + what + " is empty");
}

/// A claim is a name or a JSON pointer.
void check_claim(const std::string& claim, const std::string& path) {
    if (claim.empty() || claim == "/")
        throw KeyError(path, "a claim must be a name such as sub, or a path such as /realm_access/roles");
}

}  // namespace

const Fields<Options> fields = {
    optional("jwks_url", &Options::jwks_url,
             "Where the issuer publishes its keys, such as https://login.example.com/keys."),
    optional("jwks_file", &Options::jwks_file,
             "A file with a JSON Web Key Set, instead of jwks_url; read again when it has changed."),
    optional("ca_file", &Options::ca_file,
             "PEM file of the certificate authorities to trust for jwks_url instead of the system's."),
    required("issuer", &Options::issuer,
             "Accepted values of a token's iss, such as https://login.example.com/."),
    optional(
        "audience", &Options::audience,
        "Accepted values of a token's aud, such as gatehouse.  Any value is accepted if this is omitted."),
    optional("algorithms", &Options::algorithms,
             "Accepted signature algorithms: any of RS256, PS256, ES256 and EdDSA."),
    ranged("leeway_s", &Options::leeway_s, 0, 600,
           "Allowed difference in seconds between the issuer's clock and this machine's."),
    ranged("refresh_s", &Options::refresh_s, 10, 86'400,
           "Interval in seconds between two reads of the keys."),
    ranged("max_stale_s", &Options::max_stale_s, 60, 2'592'000,
           "Seconds for which old keys stay in use if they cannot be read again."),
    optional("name_claim", &Options::name_claim,
             "The claim with the client's name for the log; the path of a nested claim begins with a slash: "
             "/a/b."),
    optional("name_prefix", &Options::name_prefix,
             "Prefix of that name, so that no token can have the name of another authenticator's client."),
    string_lists("claims", &Options::claims,
                 "Required claims, each with the values that it may have: { groups = [\"ai\"] }; \"*\" is "
                 "any value."),
    optional("models", &Options::models,
             "The models that any token may use, by the names that clients send; a star at the end matches "
             "any text.  All models are allowed if models, models_claim and rules are omitted."),
    optional("models_claim", &Options::models_claim,
             "A claim with additional models that this token may use, in the same form."),
    tables("rules", &Options::rules,
           Fields<Rule>{
               required("claim", &Rule::claim, "The claim to look at, such as groups."),
               required("value", &Rule::value, "The value that the claim must have; \"*\" is any value."),
               required("models", &Rule::models, "Further models that such a token may use."),
           },
           "Models for tokens with a claim: [{ claim = \"groups\", value = \"ml\", models = [\"oci/*\"] }]."),
    optional("groups_claim", &Options::groups_claim, "A claim with the client's groups, such as groups."),
    string_lists("attributes", &Options::attributes,
                 "Other facts about the client, each with the claims that have its values: { tenant = "
                 "\"tid\" }."),
};

void check(const Options& options, Host& host) {
    if (options.jwks_url.empty() == options.jwks_file.empty())
        throw KeyError(options.jwks_url.empty() ? "" : "jwks_file",
                       options.jwks_url.empty() ? "no keys: give jwks_url or jwks_file"
                                                : "give jwks_url or jwks_file, not both");
    if (!options.jwks_url.empty()) check_url(options.jwks_url, host);
    if (options.issuer.empty())
        throw KeyError(
            "issuer",
            "issuer is missing; give the iss of the accepted tokens, because one key set can serve several issuers");
    check_list(options.issuer, "issuer", "issuer");
    check_list(options.audience, "audience", "audience");
    if (options.audience.empty())
        host.log(
            Level::warning,
            "without audience every token of the issuer is accepted, including tokens for other services");
    if (options.algorithms.empty())
        throw KeyError("algorithms", "no algorithms; give at least one of RS256, PS256, ES256 and EdDSA");
    for (std::size_t i = 0; i < options.algorithms.size(); ++i)
        if (!algorithm_named(options.algorithms[i]))
            throw KeyError("algorithms[" + std::to_string(i) + "]",
                           "an algorithm must be RS256, PS256, ES256 or EdDSA; none and algorithms with "
                           "a shared secret would accept forged tokens");
    check_claim(options.name_claim, "name_claim");
    if (options.name_prefix.size() > max_prefix ||
        !std::all_of(options.name_prefix.begin(), options.name_prefix.end(), inbound::is_visible))
        throw KeyError("name_prefix",
                       "name_prefix must have at most 64 visible ASCII characters and no blanks");
    for (const auto& [claim, values] : options.claims) {
        check_claim(claim, "claims");
        if (values.empty())
            throw KeyError("claims." + claim,
                           "the list is empty and matches no token; use \"*\" for any value");
    }
    if (!options.models.empty()) inbound::check_models(options.models, "models", "the token");
    if (!options.groups_claim.empty()) check_claim(options.groups_claim, "groups_claim");
    for (const auto& [name, claims] : options.attributes) {
        const std::string path = "attributes." + toml_quoted(name);
        if (!inbound::is_fact(name))
            throw KeyError(path,
                           "the name of an attribute must have 1 to 200 bytes and no control characters");
        for (std::size_t i = 0; i < claims.size(); ++i)
            check_claim(claims[i], path + "[" + std::to_string(i) + "]");
    }
    for (std::size_t i = 0; i < options.rules.size(); ++i) {
        const std::string path = "rules[" + std::to_string(i) + "].";
        check_claim(options.rules[i].claim, path + "claim");
        if (options.rules[i].value.empty())
            throw KeyError(path + "value",
                           "the value is empty and matches no token; use \"*\" for any value");
        inbound::check_models(options.rules[i].models, path + "models", "the token");
    }
}

}  // namespace gatehouse::jwt
