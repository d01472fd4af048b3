// SPDX-License-Identifier: Apache-2.0
// The tokens that the jwt authenticator accepts, through its entry point: the vectors of the
// standards, every algorithm, and known attacks.
#include <gatehouse/base64.hpp>
#include "tests/plugins/auth/jwt/jwt_fixture.hpp"

#include "plugins/auth/jwt/key_set.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;
using jwt::KeySet;

namespace {

const std::string rfc7515_claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const std::string rfc7515_rs256 =
    "eyJhbGciOiJSUzI1NiJ9." + rfc7515_claims +
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9C"
    "UAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
    "eSN9383LcOLn6_dO"
    "--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
    "IoypGlUPQGe77Rw";
const std::string rfc7515_rsa_key =
    R"({"keys":[{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}]})";
const std::string rfc7515_es256 =
    "eyJhbGciOiJFUzI1NiJ9." + rfc7515_claims +
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const std::string rfc7515_ec_key =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
const std::string rfc7515_hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + rfc7515_claims +
                                  ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const std::string rfc7515_none = "eyJhbGciOiJub25lIn0." + rfc7515_claims + ".";
const std::string rfc8037_eddsa =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-"
    "09PGcvMg3AIbQR6dWbhijcNR4"
    "ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const std::string rfc8037_key =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

KeySet::Verdict verdict(const std::string& keys, const std::string& token) {
    auto set = KeySet::read(keys);
    REQUIRE(set);
    auto cut = jwt::cut(token);
    REQUIRE(cut);
    return set->verify(*cut);
}

const Issuer& issuer() {
    static const Issuer one("EdDSA", "key-1");
    return one;
}

}  // namespace

TEST_CASE("the vectors of RFC 7515 and RFC 8037 verify, but not with a changed byte or another key") {
    const std::pair<std::string, std::string> vectors[] = {
        {rfc7515_rs256, rfc7515_rsa_key}, {rfc7515_es256, rfc7515_ec_key}, {rfc8037_eddsa, rfc8037_key}};
    for (const auto& [token, keys] : vectors) {
        CHECK(verdict(keys, token) == KeySet::Verdict::good);
        std::string changed = token;
        char& c = changed[token.find('.') + 5];
        c = c == 'A' ? 'B' : 'A';
        CHECK(verdict(keys, changed) != KeySet::Verdict::good);
        for (const auto& [other_token, other_keys] : vectors)
            if (other_keys != keys) CHECK(verdict(other_keys, token) != KeySet::Verdict::good);
    }
}

TEST_CASE_FIXTURE(JwtFixture,
                  "RFC 7515's example is accepted while it is valid; HS256 and none are rejected") {
    host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1'300'819'379));
    auto authenticator =
        authenticator_with(rfc7515_rsa_key, table({{"issuer", Value{std::vector<std::string>{"joe"}}},
                                                   {"audience", Value{std::vector<std::string>{}}},
                                                   {"leeway_s", Value{std::int64_t{1}}},
                                                   {"name_claim", Value{std::string("iss")}}}));
    CHECK(who(*authenticator, rfc7515_rs256) == "joe");
    CHECK(who(*authenticator, rfc7515_hs256) == "no: its \"alg\" is not RS256, PS256, ES256 or EdDSA");
    CHECK(who(*authenticator, rfc7515_none) == "no: it is not signed");
    host.time += std::chrono::seconds(1);
    CHECK(who(*authenticator, rfc7515_rs256) == "joe");
    host.time += std::chrono::seconds(1);
    CHECK(who(*authenticator, rfc7515_rs256) == "no: it has expired");
}

TEST_CASE_FIXTURE(JwtFixture, "each algorithm is accepted, but only with a key of its type") {
    const std::string algorithms[] = {"RS256", "PS256", "ES256", "EdDSA"};
    std::vector<std::unique_ptr<Issuer>> issuers;
    for (const std::string& name : algorithms) issuers.push_back(std::make_unique<Issuer>(name, "k"));
    for (const auto& one : issuers) {
        const std::string token = one->token(good_claims);
        CHECK(who(*authenticator_with(one->set()), token) == "alice");
        for (const auto& other : issuers)
            if (other != one)
                CHECK(who(*authenticator_with(other->set()), token) == "no: its signature is wrong");
    }
    // The JWK has "alg" RS256: a PS256 signature by the same key is rejected.
    const std::string pinned = issuers[1]->set(R"(,"alg":"RS256","use":"sig","key_ops":["verify"])");
    CHECK(who(*authenticator_with(pinned), issuers[1]->token(good_claims)) == "no: its signature is wrong");
    auto only_rs256 = authenticator_with(issuers[3]->set(),
                                         table({{"algorithms", Value{std::vector<std::string>{"RS256"}}}}));
    CHECK(who(*only_rs256, issuers[3]->token(good_claims)) == "no: algorithms does not allow its \"alg\"");
}

TEST_CASE_FIXTURE(JwtFixture, "a header that requires more than a signature over this text is rejected") {
    auto authenticator = authenticator_with(issuer().set());
    const std::pair<const char*, const char*> headers[] = {
        {R"({"alg":"none","kid":"key-1"})", "its \"alg\" is not RS256, PS256, ES256 or EdDSA"},
        {R"({"alg":"HS256","kid":"key-1"})", "its \"alg\" is not RS256, PS256, ES256 or EdDSA"},
        {R"({"alg":"eddsa","kid":"key-1"})", "its \"alg\" is not RS256, PS256, ES256 or EdDSA"},
        {R"({"alg":["EdDSA"],"kid":"key-1"})", "its \"alg\" is not RS256, PS256, ES256 or EdDSA"},
        {R"({"kid":"key-1"})", "its \"alg\" is not RS256, PS256, ES256 or EdDSA"},
        {R"({"alg":"RS256","kid":"key-1"})", "its signature is wrong"},
        {R"({"alg":"EdDSA","kid":"key-1","crit":["exp"],"exp":1})", "its header has \"crit\""},
        {R"({"alg":"EdDSA","kid":"key-1","crit":[]})", "its header has \"crit\""},
        {R"({"alg":"EdDSA","kid":"key-1","b64":false})", "its header has \"b64\""},
        {R"({"alg":"EdDSA","kid":"key-1","zip":"DEF"})", "its header has \"zip\""},
        {R"({"alg":"EdDSA","kid":"key-1","enc":"A128GCM"})", "its header has \"enc\""},
        {R"({"alg":"EdDSA","kid":"key-1","cty":"JWT"})", "its header has \"cty\""},
        {R"({"alg":"EdDSA","kid":"key-1","typ":"logout+jwt"})", "its \"typ\" is neither JWT nor at+jwt"},
        {R"({"alg":"EdDSA","kid":"key-1","typ":7})", "its \"typ\" is neither JWT nor at+jwt"},
        {R"({"alg":"EdDSA","kid":7})", "its \"kid\" is not a string, is empty or is too long"},
        {R"({"alg":"EdDSA","kid":""})", "its \"kid\" is not a string, is empty or is too long"},
        {R"({"alg":"EdDSA","alg":"EdDSA","kid":"key-1"})",
         "its header is not a JSON object, repeats a name, or is too large"},
        {R"({"alg":"EdDSA","\u0061lg":"none","kid":"key-1"})",
         "its header is not a JSON object, repeats a name, or is too large"},
        {R"(["EdDSA"])", "its header is not a JSON object, repeats a name, or is too large"},
        {R"({"alg":"EdDSA","kid":"key-1"} x)",
         "its header is not a JSON object, repeats a name, or is too large"},
    };
    for (const auto& [header, reason] : headers) {
        const std::string text = header;
        CAPTURE(text);
        CHECK(who(*authenticator, issuer().token(text, good_claims)) == std::string("no: ") + reason);
    }
    const std::string deep =
        R"({"alg":"EdDSA","kid":"key-1","x":)" + std::string(100, '[') + std::string(100, ']') + "}";
    CHECK(who(*authenticator, issuer().token(deep, good_claims))
              .starts_with("no: its header is not a JSON object"));
    const std::string huge = R"({"alg":"EdDSA","kid":"key-1","x":")" + std::string(5'000, 'x') + "\"}";
    CHECK(who(*authenticator, issuer().token(huge, good_claims))
              .starts_with("no: its header is not a JSON object"));
    // Keys inside the token are ignored.
    const Issuer stranger("EdDSA", "key-1");
    for (const std::string& own :
         {"\"jwk\":" + stranger.jwk(), std::string(R"("jku":"https://evil.test/keys")"),
          std::string(R"("x5u":"https://evil.test/x")"), std::string(R"("x5c":["MII"])")}) {
        const std::string header = R"({"alg":"EdDSA","kid":"key-1",)" + own + "}";
        CHECK(who(*authenticator, stranger.token(header, good_claims)) == "no: its signature is wrong");
        CHECK(who(*authenticator, issuer().token(header, good_claims)) == "alice");
    }
    CHECK(host.fetched.size() == 1);
    CHECK(host.fetched.front().url == "https://issuer.test/keys");
}

TEST_CASE_FIXTURE(JwtFixture, "a public key is not used as a shared secret") {
    // A known attack: HS256 over the text, with the bytes of the public key as the secret.
    auto authenticator = authenticator_with(issuer().set());
    CHECK(who(*authenticator, issuer().token(R"({"alg":"HS256","typ":"JWT","kid":"key-1"})", good_claims))
              .starts_with("no: its \"alg\""));
    // A shared secret that the issuer publishes by mistake is skipped.
    CHECK(!KeySet::read(R"({"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMko","kid":"s"}]})"));
}

TEST_CASE_FIXTURE(JwtFixture, "a token that is cut, extended or changed at any byte is rejected") {
    auto authenticator = authenticator_with(issuer().set());
    const std::string token = issuer().token(good_claims);
    REQUIRE(who(*authenticator, token) == "alice");
    for (std::size_t at = 0; at < token.size(); ++at) {
        CHECK(who(*authenticator, token.substr(0, at)).starts_with("no: "));
        std::string changed = token;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CHECK(who(*authenticator, changed).starts_with("no: "));
        for (const char* more : {".", "=", "+", "/", "\xff", "A"}) {
            changed = token;
            changed.insert(at, more);
            CHECK(who(*authenticator, changed).starts_with("no: "));
        }
    }
    for (const std::string& text :
         {token + "=", token + "==", token + ".", token + "A", "." + token, token + "." + token,
          std::string(".."), std::string("a.b.c"), std::string(20'000, 'x'), std::string(8'000, '.'),
          std::string("eyJ.eyJ.eyJ.a.b")})
        CHECK(who(*authenticator, text).starts_with("no: "));
    // 64 bytes leave two unused bits: only one of four spellings is accepted.
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (char other : alphabet) {
        std::string changed = token;
        if (other == changed.back()) continue;
        changed.back() = other;
        CHECK(who(*authenticator, changed).starts_with("no: "));
    }
    CHECK(from_base64url("QQ") == "A");
    CHECK(!from_base64url("QR"));
    CHECK(!from_base64url("QQ=="));
    CHECK(!from_base64url("Q"));
}

TEST_CASE_FIXTURE(JwtFixture, "the token must be in a single Authorization header with the scheme Bearer") {
    auto authenticator = authenticator_with(issuer().set());
    const std::string token = issuer().token(good_claims);
    auto with = [&](http::Headers headers) {
        return who(*authenticator, http::RequestHead{.headers = std::move(headers)});
    };
    CHECK(with({{"AUTHORIZATION", "bEARER   " + token + " "}}) == "alice");
    CHECK(with({}) == "no: the request does not have a bearer token");
    CHECK(with({{"authorization", token}}) == "no: the request does not have a bearer token");
    CHECK(with({{"authorization", "Basic " + token}}) == "no: the request does not have a bearer token");
    CHECK(with({{"x-api-key", token}}) == "no: the request does not have a bearer token");
    CHECK(with({{"authorization", "Bearer " + token}, {"authorization", "Bearer " + token}}) ==
          "no: the request does not have a bearer token");
}

TEST_CASE("the plugin uses only keys of a set that can check signatures") {
    const Issuer rsa("RS256", "a"), ec("ES256", "b");
    auto count = [](const std::string& keys) {
        auto set = KeySet::read(keys);
        return set ? std::to_string(set->size()) : set.error().message;
    };
    const std::string none = "it does not have a usable key: RSA of at least 2048 bits, P-256 or Ed25519";
    CHECK(count("{\"keys\":[" + rsa.jwk() + "," + ec.jwk() + ",7,{},{\"kty\":\"oct\",\"k\":\"AAAA\"}]}") ==
          "2");
    for (const char* extra :
         {R"(,"use":"enc")", R"(,"use":7)", R"(,"key_ops":["sign"])", R"(,"key_ops":"verify")",
          R"(,"alg":"HS256")", R"(,"alg":"RSA-OAEP")", R"(,"alg":7)", R"(,"alg":"ES256")"})
        CHECK(count(rsa.set(extra)) == none);
    auto rsa_key = [](const std::string& n, const std::string& e) {
        return R"({"keys":[{"kty":"RSA","n":")" + base64url(n) + R"(","e":")" + base64url(e) + "\"}]}";
    };
    const std::string three = "\x03";
    CHECK(count(rsa_key(std::string(256, '\xff'), three)) == "1");
    CHECK(count(rsa_key(std::string(128, '\xff'), three)) == none);    // 1024 bits
    CHECK(count(rsa_key(std::string(1'025, '\xff'), three)) == none);  // too slow
    CHECK(count(rsa_key(std::string(256, '\xff'), "\x01")) == none);   // every text is its own signature
    CHECK(count(rsa_key(std::string(256, '\xff'), std::string(256, '\xff'))) == none);
    CHECK(count(rsa_key(std::string(255, '\xff') + '\xfe', three)) == none);
    CHECK(count(R"({"keys":[{"kty":"EC","crv":"P-256","x":")" + base64url(std::string(32, '\1')) +
                R"(","y":")" + base64url(std::string(32, '\1')) + "\"}]}") ==
          none);  // not a point of the curve
    CHECK(count(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]})") == none);
    CHECK(count(R"({"keys":[]})") == none);
    CHECK(count(R"({"keys":{}})") == "it has no list \"keys\"");
    CHECK(count("[]") == "it is not a JSON object or repeats a name");
    CHECK(count("<html>") == "it is not a JSON object or repeats a name");
    CHECK(count(R"({"keys":[],"keys":[]})") == "it is not a JSON object or repeats a name");
    CHECK(count(R"({"keys":)" + std::string(100'000, '[')) == "it is not a JSON object or repeats a name");
    CHECK(count(std::string(1'048'577, ' ')) == "it is larger than 1048576 bytes");
}
