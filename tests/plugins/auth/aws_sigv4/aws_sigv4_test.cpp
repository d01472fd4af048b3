// SPDX-License-Identifier: Apache-2.0
// The signer through its entry point.
#include "tests/plugins/auth/scripted_host.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::testing;
using namespace std::chrono_literals;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Entries = std::initializer_list<std::pair<std::string, std::string>>;

std::string profile_text(const std::string& id, const std::string& secret, const std::string& token = "") {
    return "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\n" +
           (token.empty() ? "" : "aws_session_token=" + token + "\n");
}

struct Fixture {
    ScriptedHost host;
    TemporaryFolder folder;
    Fixture() { host.time = std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + 12h + 36min; }

    static Table table(Entries entries, bool region = true) {
        Table all = strings(entries);
        if (region) all.entries.push_back({"region", Value{std::string("us-east-1")}});
        return all;
    }
    std::unique_ptr<Signer> signer(Entries entries) {
        auto made = create<Signer>(gatehouse_plugin, table(entries), host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    std::unique_ptr<Signer> with_keys() {
        return signer({{"access_key_id", "AKIDEXAMPLE"},
                       {"secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}});
    }
    std::string error(Entries entries, bool region = true) {
        auto made = create<Signer>(gatehouse_plugin, table(entries, region), host);
        REQUIRE(!made);
        CHECK(made.error().kind == ErrorKind::bad_config);
        CHECK(made.error().message.find("hunter2") == std::string::npos);
        return made.error().message;
    }
    static http::Request bedrock(std::string body = R"({"messages":[]})") {
        return {.method = "POST",
                .url =
                    "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
                    "us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
                .headers = {{"content-type", "application/json"}},
                .body = std::move(body)};
    }
    static http::Request sign(Signer& signer, http::Request request = bedrock()) {
        std::optional<Result<http::Request>> out;
        signer.sign(std::move(request), into(out));
        REQUIRE(out);
        REQUIRE(*out);
        return **std::move(out);
    }
    static std::string shown(Signer& signer) {
        return std::string(sign(signer).headers.get("authorization"));
    }
    static bool rejected(Signer& signer, int status = 403, std::string_view body = "",
                         http::Headers headers = {}) {
        const http::ResponseHead head{.status = status, .headers = std::move(headers)};
        std::optional<Result<bool>> out;
        signer.rejected({head, body, Identity{}}, into(out));
        REQUIRE(out);
        return **out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is signed for the service bedrock at once") {
    auto instance = with_keys();
    host.busy = true;
    CHECK(shown(*instance) ==
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, "
          "Signature=8b81c44ff7e2bc912bc178ba122d8eca90e2cf2d04becdd72f950d80f9862e27");
    CHECK(host.tasks.empty());
    CHECK_FALSE(rejected(*instance));
}

TEST_CASE_FIXTURE(Fixture, "a session token is sent and signed, and an empty one is not") {
    auto temporary =
        signer({{"access_key_id", "ASIAX"}, {"secret_access_key", "s"}, {"session_token", "TOKEN+/="}});
    const auto request = sign(*temporary);
    CHECK(request.headers.get("x-amz-security-token") == "TOKEN+/=");
    CHECK(request.headers.get("authorization").find(";x-amz-security-token, ") != std::string::npos);
    auto plain = signer({{"access_key_id", "AKIDX"}, {"secret_access_key", "s"}, {"session_token", ""}});
    CHECK_FALSE(sign(*plain).headers.has("x-amz-security-token"));
}

TEST_CASE_FIXTURE(Fixture, "the key follows the day, and the service is a key of the configuration") {
    auto instance = signer({{"access_key_id", "A"}, {"secret_access_key", "s"}, {"service", "execute-api"}});
    CHECK(shown(*instance).find("Credential=A/20150830/us-east-1/execute-api/aws4_request") !=
          std::string::npos);
    host.advance(12h);
    const std::string later = shown(*instance);
    CHECK(later.find("Credential=A/20150831/") != std::string::npos);
    // As an instance that was made on this day.
    CHECK(later ==
          shown(*signer({{"access_key_id", "A"}, {"secret_access_key", "s"}, {"service", "execute-api"}})));
    host.advance(-12h);  // the clock was corrected
    CHECK(shown(*instance).find("Credential=A/20150830/") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a large body is hashed on a helper thread, also after the instance") {
    auto instance = with_keys();
    host.busy = true;
    std::optional<Result<http::Request>> out;
    instance->sign(bedrock(std::string(16 * 1024 + 1, 'x')), into(out));
    CHECK_FALSE(out);
    instance.reset();
    host.work();
    REQUIRE(out);
    REQUIRE(*out);
    CHECK((*out)->body.size() == 16 * 1024 + 1);
    CHECK((*out)->headers.get("authorization").starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
}

TEST_CASE_FIXTURE(Fixture, "a request without an absolute URL is an error") {
    auto instance = with_keys();
    std::optional<Result<http::Request>> out;
    instance->sign({.url = "/model"}, into(out));
    REQUIRE(out);
    REQUIRE_FALSE(*out);
    CHECK(out->error().kind == ErrorKind::internal);
}

TEST_CASE_FIXTURE(Fixture, "a profile is read again when its file has changed, and after a refusal") {
    const std::string file = folder.write("credentials", profile_text("AKID1", "s1"));
    auto instance = signer({{"credentials_file", file}});
    CHECK(shown(*instance).find("Credential=AKID1/") != std::string::npos);
    folder.write("credentials", profile_text("ASIA2", "s2", "longer"));
    CHECK(shown(*instance).find("Credential=AKID1/") != std::string::npos);
    host.advance(1s);
    shown(*instance);  // this request checks the file
    CHECK(shown(*instance).find("Credential=ASIA2/") != std::string::npos);
    CHECK(sign(*instance).headers.get("x-amz-security-token") == "longer");
    // For a request with the old credentials.
    CHECK(rejected(*instance));
    CHECK(rejected(*instance, 401));
    CHECK(rejected(*instance, 400, R"({"__type":"ExpiredTokenException"})"));
    CHECK(rejected(*instance, 400, "", {{"x-amzn-ErrorType", "ExpiredTokenException:http://x/"}}));
    CHECK_FALSE(rejected(*instance, 400, R"({"message":"malformed input"})"));
    host.advance(10s);
    CHECK_FALSE(rejected(*instance));

    SUBCASE("a refusal reads it at once") {
        folder.write("credentials", profile_text("AKID3", "s3"));
        CHECK(rejected(*instance));
        CHECK(shown(*instance).find("Credential=AKID3/") != std::string::npos);
    }
    SUBCASE("an unusable file keeps the old credentials, with one warning") {
        folder.write("credentials", "[default]\nhunter2\n");
        for (int i = 0; i < 3; ++i) {
            host.advance(1s);
            CHECK(shown(*instance).find("Credential=ASIA2/") != std::string::npos);
        }
        REQUIRE(host.logged.size() == 1);
        CHECK(host.logged[0] ==
              "warning: new credentials rejected, keeping the old credentials file=" + file +
                  " profile=default reason=line 2: expected key = value or [profile]");
        CHECK_FALSE(rejected(*instance));
    }
    SUBCASE("on a helper thread: a request does not wait for it") {
        host.advance(1s);
        host.busy = true;
        shown(*instance);
        shown(*instance);
        CHECK(host.tasks.size() == 1);
        instance.reset();
        host.work();  // the task owns its data
    }
}

TEST_CASE_FIXTURE(Fixture, "another profile of the file is selected by name") {
    const std::string file =
        folder.write("credentials", profile_text("AKID1", "s1") +
                                        "[work]\naws_access_key_id=AKIDW\naws_secret_access_key=w\n");
    auto instance = signer({{"credentials_file", file}, {"profile", "work"}});
    CHECK(shown(*instance).find("Credential=AKIDW/") != std::string::npos);
    CHECK(
        instance->advice() ==
        "Signed by AWS Signature Version 4 for the service bedrock in us-east-1, with the profile work of " +
            file +
            ".\nCheck the region of the signer and of the provider's host, the clock of this machine (at most "
            "5 minutes wrong), the session token of temporary credentials, and the policy of the user or role.");
}

TEST_CASE_FIXTURE(Fixture, "a configuration error names its key and does not contain a secret") {
    CHECK(error({}) == ": no credentials: give access_key_id and secret_access_key, or profile");
    CHECK(error({{"access_key_id", "a"}}) == "secret_access_key: it is missing next to access_key_id");
    CHECK(error({{"secret_access_key", "hunter2"}}) ==
          "access_key_id: it is missing next to secret_access_key");
    CHECK(error({{"session_token", "hunter2"}}) == "access_key_id: it is missing next to secret_access_key");
    CHECK(error({{"profile", "x"}, {"access_key_id", "hunter2"}}) ==
          "profile: give access_key_id and secret_access_key, or a profile, not both");
    CHECK(error({{"credentials_file", "x"}, {"secret_access_key", "hunter2"}}) ==
          "credentials_file: give access_key_id and secret_access_key, or a profile, not both");
    const std::string unusable =
        ": it must have 1 to 16384 visible ASCII characters, without blanks and line ends";
    CHECK(error({{"access_key_id", ""}, {"secret_access_key", "hunter2"}}) == "access_key_id" + unusable);
    for (const char* secret : {"", "hunter2\n", "hun ter2\r\nx: y", "schl\xC3\xBCssel"})
        CHECK(error({{"access_key_id", "a"}, {"secret_access_key", secret}}) ==
              "secret_access_key" + unusable);
    CHECK(error({{"access_key_id", "a"}, {"secret_access_key", "s"}, {"session_token", "hunter2 "}}) ==
          "session_token" + unusable);
    const std::string region = "region: expected a region such as us-east-1";
    for (const char* wrong : {"", "US-EAST-1", "us/east", "us east"})
        CHECK(error({{"region", wrong}, {"access_key_id", "a"}, {"secret_access_key", "s"}}, false) ==
              region);
    CHECK(error({{"service", "bed/rock"}}) == "service: expected a signing name such as bedrock");
    CHECK(error({{"service", "s3"}}) ==
          "service: S3 is not supported, because its signature encodes paths differently");
}

TEST_CASE_FIXTURE(Fixture, "a profile that cannot be used is named with the reason") {
    CHECK(
        error({{"credentials_file", "/nowhere/credentials"}}) ==
        "credentials_file: cannot use the profile default of /nowhere/credentials: No such file or directory");
    const std::string file =
        folder.write("credentials", profile_text("AKID1", "s1") +
                                        "[role]\nrole_arn = arn:x\n[odd]\naws_access_key_id = a\n"
                                        "aws_secret_access_key = hunter2 x\n");
    const std::string begin = " of " + file + ": ";
    CHECK(error({{"credentials_file", file}, {"profile", "nope"}}) ==
          "credentials_file: cannot use the profile nope" + begin +
              "there is no such profile; the file has: default, role, odd");
    CHECK(
        error({{"credentials_file", file}, {"profile", "role"}}) ==
        "credentials_file: cannot use the profile role" + begin +
            "the profile needs aws_access_key_id and aws_secret_access_key; roles, SSO and processes are not "
            "supported");
    CHECK(
        error({{"credentials_file", file}, {"profile", "odd"}}) ==
        "credentials_file: cannot use the profile odd" + begin +
            "a value of the profile cannot be used: it must have 1 to 16384 visible ASCII characters, without "
            "blanks and line ends");
}

TEST_CASE_FIXTURE(Fixture, "the file of AWS's tools in the home directory is the default") {
    const char* home = std::getenv("HOME");
    const std::string before = home ? home : "";
    folder.write(".aws/credentials", profile_text("AKIDH", "s"));
    setenv("HOME", folder.path.c_str(), 1);
    CHECK(shown(*signer({{"profile", "default"}})).find("Credential=AKIDH/") != std::string::npos);
    unsetenv("HOME");
    CHECK(error({{"profile", "default"}}) ==
          "credentials_file: give the file, because the environment has no HOME");
    if (home) setenv("HOME", before.c_str(), 1);
}

TEST_CASE_FIXTURE(
    Fixture, "a credentials file that others may read is a warning, or an error if the gateway is strict") {
    const std::string file = folder.write("credentials", profile_text("AKID1", "hunter2"));
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    signer({{"credentials_file", file}});
    CHECK(host.logged.size() == 1);
    host.given_limits.strict_permissions = true;
    CHECK(error({{"credentials_file", file}}).starts_with("credentials_file: "));
}
