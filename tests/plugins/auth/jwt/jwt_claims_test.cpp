// SPDX-License-Identifier: Apache-2.0
// The claims of a token with a valid signature, and every configuration error.
#include "tests/plugins/auth/jwt/jwt_fixture.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

using Texts = std::vector<std::string>;

const Issuer& issuer() {
    static const Issuer one("EdDSA", "key-1");
    return one;
}

/// Valid claims; `more` adds to them or overrides them.
std::string claims(const std::string& more, const std::string& without = "") {
    std::string text = "{";
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"iss", R"("https://issuer.test")"},
                                      {"aud", "\"gatehouse\""},
                                      {"sub", "\"alice\""},
                                      {"exp", "1800000300"}})
        if (name != without && more.find("\"" + name + "\":") == more.npos)
            text += "\"" + name + "\":" + value + ",";
    if (more.empty()) text.pop_back();
    return text + more + "}";
}

Value rule(const std::string& claim, const std::string& value, const Texts& models) {
    return Value{
        std::vector<Table>{{{{"claim", Value{claim}}, {"value", Value{value}}, {"models", Value{models}}}}}};
}

}  // namespace

TEST_CASE_FIXTURE(JwtFixture, "a token needs the issuer, the audience and valid times, within the leeway") {
    host.answer = [](const auto&) { return response(200, issuer().set()); };
    auto authenticator = this->authenticator();
    auto says = [&](const std::string& more, const std::string& without = "") {
        return who(*authenticator, issuer().token(claims(more, without)));
    };
    CHECK(says("") == "alice");
    CHECK(says("", "iss") == "no: its \"iss\" is not the issuer");
    for (const char* iss : {R"("iss":"https://issuer.test/")", R"("iss":"HTTPS://issuer.test")",
                            R"("iss":["https://issuer.test"])", R"("iss":"")", R"("iss":null)"})
        CHECK(says(iss) == "no: its \"iss\" is not the issuer");
    CHECK(says(R"("aud":["other","gatehouse"])") == "alice");
    CHECK(says("", "aud") == "no: its \"aud\" does not name this gateway's audience");
    for (const char* aud : {R"("aud":"Gatehouse")", R"("aud":[])", R"("aud":["gatehouse2"])",
                            R"("aud":{"a":"gatehouse"})", R"("aud":[["gatehouse"]])", R"("aud":null)"})
        CHECK(says(aud) == "no: its \"aud\" does not name this gateway's audience");
    CHECK(says("", "exp") == "no: its \"exp\" is missing or not a number");
    for (const char* exp : {R"("exp":"1800000300")", R"("exp":null)", R"("exp":true)"})
        CHECK(says(exp) == "no: its \"exp\" is missing or not a number");
    CHECK(says(R"("exp":1799999941)") == "alice");
    CHECK(says(R"("exp":1799999940)") == "no: it has expired");
    CHECK(says(R"("exp":1799999940.5)") == "alice");
    CHECK(says(R"("exp":-1e300)") == "no: it has expired");
    CHECK(says(R"("exp":1e300)") == "alice");
    CHECK(says(R"("nbf":1800000060)") == "alice");
    CHECK(says(R"("nbf":1800000061)") == "no: it is not valid yet");
    CHECK(says(R"("nbf":1e300)") == "no: it is not valid yet");
    CHECK(says(R"("nbf":"0")") == "no: its \"nbf\" is not a number");
    CHECK(says(R"("iat":1,"jti":"x")") == "alice");
    const std::string twice = "no: its claims are not a JSON object or repeat a name";
    CHECK(who(*authenticator, issuer().token(R"({"sub":"a",)" + good_claims.substr(1))) == twice);
    CHECK(says(R"("x":{"y":1,"y":2})") == twice);
    CHECK(says("\"x\":" + std::string(200, '[') + std::string(200, ']')) == twice);
    for (const char* payload : {"", "[]", "null", "{", "\xff", "{} {}"})
        CHECK(who(*authenticator, issuer().token(payload)) == twice);
}

TEST_CASE_FIXTURE(JwtFixture, "a token is accepted repeatedly until it expires") {
    auto authenticator = authenticator_with(issuer().set());
    const std::string token = issuer().token(claims(""));
    for (int i = 0; i < 3; ++i) CHECK(who(*authenticator, token) == "alice");
    host.time += std::chrono::seconds(359);
    CHECK(who(*authenticator, token) == "alice");
    host.time += std::chrono::seconds(1);
    CHECK(who(*authenticator, token) == "no: it has expired");
}

TEST_CASE_FIXTURE(JwtFixture, "the client's name comes from name_claim and must be printable") {
    auto named = [&](const std::string& claim, const std::string& more) {
        auto authenticator = authenticator_with(
            issuer().set(),
            table({{"name_claim", Value{claim}}, {"name_prefix", Value{std::string("sso:")}}}));
        return who(*authenticator, issuer().token(claims(more)));
    };
    CHECK(named("email", R"("email":"jos\u00e9@a.test")") == "sso:jos\u00e9@a.test");
    CHECK(named("/user/name", R"("user":{"name":"bob"})") == "sso:bob");
    CHECK(named("https://a.test/name", R"("https://a.test/name":"carol")") == "sso:carol");
    const std::string bad =
        "no: its \"email\", the claim that name_claim names, is missing or not a text of 1 to 200 bytes";
    CHECK(named("email", "") == bad);
    for (const std::string& value :
         {std::string("7"), std::string("\"\""), std::string(R"("a\nb")"), std::string(R"("a\u0000b")"),
          std::string("[\"a\"]"), "\"" + std::string(201, 'x') + "\""})
        CHECK(named("email", "\"email\":" + value) == bad);
}

TEST_CASE_FIXTURE(JwtFixture, "a token needs an allowed value of each required claim") {
    auto authenticator = authenticator_with(
        issuer().set(), table({{"claims", Value{Table{{{"groups", Value{Texts{"ai", "ml"}}},
                                                       {"email_verified", Value{Texts{"true"}}},
                                                       {"scope", Value{Texts{"chat"}}},
                                                       {"/org/id", Value{Texts{"*"}}}}}}}}));
    auto says = [&](const std::string& more) { return who(*authenticator, issuer().token(claims(more))); };
    auto lacks = [](const std::string& claim) {
        return "no: its \"" + claim + "\" does not have a value that claims allows";
    };
    const std::string rest = R"(,"email_verified":true,"scope":"read chat","org":{"id":7})";
    CHECK(says(R"("groups":["x","ml"])" + rest) == "alice");
    CHECK(says(R"("groups":"ai")" + rest) == "alice");
    CHECK(says(R"("groups":"ai ml")" + rest) == lacks("groups"));
    CHECK(says(R"("groups":[])" + rest) == lacks("groups"));
    CHECK(says(R"("groups":[["ai"]])" + rest) == lacks("groups"));
    CHECK(says(R"("groups":["AI"])" + rest) == lacks("groups"));
    CHECK(says(R"("groups":"ai","email_verified":false,"scope":"chat","org":{"id":7})") ==
          lacks("email_verified"));
    CHECK(says(R"("groups":"ai","email_verified":true,"scope":"chatter","org":{"id":7})") == lacks("scope"));
    CHECK(says(R"("groups":"ai","email_verified":true,"scope":"chat","org":{"id":null})") ==
          lacks("/org/id"));
}

TEST_CASE_FIXTURE(JwtFixture, "groups and attributes come from claims, without values that are not facts") {
    const Value attributes{
        Table{{{"tenant", Value{Texts{"tid", "/org/id"}}}, {"none", Value{Texts{"absent"}}}}}};
    auto authenticator = authenticator_with(
        issuer().set(), table({{"groups_claim", Value{std::string("groups")}}, {"attributes", attributes}}));
    const std::string token =
        issuer().token(claims(R"("groups":["red",7,"",{"a":1},"a\u0007b"],"tid":"t1","org":{"id":"o2"})"));
    const http::RequestHead head{.headers = {{"authorization", "Bearer " + token}}};
    std::optional<Result<Identity>> out;
    authenticator->authenticate(head, into(out));
    REQUIRE((out && *out));
    CHECK((*out)->groups == Texts{"red", "7"});
    CHECK((*out)->attributes.size() == 1);
    CHECK((*out)->attributes.at("tenant") == Texts{"t1", "o2"});

    auto wrong = [&](const std::string& name, Value value) {
        auto made = create<Authenticator>(gatehouse_plugin, table({{name, std::move(value)}}), host);
        REQUIRE(!made);
        return made.error().message;
    };
    CHECK(wrong("groups_claim", Value{std::string("/")}) ==
          "groups_claim: a claim must be a name such as sub, or a path such as /realm_access/roles");
    CHECK(wrong("attributes", Value{Table{{{"t", Value{Texts{"a", ""}}}}}}) ==
          "attributes.\"t\"[1]: a claim must be a name such as sub, or a path such as /realm_access/roles");
    CHECK(wrong("attributes", Value{Table{{{"", Value{Texts{"a"}}}}}}) ==
          "attributes.\"\": the name of an attribute must have 1 to 200 bytes and no control characters");
}

TEST_CASE_FIXTURE(JwtFixture,
                  "models come from the list, a claim and rules; a token without models is rejected") {
    auto authenticator = authenticator_with(issuer().set(), table({{"models", Value{Texts{"base"}}}}));
    CHECK(who(*authenticator, issuer().token(claims(""))) == "alice: base");
    authenticator =
        authenticator_with(issuer().set(), table({{"models_claim", Value{std::string("models")}},
                                                  {"rules", rule("groups", "ml", {"oci/*", "x"})}}));
    auto says = [&](const std::string& more) { return who(*authenticator, issuer().token(claims(more))); };
    CHECK(says(R"("models":["a","b*",""],"groups":["ml"])") == "alice: a, b*, oci/*, x");
    CHECK(says(R"("models":"a","groups":["other"])") == "alice: a");
    CHECK(says(R"("groups":"ml")") == "alice: oci/*, x");
    for (const char* more :
         {"", R"("models":[])", R"("models":"")", R"("models":null,"groups":[])", R"("models":{})"})
        CHECK(says(more) == "403: this token does not allow any model");
}

TEST_CASE_FIXTURE(JwtFixture, "a configuration error names its key") {
    auto with = [&](const std::string& key, Value value) { return error(table({{key, std::move(value)}})); };
    const std::string url =
        "jwks_url: jwks_url must be the URL of the issuer's keys, such as https://login.example.com/keys";
    CHECK(with("jwks_url", Value{std::string()}) == ": no keys: give jwks_url or jwks_file");
    CHECK(with("jwks_file", Value{std::string("/x")}) == "jwks_file: give jwks_url or jwks_file, not both");
    for (const char* text :
         {"keys", "ftp://a/keys", "https://", "https:///keys", "https://a/k k", "https://a/\r\nx"})
        CHECK(with("jwks_url", Value{std::string(text)}) == url);
    CHECK(with("jwks_url", Value{std::string("https://me:hunter2@a.test/")}) ==
          "jwks_url: jwks_url must not contain a user or a password");
    CHECK(
        with("issuer", Value{Texts{}}) ==
        "issuer: issuer is missing; give the iss of the accepted tokens, because one key set can serve several issuers");
    CHECK(with("issuer", Value{Texts{""}}) == "issuer[0]: the issuer is empty");
    CHECK(with("audience", Value{Texts{"a", ""}}) == "audience[1]: the audience is empty");
    CHECK(with("algorithms", Value{Texts{}}) ==
          "algorithms: no algorithms; give at least one of RS256, PS256, ES256 and EdDSA");
    for (const char* name : {"none", "HS256", "rs256"})
        CHECK(with("algorithms", Value{Texts{name}}) ==
              "algorithms[0]: an algorithm must be RS256, PS256, ES256 or EdDSA; none and algorithms with "
              "a shared secret would accept forged tokens");
    const std::string claim = "a claim must be a name such as sub, or a path such as /realm_access/roles";
    CHECK(with("name_claim", Value{std::string()}) == "name_claim: " + claim);
    CHECK(with("name_prefix", Value{std::string("a b")}) ==
          "name_prefix: name_prefix must have at most 64 visible ASCII characters and no blanks");
    CHECK(with("claims", Value{Table{{{"", Value{Texts{"x"}}}}}}) == "claims: " + claim);
    CHECK(with("claims", Value{Table{{{"a", Value{Texts{}}}}}}) ==
          "claims.a: the list is empty and matches no token; use \"*\" for any value");
    CHECK(with("models", Value{Texts{"a*b"}}) ==
          "models[0]: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    CHECK(with("rules", rule("", "a", {"x"})) == "rules[0].claim: " + claim);
    CHECK(with("rules", rule("g", "", {"x"})) ==
          "rules[0].value: the value is empty and matches no token; use \"*\" for any value");
    CHECK(with("rules", rule("g", "a", {})) ==
          "rules[0].models: the list is empty, so that the token would allow no model; remove it to allow "
          "all models");
    CHECK(host.logged.empty());
    CHECK(host.fetched.empty());
}

TEST_CASE_FIXTURE(JwtFixture, "an unsafe configuration causes a warning") {
    authenticator(
        table({{"jwks_url", Value{std::string("http://login.test/keys")}}, {"audience", Value{Texts{}}}}));
    CHECK(host.has_logged(
        "warning: token keys are fetched without TLS; an attacker on the network could replace them "
        "jwks_url=http://login.test/keys"));
    CHECK(host.has_logged(
        "warning: without audience every token of the issuer is accepted, including tokens for other services"));
    host.logged.clear();
    authenticator(table({{"jwks_url", Value{std::string("http://127.0.0.1:80/keys")}}}));
    CHECK(host.logged.empty());
}
