// SPDX-License-Identifier: Apache-2.0
// Tokens and their files, byte by byte.
#include "plugins/auth/oci_signer/token.hpp"

#include "plugins/auth/oci_signer/files.hpp"
#include "tests/plugins/auth/oci_signer/principal_fixture.hpp"

#include <sys/stat.h>

using namespace principals;

TEST_CASE("claims are read from the middle of a token in base64 or base64url") {
    const std::string plain =
        jwt({{"exp", 1795341600}, {"res_tenant", "t"}, {"res_compartment", "c"}, {"x", "?>?"}});
    for (const bool standard : {false, true}) {
        std::string text = plain;
        if (standard)
            for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
        const Claims claims = claims_of(text);
        CHECK(claims.expiry == Time(1795341600s));
        CHECK(claims.tenancy == "t");
        CHECK(claims.compartment == "c");
    }
    CHECK(claims_of(jwt({{"tenant", "t"}})).tenancy == "t");
    CHECK(claims_of(jwt({{"exp", 1795341600.9}})).expiry == Time(1795341600s));
}

TEST_CASE("a token that is cut at any byte has no claims or the correct claims") {
    const std::string whole = jwt({{"exp", 1795341600}, {"res_tenant", "t"}});
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        const Claims claims = claims_of(whole.substr(0, cut));
        CHECK((!claims.expiry || claims.expiry == Time(1795341600s)));
    }
}

TEST_CASE("claims of other types and unprintable claims are left out") {
    for (const char* odd : {"\"1795341600\"", "null", "true", "[]", "{}", "-1", "0", "1e300", "8e9"})
        CHECK(!claims_of("a." + base64url(std::string("{\"exp\":") + odd + "}") + ".c").expiry);
    CHECK(claims_of(jwt({{"tenant", "a\nb"}})).tenancy.empty());
    CHECK(claims_of(jwt({{"tenant", std::string(300, 'x')}})).tenancy.empty());
    CHECK(claims_of(jwt({{"tenant", 7}})).tenancy.empty());
    CHECK(!claims_of("a." + base64url(std::string(100'000, '[')) + ".c").expiry);
    CHECK(!claims_of("a.%%%.c").expiry);
    CHECK(!claims_of("..").expiry);
}

TEST_CASE("a clean token has no blanks around it and no prefix, and cannot leave its quotes") {
    CHECK(*clean_token(" \r\nabc.def-_~+/=\t\n") == "abc.def-_~+/=");
    CHECK(*clean_token("ST$abc") == "abc");
    for (const char* odd :
         {"", " ", "ST$", "a b", "a\"b", "a\\b", "a,b", "a\nb", "a\rb", "a\x7F", "\xC3\xA4"})
        CHECK(!clean_token(odd));
    CHECK(!clean_token(std::string(max_token_bytes + 1, 'x')));
    CHECK(clean_token(std::string(max_token_bytes, 'x')));
}

TEST_CASE("a file is replaced atomically, readable by its owner only, or stays unchanged") {
    TemporaryFolder folder;
    const std::string file = folder.write("f", "old");
    std::filesystem::permissions(file, std::filesystem::perms::all);
    REQUIRE(replace_file(file, "new"));
    CHECK(folder.read("f") == "new");
    struct stat status;
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(!replace_file((folder.path / "nowhere/f").string(), "x"));
    std::filesystem::create_directory(folder.path / "d");
    CHECK(!replace_file((folder.path / "d").string(), "x"));
    CHECK(replace_file((folder.path / "made").string(), ""));
    // Only d, f and made exist.
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 3);
}
