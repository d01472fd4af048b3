// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/base64.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

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
    CHECK(to_base64url("A") == "QQ");
    CHECK(to_base64url("\xFB\xFF\xBE") == "-_--");
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
