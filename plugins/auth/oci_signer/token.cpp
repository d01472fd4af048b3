// SPDX-License-Identifier: Apache-2.0
// Reads tokens and the responses that contain them.
#include "plugins/auth/oci_signer/token.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/common/text/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

std::string claim_text(const nlohmann::json& claims, const char* name) {
    const auto found = claims.find(name);
    if (found == claims.end() || !found->is_string()) return {};
    std::string text = found->get<std::string>();
    // The text is shown in logs and messages.
    const bool good = text.size() <= 255 &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
    return good ? text : std::string();
}

Error bad_token(std::string what) { return {ErrorKind::upstream, std::move(what)}; }

}  // namespace

Claims claims_of(std::string_view token) {
    Claims claims;
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return claims;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return claims;
    const auto json =
        nlohmann::json::parse(from_any_base64(token.substr(first + 1, second - first - 1)), nullptr,
                              /*allow_exceptions=*/false);
    if (!json.is_object()) return claims;
    if (const auto exp = json.find("exp"); exp != json.end() && exp->is_number()) {
        const double seconds = exp->get<double>();
        if (seconds > 0 && seconds < 8e9)  // until the year 2223: a time point holds it
            claims.expiry = Time(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
    }
    claims.tenancy = claim_text(json, "res_tenant");
    if (claims.tenancy.empty()) claims.tenancy = claim_text(json, "tenant");
    claims.compartment = claim_text(json, "res_compartment");
    return claims;
}

Result<std::string> clean_token(std::string_view text) {
    text = common::trimmed(text);
    if (text.starts_with("ST$")) text.remove_prefix(3);
    if (text.empty()) return bad_token("it is empty");
    if (text.size() > max_token_bytes)
        return bad_token("it is larger than " + std::to_string(max_token_bytes) + " bytes");
    // Another character could end the quoted keyId in the header.
    const bool good = std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != ',';
    });
    if (!good) return bad_token("it is not a single token");
    return std::string(text);
}

Result<std::string> token_in(std::string_view json) {
    if (json.size() > 4 * max_token_bytes) return bad_token("the response is too large for a token");
    const auto answer = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!answer.is_object()) return bad_token("the response is not a JSON object");
    const auto found = answer.find("token");
    if (found == answer.end() || !found->is_string()) return bad_token("the response does not have a token");
    auto token = clean_token(found->get_ref<const std::string&>());
    if (!token) return bad_token("the token in the response cannot be used: " + token.error().message);
    return token;
}

Credential credential_of(const std::string& token, std::shared_ptr<const PrivateKey> key, Time now) {
    const Claims claims = claims_of(token);
    Credential made{.key_id = "ST$" + token, .key = std::move(key), .expiry = claims.expiry};
    made.renew_at = claims.expiry ? renewal_before(*claims.expiry, now) : now + std::chrono::minutes(10);
    if (!claims.tenancy.empty()) made.about = "tenancy " + claims.tenancy;
    if (!claims.compartment.empty())
        made.about += (made.about.empty() ? "compartment " : ", compartment ") + claims.compartment;
    return made;
}

Error no_token(ErrorKind kind, std::string detail) {
    return {kind, "the gateway has no valid token for the upstream", std::move(detail)};
}

}  // namespace gatehouse::oci
