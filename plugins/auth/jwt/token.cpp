// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/token.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/jwt/strict_json.hpp"

#include <gatehouse/http.hpp>

#include <algorithm>

namespace gatehouse::jwt {

namespace {

constexpr std::size_t max_header_bytes = 4 * 1024;
constexpr std::size_t max_kid_bytes = 512;

/// An issuer also signs tokens of other types, such as logout tokens and proofs of
/// possession; they must not authenticate a client (RFC 8725, 3.11).
bool is_access_type(std::string_view type) {
    for (const char* good : {"JWT", "at+jwt", "application/jwt", "application/at+jwt"})
        if (http::equal_ignoring_case(type, good)) return true;
    return false;
}

Result<void> read_header(std::string_view text, Token& token) {
    static thread_local StrictJson json(max_header_bytes, max_json_depth);
    const auto header = json.object(text);
    if (!header) return refused("its header is not a JSON object, repeats a name, or is too large");
    for (const char* name : {"crit", "b64", "zip", "enc", "cty"})
        if (has(*header, name)) return refused(std::string("its header has \"") + name + "\"");
    if (has(*header, "typ")) {
        const auto type = string_in(*header, "typ");
        if (!type || !is_access_type(*type)) return refused("its \"typ\" is neither JWT nor at+jwt");
    }
    const auto name = string_in(*header, "alg");
    const auto algorithm = name ? algorithm_named(*name) : std::nullopt;
    if (!algorithm) return refused("its \"alg\" is not RS256, PS256, ES256 or EdDSA");
    token.algorithm = *algorithm;
    if (!has(*header, "kid")) return {};
    const auto kid = string_in(*header, "kid");
    if (!kid || kid->empty() || kid->size() > max_kid_bytes)
        return refused("its \"kid\" is not a string, is empty or is too long");
    token.kid = *kid;
    return {};
}

}  // namespace

Error refused(std::string why) {
    return {.kind = ErrorKind::unauthenticated,
            .message = "the token is missing or not valid",
            .detail = "the token was rejected: " + std::move(why)};
}

Result<Token> cut(std::string_view text) {
    if (text.empty()) return refused("the request does not have a bearer token");
    if (text.size() > max_token_bytes)
        return refused("it is larger than " + std::to_string(max_token_bytes) + " bytes");
    const std::size_t first = text.find('.');
    const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
    if (second == text.npos || text.find('.', second + 1) != text.npos)
        return refused("it is not a JWT of three parts");
    const auto header = from_base64url(text.substr(0, first));
    auto payload = from_base64url(text.substr(first + 1, second - first - 1));
    auto signature = from_base64url(text.substr(second + 1));
    if (!header || !payload || !signature) return refused("a part of it is not base64url");
    if (signature->empty()) return refused("it is not signed");

    Token token{.signed_text = text.substr(0, second),
                .payload = *std::move(payload),
                .signature = *std::move(signature)};
    if (auto ok = read_header(*header, token); !ok) return ok.error();
    return token;
}

}  // namespace gatehouse::jwt
