// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/text/text.hpp"
#include "plugins/common/text/base64.hpp"
#include "plugins/common/text/http_date.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse::common;

TEST_CASE("base64 has padding and is appended") {
    CHECK(to_base64("") == "");
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(to_base64("\xFB\xFF\xBE") == "+/++");
    std::string out = "x";
    append_base64(out, "f");
    CHECK(out == "xZg==");
    for (std::size_t size : {0, 1, 2, 3, 4, 300})
        CHECK(to_base64(std::string(size, 'a')).size() == base64_size(size));
}

TEST_CASE("base64 is read with and without padding, and with line ends") {
    for (const char* text : {"Zg==", "Zg", "Z\r\ng=\n=", "Zg=="}) CHECK(from_base64(text) == "f");
    CHECK(from_base64("") == "");
    CHECK(from_base64("Zm9v\nYmFy\n") == "foobar");
    for (const char* bad : {"Z", "Zg=", "Zm8==", "Zg===", "Zg==Zg==", "Zm9v=", "Zm-v", "Zm 9v"})
        CHECK_FALSE(from_base64(bad));
}

TEST_CASE("base64url has one spelling for each sequence of bytes") {
    CHECK(from_base64url("QQ") == "A");
    CHECK(from_base64url("-_--") == "\xFB\xFF\xBE");
    CHECK(from_base64url("") == "");
    for (const char* bad : {"QR", "QQ==", "Q", "QQ\n", "+/++"}) CHECK_FALSE(from_base64url(bad));
}

TEST_CASE("either alphabet is read up to the first other character") {
    CHECK(from_any_base64("Zm9vYmFy") == "foobar");
    CHECK(from_any_base64("-_--") == from_any_base64("+/++"));
    CHECK(from_any_base64("Zm9v.YmFy") == "foo");
    CHECK(from_any_base64("Zg==Zg") == "f");
    CHECK(from_any_base64("{") == "");
}

TEST_CASE("each byte survives base64") {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        CHECK(from_base64(to_base64(bytes)) == bytes);
        CHECK(from_any_base64(to_base64(bytes)) == bytes);
        bytes += static_cast<char>(i);
    }
}

TEST_CASE("a date of HTTP is read as it is written") {
    using namespace std::chrono;
    const auto time = sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);
    CHECK(to_http_date(time) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == time);
    CHECK(to_http_date(time + milliseconds(999)) == "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const char* bad :
         {"", "now", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
          "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 -8:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"})
        CHECK_FALSE(read_http_date(bad));
}

TEST_CASE("names are listed with commas") {
    CHECK(joined(std::vector<std::string>()) == "");
    CHECK(joined(std::vector<std::string>{"a"}) == "a");
    CHECK(joined(std::vector<std::string>{"a", "b", "c"}) == "a, b, c");
}

TEST_CASE("blanks are removed at both ends only") {
    CHECK(trimmed(" \t a b\r\n") == "a b");
    CHECK(trimmed(" \r\n") == "");
    CHECK(trimmed("") == "");
    CHECK(trimmed(" a\n", " \t") == "a\n");
}

TEST_CASE("a text is not cut within a character") {
    CHECK(beginning("aé€", 6) == "aé€");
    CHECK(beginning("aé€", 5) == "aé");
    CHECK(beginning("aé€", 3) == "aé");
    CHECK(beginning("aé€", 2) == "a");
    CHECK(beginning("é", 1) == "");
    CHECK(beginning("\x80\x80\x80", 2) == "");
    CHECK(characters("aé€") == 3);
    CHECK(characters("") == 0);
}
