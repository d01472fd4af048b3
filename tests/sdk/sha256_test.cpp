// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/sha256.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

TEST_CASE("digests of FIPS 180-4's examples") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("digests of every length up to 299 are those of another implementation") {
    Sha256 all;
    for (std::size_t size = 0; size < 300; ++size) all.update(sha256(std::string(size, 'a')));
    CHECK(to_hex(all.digest()) == "80e953e3b006c4bab43fd5d792f8bd29c122f6cf1497318365fe66bf2d61398d");
}

TEST_CASE("a text in pieces has the same digest") {
    std::string text;
    for (int i = 0; i < 200; ++i) text += static_cast<char>(i);
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        CHECK(Sha256().update(text.substr(0, cut)).update(text.substr(cut)).digest() == sha256(text));
}

TEST_CASE("HMACs of RFC 4231, and with keys of every length up to 149") {
    CHECK(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    Sha256 all;
    for (std::size_t size = 0; size < 150; ++size)
        all.update(hmac_sha256(std::string(size, static_cast<char>(size)), std::string(size, 'm')));
    CHECK(to_hex(all.digest()) == "7b4bf6e4ddba9e1ce48bb93a4a947869d93f91e4fcaf9010e73be85e0dec457e");
}

TEST_CASE("secrets are compared") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("secret", "secret"));
    for (const char* other : {"", "secre", "secret2", "Secret", "secreT"})
        CHECK_FALSE(equal_in_constant_time("secret", other));
}
