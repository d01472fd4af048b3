// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/url.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

namespace {
std::string json_of(const JsonString& text) {
    std::string out;
    text.append_json_to(out);
    return out;
}
}  // namespace

TEST_CASE("bytes other than unreserved ones are percent-encoded, and decoded again") {
    CHECK(percent_encoded("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encoded("a/b?c=d&e #%+\n") == "a%2Fb%3Fc%3Dd%26e%20%23%25%2B%0A");
    CHECK(percent_encoded("\xC3\xBC") == "%C3%BC");
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(percent_decoded(percent_encoded(all)) == all);
    CHECK(query_value("whose=" + percent_encoded(all) + "&by=key", "whose") == all);
    CHECK(query_value("whose=a&by=key%2Cmodel&by=x", "by") == "key,model");
    CHECK(query_value("whose=a", "who") == "");
    CHECK_FALSE(query_value("by=%", "by"));
    CHECK(percent_decoded("%c3%Bc+") == "\xC3\xBC+");
    for (const char* bad : {"%", "%1", "a%", "%g1", "%1g", "%%41"}) CHECK_FALSE(percent_decoded(bad));
}

TEST_CASE("links are told from other texts") {
    for (const char* url : {"http://a", "https://a", "HTTPS://a"}) CHECK(is_http_url(url));
    for (const char* other : {"", "http:", "https:/a", "data:,", "ftp://a", " http://a"})
        CHECK_FALSE(is_http_url(other));
}

TEST_CASE("a data: URL has a type and base64") {
    const auto url = read_data_url("data:image/png;base64,QUJD");
    REQUIRE(url);
    CHECK(url->media_type == "image/png");
    CHECK(url->data == "QUJD");
    CHECK(read_data_url("DATA:Image/JPG;charset=x;BASE64,QQ==")->media_type == "image/jpeg");
    CHECK(read_data_url("data:;base64,")->media_type == "");
    CHECK(read_data_url("data:;base64,")->data.empty());
    for (const char* other : {"", "data:", "data:image/png,a", "data:image/png;base64", "xdata:a;base64,b",
                              "https://host/a.png", "data:image/png; base64,x"})
        CHECK_FALSE(read_data_url(other));
    CHECK_FALSE(read_data_url("data:" + std::string(100'000, 'a') + ";base64,b"));
}

TEST_CASE("base64 keeps the spelling of the client's JSON") {
    // PHP escapes each slash.
    const auto url = read_data_url(JsonString::spelled(R"(data:image\/png;base64,ab\/c+d\u003d)", true));
    REQUIRE(url);
    CHECK(url->media_type == "image/png");
    CHECK(json_of(url->data) == R"("ab\/c+d\u003d")");
    CHECK(url->data == "ab/c+d=");
}

TEST_CASE("a long image is shared with the client's body") {
    auto body = std::make_shared<const std::string>("data:image/png;base64," + std::string(100'000, 'A'));
    const auto url = read_data_url(JsonString::spelled(*body, false, body));
    REQUIRE(url);
    CHECK(std::string_view(url->data).data() == body->data() + 22);
    CHECK(std::string_view(url->data).size() == 100'000);
}
