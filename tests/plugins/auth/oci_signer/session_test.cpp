// SPDX-License-Identifier: Apache-2.0
// Refreshes of session tokens: before they expire, after a 401, and the write to their file.
// oci_signer_test checks that changed files are read again.
#include "tests/plugins/auth/oci_signer/principal_fixture.hpp"

#include <sys/stat.h>

using namespace principals;

namespace {

const std::string url = "https://auth.us-chicago-1.oraclecloud.com/v1/authentication/refresh";

struct Login : Fixture {
    std::string file;
    std::function<Result<http::Response>(const http::Request&)> refresh;

    Login() {
        home.write("key.pem", pem_of(test_key(1)));
        file = home.write("session/token", token(noon + 1h, "0") + "\n");
        profile("region=us-chicago-1\n");
        refresh = [this](const http::Request&) {
            return response(200, token_answer(token(host.time + 1h, std::to_string(host.fetched.size()))));
        };
        host.answer = [this](const http::Request& request) { return refresh(request); };
    }
    void profile(const std::string& more) {
        home.write(".oci/config",
                   "[DEFAULT]\nkey_file=~/key.pem\nsecurity_token_file=~/session/token\n" + more);
    }
    std::string written() { return home.read("session/token"); }
};

}  // namespace

TEST_CASE_FIXTURE(Login, "a session is refreshed before it expires and written back, for its owner only") {
    start();
    CHECK(key_id() == "ST$" + token(noon + 1h, "0"));
    host.advance(55min - 1s);
    CHECK(host.fetched.empty());
    host.advance(1s);
    REQUIRE(host.fetched.size() == 1);
    const http::Request& request = host.fetched[0];
    CHECK(request.method == "POST");
    CHECK(request.url == url);
    CHECK(request.body == R"({"currentToken":")" + token(noon + 1h, "0") + "\"}");
    CHECK(request.headers.get("content-type") == "application/json");
    CHECK(parameter(request, "keyId") == "ST$" + token(noon + 1h, "0"));
    CHECK(is_signed_by(request, credential->key->public_key()));

    const std::string fresh = token(noon + 55min + 1h, "1");
    CHECK(key_id() == "ST$" + fresh);
    CHECK(written() == fresh);
    struct stat status;
    REQUIRE(stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(home.path / "session"), {}) == 1);
    host.advance(1s);
    key_id();  // the plugin's own write is not a change
    CHECK(host.fetched.size() == 1);
    host.advance(55min);
    CHECK(host.fetched.size() == 2);
}

TEST_CASE_FIXTURE(Login, "a link to the token stays a link") {
    std::filesystem::rename(file, home.path / "real");
    std::filesystem::create_symlink("../real", file);
    start();
    host.advance(55min);
    CHECK(std::filesystem::is_symlink(file));
    CHECK(home.read("real") == token(noon + 55min + 1h, "1"));
}

TEST_CASE_FIXTURE(Login, "a refreshed token is used even if its file cannot be written") {
    std::filesystem::rename(file, home.path / "token");
    std::filesystem::remove_all(home.path / "session");
    // Even root cannot replace a folder by a file.
    home.write(".oci/config", "[DEFAULT]\nkey_file=~/key.pem\nregion=ord\nsecurity_token_file=~/link\n");
    std::filesystem::create_symlink("token", home.path / "link");
    start();
    std::filesystem::remove(home.path / "link");
    std::filesystem::create_directory(home.path / "link");
    host.advance(55min);
    CHECK(key_id() == "ST$" + token(noon + 55min + 1h, "1"));
    CHECK(was_logged("warning: refreshed session token not written, keeping it in memory file=" +
                     (home.path / "link").string() + " reason="));
    host.advance(10s);
    CHECK(key_id() == "ST$" + token(noon + 55min + 1h, "1"));
}

TEST_CASE_FIXTURE(Login, "a failed refresh is retried while the token is valid") {
    refresh = [](const http::Request&) { return response(503, "<html>"); };
    start();
    host.advance(56min);
    CHECK(host.fetched.size() > 3);
    CHECK(key_id() == "ST$" + token(noon + 1h, "0"));
    CHECK(host.logged ==
          std::vector<std::string>{"warning: token renewal failed, using the old token until=Sun, 22 "
                                   "Nov 2026 13:00:00 GMT reason=" +
                                   url + " responded with 503"});
    CHECK(written() == token(noon + 1h, "0") + "\n");
    refresh = [this](const http::Request&) {
        return response(200, token_answer(token(host.time + 1h, "late")));
    };
    host.advance(1min);
    CHECK(written() == key_id().substr(3));
    CHECK(key_id() != "ST$" + token(noon + 1h, "0"));
}

TEST_CASE_FIXTURE(Login, "after a rejected refresh the session is not refreshed until a new login") {
    refresh = [](const http::Request&) {
        return response(401, R"({"code":"NotAuthenticated","message":"no"})");
    };
    start();
    host.advance(58min);
    CHECK(host.fetched.size() == 1);
    CHECK(key_id() == "ST$" + token(noon + 1h, "0"));
    CHECK(
        was_logged("warning: session refresh rejected; log in again with `oci session "
                   "authenticate` file=" +
                   file + " reason=" + url + " responded with 401 (NotAuthenticated: no)"));
    host.advance(2min);
    CHECK(key_id() ==
          "the session token " + file +
              " expired on Sun, 22 Nov 2026 13:00:00 GMT; renew it with `oci session refresh` or `oci "
              "session authenticate`");
    CHECK(host.fetched.size() == 1);
    home.write("session/token", token(host.time + 10min, "login"));
    host.advance(1s);
    CHECK(key_id() == "ST$" + token(noon + 70min, "login"));
    refresh = [this](const http::Request&) { return response(200, token_answer(token(host.time + 1h))); };
    host.advance(6min);
    CHECK(host.fetched.size() == 2);
}

TEST_CASE_FIXTURE(Login, "after a 401 the plugin reads the file first, then refreshes") {
    start();
    SUBCASE("another token in the file") {
        home.write("session/token", token(noon + 2h, "elsewhere"));
        CHECK(rejected() == "yes");
        CHECK(host.fetched.empty());
        CHECK(key_id() == "ST$" + token(noon + 2h, "elsewhere"));
    }
    SUBCASE("the same token in the file") {
        CHECK(rejected() == "yes");
        CHECK(host.fetched.size() == 1);
        CHECK(key_id() == "ST$" + token(noon + 1h, "1"));
    }
    SUBCASE("a refresh that is refused") {
        refresh = [](const http::Request&) { return response(401); };
        CHECK(rejected() == "no");
        CHECK(rejected() == "no");
        CHECK(host.fetched.size() == 1);
        host.advance(11s);
        CHECK(rejected() == "no");
        CHECK(host.fetched.size() == 1);
    }
}

TEST_CASE_FIXTURE(Login, "refresh_session = false leaves the refresh to another tool") {
    options.refresh_session = false;
    start();
    host.advance(59min);
    CHECK(rejected() == "no");
    CHECK(host.fetched.empty());
    home.write("session/token", token(noon + 2h, "tool"));
    host.advance(1s);
    key_id();
    CHECK(key_id() == "ST$" + token(noon + 2h, "tool"));
    CHECK(cache->advice().starts_with("Signed as a session: the session token " + file +
                                      " and the private key " + (home.path / "key.pem").string()));
    CHECK(cache->advice().find("not refreshed by the gateway") != std::string::npos);
}

TEST_CASE_FIXTURE(Login, "the region comes from the key, the profile or the environment") {
    std::string expected = "https://auth.eu-frankfurt-1.oraclecloud.com";
    SUBCASE("key") { options.region = "eu-frankfurt-1"; }
    SUBCASE("profile") { profile("region=fra\n"); }
    SUBCASE("environment") {
        profile("");
        environment["OCI_REGION"] = "eu-frankfurt-1";
    }
    SUBCASE("the environment of the command line comes before the profile") {
        environment["OCI_CLI_REGION"] = "FRA";
    }
    SUBCASE("an endpoint") {
        options.auth_endpoint = "http://127.0.0.1:1/";
        expected = "http://127.0.0.1:1";
    }
    SUBCASE("nowhere") {
        profile("");
        expected = "";
    }
    SUBCASE("no region at all") {
        options.region = "a/b";
        CHECK(start_error() == "region: region is not a region: expected something like us-chicago-1");
        return;
    }
    start();
    host.advance(59min);
    if (expected.empty())
        CHECK(host.fetched.empty());
    else
        CHECK(host.fetched[0].url == expected + "/v1/authentication/refresh");
}

TEST_CASE_FIXTURE(Login, "a session that expires soon after the start is refreshed after half of that time") {
    home.write("session/token", token(noon + 20s, "0"));
    start();
    host.advance(10s);
    CHECK(host.fetched.size() == 1);
    CHECK(key_id() == "ST$" + token(noon + 10s + 1h, "1"));
}

TEST_CASE_FIXTURE(Login, "a malformed response to a refresh does not change the token or its file") {
    std::string body;
    SUBCASE("no JSON") { body = "<html>"; }
    SUBCASE("no token") { body = R"({"toke":"x"})"; }
    SUBCASE("hostile") { body = R"({"token":"x\r\ny: z"})"; }
    refresh = [&](const http::Request&) { return response(200, body); };
    start();
    host.advance(56min);
    CHECK(key_id() == "ST$" + token(noon + 1h, "0"));
    CHECK(written() == token(noon + 1h, "0") + "\n");
    CHECK(was_logged("warning: token renewal failed"));
}
