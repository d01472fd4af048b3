// SPDX-License-Identifier: Apache-2.0
// The bearer signer through its entry point.
#include "tests/plugins/auth/scripted_host.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;
using namespace std::chrono_literals;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Fixture {
    ScriptedHost host;
    TemporaryFolder folder;
    Fixture() { host.time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22); }

    std::unique_ptr<Signer> signer(Table config) {
        auto made = create<Signer>(gatehouse_plugin, std::move(config), host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    std::string error(Table config) {
        auto made = create<Signer>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!made);
        CHECK(made.error().kind == ErrorKind::bad_config);
        return made.error().message;
    }
    static http::Request sign(Signer& signer, http::Request request = {.url = "https://a.example/"}) {
        std::optional<Result<http::Request>> out;
        signer.sign(std::move(request), into(out));
        REQUIRE(out);
        REQUIRE(*out);
        return **std::move(out);
    }
    static std::string shown(Signer& signer) {
        return std::string(sign(signer).headers.get("authorization"));
    }
    static bool rejected(Signer& signer, int status = 401, std::string_view body = "wrong key") {
        const http::ResponseHead head{.status = status};
        std::optional<Result<bool>> out;
        signer.rejected({head, body, Identity{}}, into(out));
        REQUIRE(out);
        return **out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the key replaces an existing authorization header") {
    auto instance = signer(strings({{"key", "sk-1"}}));
    const auto request = sign(*instance, {.method = "POST",
                                          .url = "https://a.example/x?y=z",
                                          .headers = {{"Authorization", "other"}, {"accept", "*/*"}},
                                          .body = "{}"});
    CHECK(request.headers.get("authorization") == "Bearer sk-1");
    CHECK(request.headers.size() == 2);
    CHECK(request.method == "POST");
    CHECK(request.url == "https://a.example/x?y=z");
    CHECK(request.body == "{}");
    CHECK(!rejected(*instance));
}

TEST_CASE_FIXTURE(Fixture, "the header and the word before the key are configurable") {
    auto bare = signer(strings({{"key", "k"}, {"header", "api-key"}, {"scheme", ""}}));
    const auto request = sign(*bare);
    CHECK(request.headers.get("api-key") == "k");
    CHECK(!request.headers.has("authorization"));
    CHECK(shown(*signer(strings({{"key", "k"}, {"scheme", "Token"}}))) == "Token k");
}

TEST_CASE_FIXTURE(Fixture, "a key file is checked once a second, and read again after a 401") {
    const std::string file = folder.write("key", "\n sk-1 \r\n");
    auto instance = signer(strings({{"key_file", file}}));
    CHECK(shown(*instance) == "Bearer sk-1");
    folder.write("key", "sk-new\n");
    CHECK(shown(*instance) == "Bearer sk-1");
    host.advance(1s);
    shown(*instance);  // this request checks the file
    CHECK(shown(*instance) == "Bearer sk-new");
    CHECK(rejected(*instance));  // for a request with the old key
    CHECK(rejected(*instance, 403));
    CHECK(rejected(*instance, 400, R"({"error":{"details":[{"reason":"API_KEY_INVALID"}]}})"));
    CHECK(!rejected(*instance, 400, R"({"error":"unknown parameter"})"));
    host.advance(10s);
    CHECK(!rejected(*instance));

    SUBCASE("at once, even if it seems unchanged") {
        const auto time = std::filesystem::last_write_time(file);
        folder.write("key", "sk-old\n");
        std::filesystem::last_write_time(file, time);
        CHECK(rejected(*instance));
        CHECK(shown(*instance) == "Bearer sk-old");
    }
    SUBCASE("an unusable file keeps the old key, with one warning") {
        for (const char* content : {"", "two words", "a\nb", "\x01"}) {
            host.logged.clear();
            folder.write("key", content);
            for (int i = 0; i < 3; ++i) {
                host.advance(1s);
                CHECK(shown(*instance) == "Bearer sk-new");
            }
            CHECK(host.logged.size() == 1);
            CHECK(host.has_logged("warning: new key rejected, keeping the old key file=" + file));
            CHECK(!rejected(*instance));
        }
        std::filesystem::remove(file);
        host.advance(1s);
        CHECK(shown(*instance) == "Bearer sk-new");
    }
    SUBCASE("on a helper thread: a request does not wait for it") {
        folder.write("key", "sk-3");
        host.advance(1s);
        host.busy = true;
        CHECK(shown(*instance) == "Bearer sk-new");
        CHECK(shown(*instance) == "Bearer sk-new");
        CHECK(host.tasks.size() == 1);
        instance.reset();
        host.work();  // the task owns its data
    }
}

TEST_CASE_FIXTURE(Fixture, "a configuration error names its key and does not contain the secret") {
    CHECK(error({}) == ": no key: give key = \"env:...\" or key_file");
    CHECK(error(strings({{"key", ""}})) == ": no key: give key = \"env:...\" or key_file");
    CHECK(error(strings({{"key", "hunter2"}, {"key_file", "/x"}})) == "key: give key or key_file, not both");
    const std::string characters =
        "key: the key cannot be used: a key must have only visible ASCII characters, without blanks and "
        "line ends";
    for (const char* key :
         {"hunter2\r\nx: y", "hunter2\n", "hun ter2", "hunter2\t", "h\x7F", "schl\xC3\xBCssel"})
        CHECK(error(strings({{"key", key}})) == characters);
    CHECK(error(strings({{"key", std::string(20'000, 'x')}})) ==
          "key: the key cannot be used: it is larger than 16384 bytes");
    CHECK(error(strings({{"key_file", "/nowhere/key"}})) ==
          "key_file: cannot use the key in /nowhere/key: No such file or directory");
    CHECK(error(strings({{"key_file", folder.path.string()}})) ==
          "key_file: cannot use the key in " + folder.path.string() + ": Is a directory");
    CHECK(error(strings({{"key_file", "/dev/zero"}})) ==
          "key_file: cannot use the key in /dev/zero: larger than 16386 bytes");
    CHECK(error(strings({{"key_file", "/dev/null"}})) ==
          "key_file: cannot use the key in /dev/null: it is empty");
    CHECK(error(strings({{"key", "k"}, {"header", "a b"}})) == "header: not a valid header name");
    CHECK(error(strings({{"key", "k"}, {"header", "x\r\ny"}})) == "header: not a valid header name");
    CHECK(error(strings({{"key", "k"}, {"header", ""}})) == "header: not a valid header name");
    CHECK(error(strings({{"key", "k"}, {"header", "Host"}})) ==
          "header: the header Host is reserved for the transport; choose another header");
    CHECK(error(strings({{"key", "k"}, {"scheme", "two words"}})) ==
          "scheme: the scheme must be one word, such as Bearer, or empty");
    CHECK(host.logged.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a key file that others may read is a warning, or an error where that is asked for") {
    const std::string file = folder.write("key", "hunter2");
    host.given_limits.strict_permissions = true;
    signer(strings({{"key_file", file}}));
    CHECK(host.logged.empty());
    for (const auto other : {std::filesystem::perms::others_read, std::filesystem::perms::group_read}) {
        folder.write("key", "hunter2");
        std::filesystem::permissions(file, other, std::filesystem::perm_options::add);
        host.given_limits.strict_permissions = true;
        CHECK(error(strings({{"key_file", file}})) ==
              "key_file: users other than its owner may read " + file +
                  ", which contains a secret: `chmod 600` it, or remove strict_permissions from [server] "
                  "to get only a warning");
        CHECK(host.logged.empty());
        host.given_limits.strict_permissions = false;
        CHECK(shown(*signer(strings({{"key_file", file}}))) == "Bearer hunter2");
        CHECK(host.has_logged("warning: file with a secret is readable by other users: `chmod 600` it file=" +
                              file));
        host.logged.clear();
    }
}

TEST_CASE_FIXTURE(Fixture, "advice names the origin of the key and does not contain the key") {
    CHECK(signer(strings({{"key", "hunter2"}}))->advice() ==
          "Sent with a key in the header authorization.\nThe key must be one of this service and, where keys "
          "belong to a region, of this region; it may have expired or have been deleted.");
    const std::string file = folder.write("key", "hunter2");
    CHECK(signer(strings({{"key_file", file}}))
              ->advice()
              .starts_with("Sent with a key in the header authorization, from the file " + file + ".\n"));
}

TEST_CASE("the entry point describes the library and marks the secret key") {
    CHECK(std::string(gatehouse_plugin.kind) == "signer/1");
    CHECK(std::string(gatehouse_plugin.name) == "bearer");
    for (const Key& key : gatehouse_plugin.keys()) {
        CHECK(!key.doc.empty());
        CHECK(key.secret == (key.name == "key"));
        CHECK(!key.required);
    }
}
