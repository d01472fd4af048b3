// SPDX-License-Identifier: Apache-2.0
// JSON Web Tokens and key sets, a line each: header, claims, key set; the token is made of
// the first two.  There is no private key, so no token is accepted as signed.
#include <gatehouse/base64.hpp>
#include "tests/fuzz/fuzz.hpp"

#include <gatehouse/base64.hpp>

#include "plugins/auth/jwt/claims.hpp"
#include "plugins/auth/jwt/key_set.hpp"

#include <array>

using namespace gatehouse;
using namespace gatehouse::jwt;
using namespace gatehouse::fuzz;

namespace {

std::string second_base64url(std::string_view bytes) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned value = 0;
    int bits = 0;
    for (unsigned char c : bytes) {
        value = (value << 8 | c) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6) out += letters[value >> (bits - 6) & 63];
    }
    if (bits > 0) out += letters[value << (6 - bits) & 63];
    return out;
}

void check_token(std::string_view text, const Result<KeySet>& keys) {
    const auto token = cut(text);
    if (!token) {
        promise(token.error().kind == ErrorKind::unauthenticated, "an invalid token authenticates no client",
                token.error().message);
        return;
    }
    promise(text.starts_with(token->signed_text), "the signed text is the received text");
    promise(text.size() <= max_token_bytes, "a token is of some length");
    const std::size_t dot = token->signed_text.find('.');
    same(second_base64url(token->payload), token->signed_text.substr(dot + 1), "a payload has one spelling");
    same(second_base64url(token->signature), text.substr(token->signed_text.size() + 1),
         "a signature has one spelling");
    if (keys)
        promise(keys->verify(*token) != KeySet::Verdict::good, "an unsigned token is not accepted as signed");
}

const Claims& claims() {
    static const Claims made = [] {
        Options options;
        options.jwks_url = "https://issuer.example/keys";
        options.issuer = {"https://issuer.example"};
        options.audience = {"gatehouse"};
        options.claims = {{"scope", {"chat"}}};
        options.models_claim = "models";
        return Claims(options);
    }();
    return made;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = text_of(data, size);
    std::array<std::string_view, 3> lines;
    std::string_view rest = input;
    for (std::string_view& line : lines) {
        line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    if (const auto bytes = from_base64url(input))
        same(second_base64url(*bytes), input, "bytes have one spelling");
    same(from_base64url(second_base64url(input)).value_or("nothing"), input, "a written token is read");

    const auto keys = KeySet::read(lines[2]);
    if (!keys) promise(!keys.error().message.empty(), "a refusal has a reason");
    check_token(input, keys);
    check_token(second_base64url(lines[0]) + "." + second_base64url(lines[1]) + "." + std::string(342, 'A'),
                keys);

    const Claims::Time now{std::chrono::seconds(1'800'000'000)};
    const auto plausible = claims().plausible(lines[1], now);
    const auto bearer = claims().read(lines[1], now);
    if (bearer) {
        promise(bool(plausible), "an accepted token is plausible");
        promise(!bearer->who.name.empty(), "an accepted token has a name");
        promise(bearer->until > now, "an accepted token has not expired");
        promise(lines[1].find("gatehouse") != std::string_view::npos ||
                    lines[1].find('\\') != std::string_view::npos,
                "an accepted token has the audience", lines[1]);
    }
    return 0;
}
