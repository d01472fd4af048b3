// SPDX-License-Identifier: Apache-2.0
// AWS's published test suite (aws-sig-v4-test-suite): the credentials are AKIDEXAMPLE, the date is
// 20150830T123600Z, the service is "service" in us-east-1.  The suite's paths are not encoded, so
// they are given as they are.
#include "plugins/auth/aws_sigv4/signature.hpp"

#include <gatehouse/sha256.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::aws;

namespace {

const std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const std::string time_text = "20150830T123600Z";
const std::string alphabet = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const std::string token =
    "AQoDYXdzEPT//////////"
    "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
    "qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVX"
    "AkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICC"
    "R/oLxBA==";

std::chrono::system_clock::time_point suite_time() {
    using namespace std::chrono;
    return sys_days(year(2015) / 8 / 30) + hours(12) + minutes(36);
}

struct Vector {
    const char* name;
    const char* method;
    std::string path, query;
    http::Headers headers;  // without host and x-amz-date
    const char* signed_headers;
    const char* signature;
    std::string body = {};
};

SignedHeaders split(std::string_view names) {
    SignedHeaders list;
    while (!names.empty()) {
        const std::size_t end = std::min(names.find(';'), names.size());
        list.emplace_back(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return list;
}

std::string signed_by(const Vector& vector) {
    http::Request request{.method = vector.method, .url = {}, .headers = vector.headers, .body = vector.body};
    request.headers.add("Host", "example.amazonaws.com");
    request.headers.add("X-Amz-Date", time_text);
    const SignedHeaders names = split(vector.signed_headers);
    const std::string text = canonical_request(request, {"example.amazonaws.com", vector.path, vector.query},
                                               names, to_hex(sha256(vector.body)));
    return authorization(text, names, "AKIDEXAMPLE", derive_key(secret, "20150830", "us-east-1", "service"),
                         time_text);
}

}  // namespace

TEST_CASE("AWS's test suite gives the published signatures") {
    const char* two = "host;x-amz-date";
    const char* three = "host;my-header1;x-amz-date";
    const char* vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    const char* vanilla_post = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";
    const char* value_post = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11";
    const std::vector<Vector> vectors = {
        {"get-header-key-duplicate",
         "GET",
         "/",
         "",
         {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
         three,
         "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
        {"get-header-value-order",
         "GET",
         "/",
         "",
         {{"My-Header1", "value4"},
          {"My-Header1", "value1"},
          {"My-Header1", "value3"},
          {"My-Header1", "value2"}},
         three,
         "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
        {"get-header-value-trim",
         "GET",
         "/",
         "",
         {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
         "host;my-header1;my-header2;x-amz-date",
         "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
        {"get-unreserved",
         "GET",
         "/" + alphabet,
         "",
         {},
         two,
         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        {"get-utf8",
         "GET",
         "/\u1234",
         "",
         {},
         two,
         "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        {"get-vanilla", "GET", "/", "", {}, two, vanilla},
        {"get-vanilla-empty-query-key",
         "GET",
         "/",
         "Param1=value1",
         {},
         two,
         "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"get-vanilla-query", "GET", "/", "", {}, two, vanilla},
        {"get-vanilla-query-order-key",
         "GET",
         "/",
         "Param1=value2&Param1=Value1",
         {},
         two,
         "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"},
        {"get-vanilla-query-order-key-case",
         "GET",
         "/",
         "Param2=value2&Param1=value1",
         {},
         two,
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-vanilla-query-order-value",
         "GET",
         "/",
         "Param1=value2&Param1=value1",
         {},
         two,
         "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
        {"get-vanilla-query-unreserved",
         "GET",
         "/",
         alphabet + "=" + alphabet,
         {},
         two,
         "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
        {"get-vanilla-utf8-query",
         "GET",
         "/",
         "\u1234=bar",
         {},
         two,
         "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
        {"normalize-path/get-relative", "GET", "/example/..", "", {}, two, vanilla},
        {"normalize-path/get-relative-relative", "GET", "/example1/example2/../..", "", {}, two, vanilla},
        {"normalize-path/get-slash", "GET", "//", "", {}, two, vanilla},
        {"normalize-path/get-slash-dot-slash", "GET", "/./", "", {}, two, vanilla},
        {"normalize-path/get-slash-pointless-dot",
         "GET",
         "/./example",
         "",
         {},
         two,
         "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
        {"normalize-path/get-slashes",
         "GET",
         "//example//",
         "",
         {},
         two,
         "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
        {"normalize-path/get-space",
         "GET",
         "/example space/",
         "",
         {},
         two,
         "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
        {"post-header-key-case", "POST", "/", "", {}, two, vanilla_post},
        {"post-header-key-sort",
         "POST",
         "/",
         "",
         {{"My-Header1", "value1"}},
         three,
         "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
        {"post-header-value-case",
         "POST",
         "/",
         "",
         {{"My-Header1", "VALUE1"}},
         three,
         "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
        {"post-sts-token/post-sts-header-after", "POST", "/", "", {}, two, vanilla_post},
        {"post-sts-token/post-sts-header-before",
         "POST",
         "/",
         "",
         {{"X-Amz-Security-Token", token}},
         "host;x-amz-date;x-amz-security-token",
         "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
        {"post-vanilla", "POST", "/", "", {}, two, vanilla_post},
        {"post-vanilla-empty-query-value", "POST", "/", "Param1=value1", {}, two, value_post},
        {"post-vanilla-query", "POST", "/", "Param1=value1", {}, two, value_post},
        {"post-x-www-form-urlencoded",
         "POST",
         "/",
         "",
         {{"Content-Type", "application/x-www-form-urlencoded"}},
         "content-type;host;x-amz-date",
         "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
         "Param1=value1"},
        {"post-x-www-form-urlencoded-parameters",
         "POST",
         "/",
         "",
         {{"Content-Type", "application/x-www-form-urlencoded; charset=utf8"}},
         "content-type;host;x-amz-date",
         "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
         "Param1=value1"},
    };
    for (const Vector& vector : vectors) {
        CAPTURE(vector.name);
        CHECK(signed_by(vector) ==
              std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                          "SignedHeaders=") +
                  vector.signed_headers + ", Signature=" + vector.signature);
    }
}

TEST_CASE("the canonical request is that of the test suite") {
    http::Request request{.method = "GET", .url = {}, .headers = {{"Host", "example.amazonaws.com"}}};
    request.headers.add("X-Amz-Date", time_text);
    CHECK(canonical_request(request, {"example.amazonaws.com", "/example space/", "b=2&a"},
                            {"host", "x-amz-date"}, to_hex(sha256(""))) ==
          "GET\n/example%20space/\na=&b=2\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
          "host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("an encoded path is encoded once more, and an encoded query is not") {
    CHECK(canonical_path("/model/us.amazon.nova-lite-v1%3A0/converse") ==
          "/model/us.amazon.nova-lite-v1%253A0/converse");
    CHECK(canonical_path("/model/a:0/converse") == "/model/a%3A0/converse");
    CHECK(canonical_path("/a/%2E%2E/b%2Fc") == "/a/%252E%252E/b%252Fc");
    CHECK(canonical_query("nextToken=a%2Fb%3D%3D&maxResults=1000") ==
          "maxResults=1000&nextToken=a%2Fb%3D%3D");
    CHECK(canonical_query("a=%zz&&b") == "a=%25zz&b=");
    CHECK(canonical_query("") == "");
}

TEST_CASE("dots and slashes of a path are resolved, also above the root") {
    const std::pair<const char*, const char*> table[] = {
        {"", "/"},      {"/..", "/"},       {"/../../a", "/a"}, {"/a/.", "/a/"},
        {"/a/..", "/"}, {"/a/b/..", "/a/"}, {"/a//b", "/a/b"},  {"/a/", "/a/"},
        {"/a", "/a"},   {"/...", "/..."},   {"/a/../b/", "/b/"}};
    for (const auto& [path, expected] : table) CHECK(canonical_path(path) == expected);
}

TEST_CASE("the parts of a URL that are signed") {
    const auto target =
        target_of("https://Bedrock-Runtime.us-east-1.amazonaws.com:443/model/x%3A0/converse?a=b#c");
    REQUIRE(target);
    CHECK(target->host == "bedrock-runtime.us-east-1.amazonaws.com");
    CHECK(target->path == "/model/x%3A0/converse");
    CHECK(target->query == "a=b");
    CHECK(target_of("http://host:80")->host == "host");
    CHECK(target_of("http://host:443")->host == "host:443");
    CHECK(target_of("https://host?x")->path == "/");
    CHECK(target_of("http://[::1]:8080/a")->host == "[::1]:8080");
    const auto wrong = target_of("ftp://host/");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().detail == "a request to sign must have an absolute http(s) URL");
}

TEST_CASE("a timestamp is UTC, with two digits each") {
    using namespace std::chrono;
    CHECK(timestamp(suite_time()) == time_text);
    CHECK(timestamp(sys_days(year(2026) / 1 / 2) + seconds(5) + milliseconds(999)) == "20260102T000005Z");
    CHECK(timestamp(sys_days(year(2024) / 2 / 29) + hours(23) + minutes(59) + seconds(59)) ==
          "20240229T235959Z");
}

// The signatures are those of another implementation of the documentation, in Python.
TEST_CASE("a Bedrock request is signed with its body, its type, and its encoded model") {
    const DayKey key = derive_key(secret, "20150830", "us-east-1", "bedrock");
    http::Request request{
        .method = "POST",
        .url =
            "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/"
            "converse",
        .headers = {{"accept", "application/json"},
                    {"content-type", "application/json"},
                    {"x-amzn-requestid", "req_1"},
                    {"authorization", "old"},
                    {"x-amz-date", "old"},
                    {"x-amz-security-token", "old"}},
        .body = R"({"messages":[]})"};
    auto out = sign(request, {"AKIDEXAMPLE", secret, ""}, key, suite_time());
    REQUIRE(out);
    CHECK(out->headers.get("host") == "bedrock-runtime.us-east-1.amazonaws.com");
    CHECK(out->headers.get("x-amz-date") == time_text);
    CHECK(out->headers.get("x-amz-content-sha256") == to_hex(sha256(request.body)));
    CHECK_FALSE(out->headers.has("x-amz-security-token"));
    CHECK(out->headers.get("authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, "
          "Signature=8b81c44ff7e2bc912bc178ba122d8eca90e2cf2d04becdd72f950d80f9862e27");
    CHECK(out->body == request.body);
    CHECK(out->url == request.url);

    out = sign(request, {"AKIDEXAMPLE", secret, "TOKEN+/="}, key, suite_time());
    CHECK(out->headers.get("x-amz-security-token") == "TOKEN+/=");
    CHECK(out->headers.get("authorization") ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
          "Signature=29e7ba3f61704cf3a9ed7eae22715f16f1913567a23d0b0d91d1a773ade5e6ff");

    request.url =
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.x/converse-stream";
    out = sign(request, {"AKIDEXAMPLE", secret, ""}, key, suite_time());
    CHECK(out->headers.get("authorization")
              .ends_with("Signature=c54d4ea9c7d41e781a307b7c4dd35a22d23d32e9ed9391dde612d4636af2abda"));
}
