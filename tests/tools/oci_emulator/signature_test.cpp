// SPDX-License-Identifier: Apache-2.0
// The emulator's check of signatures: the OCI documentation's vectors, and
// requests with one mistake each.
#include "tests/tools/oci_emulator/support.hpp"
#include "tools/oci_emulator/http_date.hpp"
#include "tools/oci_emulator/signature_check.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

const std::string key_id =
    "ocid1.tenancy.oc1..aaaaaaaaba3pv6wkcr4jqae5f15p2b2m2yt2j6rx32uzr4h25vqstifsfdsq/"
    "ocid1.user.oc1..aaaaaaaat5nvwcna5j6aqzjcaty5eqbb6qt2jvpkanghtgdaqedqw3rynjq/"
    "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";

KeyPointer documentation_key() {
    std::string base64 = fixture("signing-doc-key.pkcs1.b64");
    std::erase(base64, '\n');
    std::string pem = "-----BEGIN RSA PRIVATE KEY-----\n";
    for (std::size_t i = 0; i < base64.size(); i += 64) pem += base64.substr(i, 64) + "\n";
    auto key = read_key(pem + "-----END RSA PRIVATE KEY-----\n");
    REQUIRE(key);
    return *key;
}

std::string authorization(const std::string& names, const std::string& signature) {
    return "Signature version=\"1\",keyId=\"" + key_id + "\",algorithm=\"rsa-sha256\",headers=\"" + names +
           "\",signature=\"" + signature + "\"";
}

// Generating a key is slow.
const KeyPointer& usual_key() {
    static const KeyPointer key = new_key();
    return key;
}

// A request with a valid signature, which tests modify.
struct Signed {
    KeyPointer key = usual_key();
    KeyStore keys;
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
    std::string body = R"({"hello":"world"})";
    std::string names = "date (request-target) host content-length content-type x-content-sha256";
    http::RequestHead head{.method = "POST", .path = "/20231130/actions/chat"};
    std::string id = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/" + fingerprint_of(key);
    std::string prefix = "Signature ";
    std::string tail = "\",version=\"1\"";

    Signed() {
        keys.add(key);
        head.headers = {{"Host", "127.0.0.1:18443"},
                        {"Date", to_http_date(now)},
                        {"Content-Type", "application/json"},
                        {"Content-Length", std::to_string(body.size())},
                        {"X-Content-SHA256", to_base64(sha256(body))}};
    }
    void sign_it() {
        const auto parsed = read_authorization(
            "Signature version=\"1\",keyId=\"k\",algorithm=\"rsa-sha256\",signature=\"s\",headers=\"" +
            names + "\"");
        REQUIRE(parsed);
        const auto text = signing_string(parsed->headers, head);
        head.headers.set("authorization", prefix + "algorithm=\"rsa-sha256\",headers=\"" + names +
                                              "\", keyId=\"" + id + "\",signature=\"" +
                                              (text ? sign(key, *text) : "AAAA") + tail);
    }
    std::string check(SignatureRules rules = {}) {
        auto ok = check_signature(head, body, keys, rules, now);
        return ok ? "good" : ok.error().message;
    }
};

}  // namespace

TEST_CASE("the documentation's GET and POST vectors verify") {
    const auto vectors = parse_json(fixture("signing-doc-vectors.json"));
    REQUIRE(vectors);
    KeyStore keys;
    keys.add(key_id, documentation_key());
    const auto then = parse_http_date("Thu, 05 Jan 2014 21:31:40 GMT");
    REQUIRE(then);
    for (const std::string method : {"get", "post"}) {
        const Json& vector = vectors->at(method);
        const std::string url = vector.at("url"),
                          body = method == "post" ? fixture("signing-doc-post-body.json") : "";
        const std::size_t path = url.find('/', 8), query = std::min(url.find('?'), url.size());
        http::RequestHead head{
            .method = method == "post" ? "POST" : "GET",
            .path = url.substr(path, query - path),
            .query = query < url.size() ? url.substr(query + 1) : "",
            .headers = {{"host", url.substr(8, path - 8)}, {"date", "Thu, 05 Jan 2014 21:31:40 GMT"}}};
        if (method == "post") {
            head.headers.add("content-type", "application/json");
            head.headers.add("content-length", std::to_string(body.size()));
            head.headers.add("x-content-sha256", to_base64(sha256(body)));
        }
        head.headers.add("authorization", authorization(vector.at("headers"), vector.at("signature")));
        const auto parsed = read_authorization(head.headers.get("authorization"));
        REQUIRE(parsed);
        CHECK(*signing_string(parsed->headers, head) == vector.at("signingString").get<std::string>());
        CHECK(check_signature(head, body, keys, {}, *then));
        CHECK_FALSE(check_signature(head, body, keys, {}, *then + std::chrono::seconds(301)));
        CHECK(bool(check_signature(head, body + " ", keys, {}, *then)) == (method == "get"));
    }
}

TEST_CASE("a valid signature is accepted in any order and case") {
    Signed request;
    SUBCASE("as Python writes it") {}
    SUBCASE("as JavaScript writes it") {
        request.names = "x-date (request-target) host Content-Type Content-Length x-content-sha256";
        request.head.headers.add("x-date", to_http_date(request.now));
    }
    SUBCASE("with more headers signed") {
        request.names += " opc-request-id";
        request.head.headers.add("opc-request-id", "abc");
    }
    SUBCASE("with a lower-case scheme and more blanks") { request.prefix = "signature   "; }
    SUBCASE("with another key added under an id of its own") { request.keys.add("other", new_key()); }
    request.sign_it();
    CHECK(request.check() == "good");
}

TEST_CASE("a request with one mistake is refused, and the reason is named") {
    Signed request;
    std::string reason;
    SUBCASE("no host signed") {
        request.names = "date (request-target) content-length content-type x-content-sha256";
        reason = "not signed: host";
    }
    SUBCASE("no target signed") {
        request.names = "date host content-length content-type x-content-sha256";
        reason = "not signed: (request-target)";
    }
    SUBCASE("no digest signed") {
        request.names = "date (request-target) host content-length content-type";
        reason = "not signed: x-content-sha256";
    }
    SUBCASE("no length signed") {
        request.names = "date (request-target) host content-type x-content-sha256";
        reason = "not signed: content-length";
    }
    SUBCASE("no date signed") {
        request.names = "(request-target) host content-length content-type x-content-sha256";
        reason = "not signed: date";
    }
    SUBCASE("date signed, but x-date counts") {
        request.head.headers.add("x-date", to_http_date(request.now));
        reason = "not signed: x-date";
    }
    SUBCASE("a signed header that is missing") {
        request.names += " opc-obo-token";
        reason = "signed but not sent: opc-obo-token";
    }
    SUBCASE("an old date") {
        request.head.headers.set("date", to_http_date(request.now - std::chrono::seconds(400)));
        reason = "the date is 40";
    }
    SUBCASE("a date to come") {
        request.head.headers.set("date", to_http_date(request.now + std::chrono::seconds(400)));
        reason = "the date is ";
    }
    SUBCASE("a date of another form") {
        request.head.headers.set("date", "2026-11-22T10:00:00Z");
        reason = "the date does not have the form";
    }
    SUBCASE("another body") {
        request.body[2] = 'x';
        reason = "x-content-sha256";
    }
    SUBCASE("a longer body") {
        request.body += ' ';
        reason = "content-length";
    }
    SUBCASE("an unknown key") {
        request.id = "ocid1.tenancy.oc1..t/ocid1.user.oc1..u/00:11";
        reason = "the key is not known";
    }
    SUBCASE("a keyId of another form") {
        request.id = "x/y/" + fingerprint_of(request.key);
        reason = "the key is not known";
    }
    SUBCASE("another key") {
        request.key = new_key();
        reason = "the signature is wrong";
    }
    SUBCASE("another version") {
        request.tail = "\",version=\"2\"";
        reason = "the version is not 1";
    }
    SUBCASE("no version") {
        request.tail = "\"";
        reason = "Authorization has no version";
    }
    SUBCASE("a parameter twice") {
        request.tail = "\",version=\"1\",version=\"1\"";
        reason = "Authorization names a parameter twice";
    }
    SUBCASE("an open quote") {
        request.tail = "\",version=\"1";
        reason = "Authorization is not a list";
    }
    SUBCASE("another scheme") {
        request.prefix = "Bearer ";
        reason = "the scheme is not Signature";
    }
    request.sign_it();
    CHECK(request.check().substr(0, reason.size()) == reason);
}

TEST_CASE("a change after signing is detected") {
    Signed request;
    request.sign_it();
    SUBCASE("the path") { request.head.path = "/20231130/actions/embedText"; }
    SUBCASE("the query") { request.head.query = "a=b"; }
    SUBCASE("the method") { request.head.method = "PUT"; }
    SUBCASE("the host") { request.head.headers.set("host", "elsewhere"); }
    SUBCASE("the content type") {
        request.head.headers.set("content-type", "application/json; charset=utf-8");
    }
    CHECK(request.check() == "the signature is wrong");
}

TEST_CASE("any date is accepted with --signature only") {
    Signed request;
    request.head.headers.set("date", to_http_date(request.now - std::chrono::hours(100)));
    request.sign_it();
    CHECK(request.check({.mode = SignatureRules::Mode::signature_only}) == "good");
    request.body += ' ';
    CHECK(request.check({.mode = SignatureRules::Mode::signature_only}) != "good");
    CHECK(request.check({.mode = SignatureRules::Mode::off}) == "good");
}

TEST_CASE("the fingerprint of the sample key is correct") {
    CHECK(fingerprint_of(documentation_key()) == "73:61:a2:21:67:e0:df:be:7e:4b:93:1e:15:98:a5:b7");
}

TEST_CASE("base64 accepts only standard text with padding") {
    for (std::string bytes : {"", "a", "ab", "abc", "\xff\x00\x10"})
        CHECK(from_base64(to_base64(bytes)) == bytes);
    CHECK(to_base64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
    for (const char* text : {"YQ", "YQ=", "Y===", "YQ==YQ==", "Y-==", " YQ=", "YQ=a"})
        CHECK_FALSE(from_base64(text));
}

TEST_CASE("dates are read exactly and written the same") {
    const auto date = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    REQUIRE(date);
    CHECK(to_http_date(*date) == "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const char* text : {"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "",
                             "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                             "Son, 06 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"})
        CHECK_FALSE(parse_http_date(text));
}
