// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/oci_signer/signature.hpp"
#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/retry_token.hpp"

#include "tests/plugins/auth/oci_signer/oci_keys.hpp"

#include <clocale>

using namespace gatehouse;
using namespace oci_keys;
using gatehouse::test::Json;

namespace {

std::shared_ptr<const oci::PrivateKey> key() {
    auto parsed = oci::PrivateKey::parse(sample_pem(), "", "the sample key");
    REQUIRE(parsed);
    return *parsed;
}

std::string path_of(const std::string& url) {
    auto target = oci::target_of(url);
    REQUIRE(target);
    return target->path;
}

oci::SignedHeaders split(const std::string& names) {
    oci::SignedHeaders list;
    for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find(' ', at), names.size());
        list.push_back(std::string_view(names).substr(at, end - at));
        at = end + 1;
    }
    return list;
}

constexpr std::chrono::sys_seconds noon_in_2026 =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(10);

http::Request chat(const Json& vector) {
    return {.method = "POST", .url = vector["url"], .body = vector["bodyUtf8"]};
}

std::string signature_in(const http::Request& request) {
    const std::string field(request.headers.get("authorization"));
    const std::size_t start = field.find("signature=\"") + 11;
    return field.substr(start, field.find('"', start) - start);
}

}  // namespace

TEST_CASE("the documentation's GET and POST give the documented strings and signatures") {
    const auto all = vectors("signing-doc-vectors.json");
    for (const char* method : {"get", "post"}) {
        CAPTURE(method);
        const auto& vector = all[method];
        const std::string url = vector["url"], names = vector["headers"];
        http::Request request{.method = method, .url = url};
        // The documented date has a wrong weekday, so it cannot be computed.
        request.headers = {{"Date", all["date"]}, {"Host", "iaas.us-phoenix-1.oraclecloud.com"}};
        if (vector.contains("bodyFile")) {
            request.body = fixture(vector["bodyFile"]);
            request.headers.add("content-length", std::to_string(request.body.size()));
            request.headers.add("content-type", "application/json");
            request.headers.add("x-content-sha256", oci::sha256_base64(request.body));
        }
        const std::string text = oci::signing_string(request, path_of(url), split(names));
        CHECK(text == vector["signingString"]);
        CHECK(*key()->sign(text) == vector["signature"]);
    }
}

TEST_CASE("a chat is signed byte for byte as recorded") {
    const auto vector = vectors("signing-chat-vector.json");
    auto request = oci::sign(chat(vector), *key(), vector["keyId"].get<std::string>(), noon_in_2026,
                             oci::signed_headers("POST"));
    REQUIRE(request);
    CHECK(request->headers.get("date") == vector["date"]);
    CHECK(request->headers.get("host") == "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(request->headers.get("content-length") == "267");
    CHECK(request->headers.get("content-type") == "application/json");
    CHECK(request->headers.get("x-content-sha256") == vector["xContentSha256"]);
    CHECK(request->headers.get("authorization") ==
          "Signature version=\"1\",keyId=\"" + vector["keyId"].get<std::string>() +
              "\",algorithm=\"rsa-sha256\",headers=\"" + vector["dateOrder"]["headers"].get<std::string>() +
              "\",signature=\"" + vector["dateOrder"]["signature"].get<std::string>() + "\"");
    CHECK(request->body == vector["bodyUtf8"]);
    CHECK(request->url == vector["url"]);
}

TEST_CASE("the order of the JavaScript signer gives its signature") {
    const auto vector = vectors("signing-chat-vector.json");
    const std::string names = vector["xDateOrder"]["headers"];
    auto request = oci::sign(chat(vector), *key(), "any", noon_in_2026, split(names));
    REQUIRE(request);
    CHECK(request->headers.get("x-date") == vector["date"]);
    CHECK(!request->headers.has("date"));
    CHECK(signature_in(*request) == vector["xDateOrder"]["signature"]);
}

TEST_CASE("a request without a body signs date, target and host only") {
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        auto request = oci::sign({.method = method, .url = "https://example.com/20231130/models?a=b%20c"},
                                 *key(), "any", noon_in_2026, oci::signed_headers(method));
        REQUIRE(request);
        CHECK(request->headers.get("authorization").find("headers=\"date (request-target) host\"") !=
              std::string_view::npos);
        CHECK(!request->headers.has("x-content-sha256"));
        CHECK(!request->headers.has("content-type"));
    }
}

TEST_CASE("an empty body of a POST has a length, a type and a digest") {
    auto request = oci::sign({.method = "POST", .url = "https://example.com/"}, *key(), "any", noon_in_2026,
                             oci::signed_headers("POST"));
    REQUIRE(request);
    CHECK(request->headers.get("content-length") == "0");
    CHECK(request->headers.get("content-type") == "application/json");
    CHECK(request->headers.get("x-content-sha256") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

TEST_CASE("headers of the provider are signed unchanged, and an older signature is replaced") {
    http::Request request{.method = "POST", .url = "http://127.0.0.1:18443/x"};
    request.headers = {{"Host", "other.example"},       {"Content-Type", " text/plain; charset=utf-8 "},
                       {"Authorization", "Bearer old"}, {"Date", "yesterday"},
                       {"X-Date", "last year"},         {"Content-Length", "999"}};
    auto done = oci::sign(request, *key(), "any", noon_in_2026, oci::signed_headers("POST"));
    REQUIRE(done);
    const std::string text = oci::signing_string(*done, "/x", oci::signed_headers("POST"));
    CHECK(text.find("\nhost: other.example\n") != std::string::npos);
    CHECK(text.find("\ncontent-type: text/plain; charset=utf-8\n") != std::string::npos);
    CHECK(text.find("\ncontent-length: 0\n") != std::string::npos);
    CHECK(text.starts_with("date: Sun, 22 Nov 2026 10:00:00 GMT\n"));
    CHECK(!done->headers.has("x-date"));
    CHECK(done->headers.get("authorization").starts_with("Signature version=\"1\","));
    CHECK(signature_in(*done) == *key()->sign(text));
    int dates = 0;
    for (const auto& [name, value] : done->headers) dates += http::equal_ignoring_case(name, "date");
    CHECK(dates == 1);
}

TEST_CASE("several fields of one name are joined by a comma") {
    http::Request request{.headers = {{"A", "1"}, {"b", "x"}, {"a", "\t2 "}}};
    CHECK(oci::signing_string(request, "/", {"a", "(request-target)"}) == "a: 1, 2\n(request-target): get /");
}

TEST_CASE("host and target are the same as in the HTTP request") {
    const struct {
        const char *url, *host, *path;
    } cases[] = {
        {"https://a.example/p?q=%2F", "a.example", "/p?q=%2F"},
        {"https://a.example:443/", "a.example", "/"},
        {"http://a.example:80", "a.example", "/"},
        {"http://a.example:443/x", "a.example:443", "/x"},
        {"https://a.example:8443/x", "a.example:8443", "/x"},
        {"HTTPS://a.example?x=1", "a.example", "/?x=1"},
        {"https://me:secret@a.example/x#part", "a.example", "/x"},
        {"http://[::1]:8080/x", "[::1]:8080", "/x"},
        {"http://[::80]/x", "[::80]", "/x"},
        {"https://a.example:/x", "a.example", "/x"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.url);
        auto target = oci::target_of(one.url);
        REQUIRE(target);
        CHECK(target->host == one.host);
        CHECK(target->path == one.path);
    }
    for (const char* url :
         {"", "/x", "a.example/x", "ftp://a.example/", "https://", "https:///x", "https://u@/x"}) {
        CAPTURE(url);
        CHECK(!oci::target_of(url));
    }
}

TEST_CASE("a date is in English in every locale") {
    using namespace std::chrono;
    const char* before = std::setlocale(LC_ALL, nullptr);
    const std::string keep = before ? before : "C";
    for (const char* locale : {"de_DE.UTF-8", "C.UTF-8", "C"}) {
        std::setlocale(LC_ALL, locale);
        CHECK(to_http_date(sys_days(year(2014) / 1 / 5) + hours(21) + minutes(31) + seconds(40)) ==
              "Sun, 05 Jan 2014 21:31:40 GMT");
    }
    std::setlocale(LC_ALL, keep.c_str());
    CHECK(to_http_date(sys_days(year(2024) / 2 / 29) + milliseconds(86'399'999)) ==
          "Thu, 29 Feb 2024 23:59:59 GMT");
    CHECK(to_http_date(system_clock::time_point{}) == "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST_CASE("the attempts of a request share a retry token, and no other request has it") {
    const std::string id = "req_0123456789abcdefghij-2_3";
    const auto token = [](const std::string& id, const std::string& body = "{}",
                          const std::string& url = "https://a.example/20231130/actions/chat",
                          const std::string& method = "POST") {
        http::Request request{.method = method, .url = url, .body = body};
        request.headers.set("opc-request-id", id);
        const auto signed_request =
            oci::sign(std::move(request), *key(), "k", noon_in_2026, oci::signed_headers(method));
        REQUIRE(signed_request);
        CHECK(signed_request->headers.get("authorization").find("retry") == std::string::npos);
        return std::string(signed_request->headers.get("opc-retry-token"));
    };
    const std::string first = token(id);
    CHECK(first == "req_0123456789abcdefghij-2_3-l3n4VeRZp8sGWW-OPk6ZcigRh7vGhzkv");
    CHECK(first.size() <= 64);
    CHECK(token(id + "-2") == first);
    CHECK(token(id + "-17") == first);
    CHECK(token("req_0123456789abcdefghij-2_4") != first);
    CHECK(token(id, "{ }") != first);
    CHECK(token(id, "{}", "https://b.example/20231130/actions/chat") != first);
    for (const char* operation : {"embedText", "rerankText", "applyGuardrails"}) {
        const std::string other =
            token(id, "{}", "https://a.example/20231130/actions/" + std::string(operation));
        CHECK(other.starts_with(id + "-"));
        CHECK(other != first);
    }
    for (const char* url :
         {"https://a.example/openai/v1/chat/completions",
          "https://a.example/20231130/actions/v1/chat/completions", "https://a.example/20231130/models",
          "https://a.example/20231130/actions/chat?x=1"})
        CHECK(token(id, "{}", url) == "");
    CHECK(token(id, "", "https://a.example/20231130/actions/chat", "GET") == "");
    for (const char* none : {"", "req_short", "abc_0123456789abcdefghij-2_3"}) CHECK(token(none) == "");
}
