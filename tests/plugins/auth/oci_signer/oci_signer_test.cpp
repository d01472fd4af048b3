// SPDX-License-Identifier: Apache-2.0
// The signer through its entry point, as the core uses it.
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include "tests/plugins/auth/oci_signer/oci_keys.hpp"
#include "tests/plugins/auth/scripted_host.hpp"

#include <algorithm>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::testing;
using namespace oci_keys;

extern "C" const Descriptor gatehouse_plugin;

namespace {

const std::string tenancy = "ocid1.tenancy.oc1..aaaaaaaaexampletenancy";
const std::string user = "ocid1.user.oc1..aaaaaaaaexampleuser";
const auto noon_in_2026 = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(10);

Table table(std::initializer_list<std::pair<std::string, std::string>> entries) {
    Table made;
    for (const auto& [name, value] : entries) made.entries.push_back({name, Value{value}});
    return made;
}

/// An environment variable that is set during this object's lifetime.
struct Variable {
    Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~Variable() { unsetenv(name_); }
    const char* name_;
};

struct Fixture {
    Home home;
    FakeHost host;
    Fixture() { host.time = noon_in_2026; }

    Result<std::unique_ptr<Plugin>> create(const Table& config) {
        return gatehouse_plugin.create(FakeConfig(config), host);
    }
    std::string error(const Table& config) {
        auto made = create(config);
        REQUIRE(!made);
        CHECK(made.error().kind == ErrorKind::bad_config);
        return made.error().message;
    }
    std::unique_ptr<Signer> signer(const Table& config) {
        auto made = create(config);
        if (!made) FAIL(made.error().message);
        return std::unique_ptr<Signer>(static_cast<Signer*>(made->release()));
    }
    std::string config(const std::string& more = "", const std::string& key_file = "~/.oci/key.pem") {
        return "[DEFAULT]\nuser=" + user + "\nfingerprint=" + fingerprint + "\ntenancy=" + tenancy +
               "\nkey_file=" + key_file + "\n" + more;
    }
    Result<http::Request> sign(Signer& signer,
                               http::Request request = {.method = "POST", .url = "https://a.example/x"}) {
        std::optional<Result<http::Request>> out;
        signer.sign(std::move(request), into(out));
        REQUIRE(out);
        return std::move(*out);
    }
    std::string key_id(Signer& signer) {
        auto request = sign(signer);
        if (!request) return request.error().message;
        const std::string field(request->headers.get("authorization"));
        const std::size_t start = field.find("keyId=\"") + 7;
        return field.substr(start, field.find('"', start) - start);
    }
    std::string key_id(const Table& config) { return key_id(*signer(config)); }
    bool rejected(Signer& signer, int status = 401) {
        const http::ResponseHead head{.status = status};
        std::optional<Result<bool>> out;
        signer.rejected({head, "", Identity{}}, into(out));
        REQUIRE(out);
        return **out;
    }
};

const std::string api_key_id = tenancy + "/" + user + "/" + fingerprint;

std::string token(std::int64_t exp, const std::string& mark = "") {
    auto encode = [](const std::string& text) {
        std::string out(text.size() * 2 + 4, '\0');
        out.resize(static_cast<std::size_t>(EVP_EncodeBlock(
            reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
            static_cast<int>(text.size()))));
        while (out.ends_with('=')) out.pop_back();
        for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
        return out;
    };
    return encode("{\"alg\":\"RS256\"}") + "." +
           encode("{\"sub\":\"?>?>?>" + mark + "\",\"exp\":" + std::to_string(exp) + "}") + ".c2ln";
}
constexpr std::int64_t in_2026 = 1795341600;  // noon_in_2026

}  // namespace

TEST_CASE("the entry point describes the library") {
    CHECK(std::string(gatehouse_plugin.kind) == "signer/1");
    CHECK(std::string(gatehouse_plugin.name) == "oci_signer");
    CHECK(gatehouse_plugin.keys().size() == 18);
    for (const Key& key : gatehouse_plugin.keys()) {
        CHECK(!key.doc.empty());
        CHECK(key.secret == (key.name == "key" || key.name == "pass_phrase"));
        CHECK(!key.required);
    }
}

TEST_CASE_FIXTURE(Fixture, "the default profile of ~/.oci/config signs the recorded chat") {
    home.write(".oci/key.pem", sample_pem() + "OCI_API_KEY\n");
    home.write(".oci/config", config());
    auto instance = signer({});
    const auto vector = vectors("signing-chat-vector.json");
    auto request = sign(*instance, {.method = "POST", .url = vector["url"], .body = vector["bodyUtf8"]});
    REQUIRE(request);
    CHECK(request->headers.get("authorization").find(vector["dateOrder"]["signature"].get<std::string>()) !=
          std::string_view::npos);
    CHECK(key_id(*instance) == vector["keyId"]);
    CHECK(!rejected(*instance));
    CHECK(host.logged ==
          std::vector<std::string>{"private key shorter than the 2048 bits that OCI requires bits=1024"});
}

TEST_CASE_FIXTURE(Fixture, "the TOML may have all values, also the key as text") {
    std::string one_line = sample_pem();
    for (std::size_t at; (at = one_line.find('\n')) != std::string::npos;) one_line.replace(at, 1, "\\n");
    CHECK(key_id(table({{"tenancy", tenancy}, {"user", user}, {"key", one_line}})) == api_key_id);
    const std::string file = home.write("k.pem", sample_pem());
    CHECK(key_id(table({{"tenancy", tenancy}, {"user", user}, {"key_file", file}})) == api_key_id);
}

TEST_CASE_FIXTURE(Fixture, "a profile inherits from DEFAULT, and the TOML overrides both") {
    home.write("a.pem", sample_pem());
    home.write(".oci/config", "[DEFAULT]\ntenancy=" + tenancy + "\nkey_file=~/a.pem\n[work]\nuser=" + user +
                                  "\n[other]\nuser=ocid1.user.oc1..other\n");
    CHECK(key_id(table({{"profile", "work"}})) == api_key_id);
    CHECK(key_id(table({{"profile", "other"}})) == tenancy + "/ocid1.user.oc1..other/" + fingerprint);
    CHECK(key_id(table({{"profile", "other"}, {"user", "ocid1.user.oc1..mine"}})) ==
          tenancy + "/ocid1.user.oc1..mine/" + fingerprint);
    CHECK(key_id(table(
              {{"profile", "work"}, {"config_file", (home.path / ".oci/config").string()}, {"user", ""}})) ==
          api_key_id);
}

TEST_CASE_FIXTURE(Fixture, "a fingerprint may be in capitals, and a missing fingerprint is computed") {
    home.write(".oci/key.pem", sample_pem());
    std::string capitals = fingerprint;
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    home.write(".oci/config", config());
    CHECK(key_id(table({{"fingerprint", capitals}})) == api_key_id);
}

TEST_CASE_FIXTURE(Fixture,
                  "environment variables override the file unless the TOML names a file or profile") {
    home.write(".oci/key.pem", sample_pem());
    const std::string file = home.write(".oci/config", config("[work]\nuser=ocid1.user.oc1..work\n"));
    const Variable variable("OCI_CLI_USER", "ocid1.user.oc1..environment");
    CHECK(key_id({}) == tenancy + "/ocid1.user.oc1..environment/" + fingerprint);
    CHECK(key_id(table({{"user", user}})) == api_key_id);
    CHECK(key_id(table({{"config_file", file}})) == api_key_id);
    CHECK(key_id(table({{"profile", "work"}})) == tenancy + "/ocid1.user.oc1..work/" + fingerprint);
}

TEST_CASE_FIXTURE(Fixture, "the environment may name the file and the profile") {
    home.write(".oci/key.pem", sample_pem());
    const std::string file = home.write("elsewhere", config("[work]\nuser=ocid1.user.oc1..work\n"));
    const Variable variable("OCI_CONFIG_FILE", file);
    CHECK(key_id({}) == api_key_id);
    const Variable profile("OCI_CLI_PROFILE", "work");
    CHECK(key_id({}) == tenancy + "/ocid1.user.oc1..work/" + fingerprint);
    CHECK(key_id(table({{"config_file", file}})) == api_key_id);
    const Variable other("OCI_CLI_CONFIG_FILE", (home.path / "nowhere").string());
    CHECK(error({}) ==
          ": cannot read the configuration file " + (home.path / "nowhere").string() +
              " (named by the variable OCI_CLI_CONFIG_FILE): No such file or directory; make it with "
              "`oci setup config`, or name yours by config_file");
}

TEST_CASE_FIXTURE(Fixture, "without any file, the variables OCI_* provide the values") {
    const Variable a("OCI_TENANCY", tenancy), b("OCI_USER", user), c("OCI_KEY", sample_pem());
    CHECK(key_id({}) == api_key_id);
    const Variable d("OCI_FINGERPRINT", "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34");
    CHECK(error({}) ==
          ": the variable OCI_FINGERPRINT is 20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34, which "
          "does not belong to the private key (the variable OCI_KEY); its fingerprint is " +
              fingerprint);
}

TEST_CASE_FIXTURE(Fixture, "the error for a missing value names the searched places") {
    const std::string usual = (home.path / ".oci/config").string();
    CHECK(error({}) ==
          ": no key_file: neither here nor in the environment, and there is no configuration file " + usual +
              "; make it with `oci setup config`, or name yours by config_file");
    CHECK(error(table({{"profile", "work"}})) ==
          "profile: cannot read the configuration file " + usual +
              ": No such file or directory; make it with `oci setup config`, or name yours by config_file");
    CHECK(error(table({{"config_file", "/nowhere/config"}})) ==
          "config_file: cannot read the configuration file /nowhere/config: No such file or directory; make "
          "it with "
          "`oci setup config`, or name yours by config_file");

    home.write(".oci/config", "[DEFAULT]\nkey_file=~/k.pem\n[A]\n[B]\n");
    CHECK(error(table({{"profile", "C"}})) ==
          "profile: no profile [C] in " + usual + ": it has [DEFAULT], [A], [B]");
    CHECK(error(table({{"profile", "A"}})) ==
          "profile: cannot read the private key " + (home.path / "k.pem").string() +
              " (key_file of profile [DEFAULT] in " + usual + "): No such file or directory");
    home.write("k.pem", sample_pem());
    CHECK(error(table({{"profile", "A"}})) == "profile: profile [A] in " + usual + " has no tenancy");
    home.write(".oci/config", "[DEFAULT]\nauthentication_type=instance_obo_user\n");
    CHECK(error(table({{"config_file", usual}})) ==
          "config_file: authentication_type of profile [DEFAULT] in " + usual +
              " is instance_obo_user, which is not supported");
    home.write(".oci/config", "user=x\n");
    CHECK(error(table({{"config_file", usual}})) ==
          "config_file: the configuration file " + usual + ", line 1: a key before the first [profile]");
}

TEST_CASE_FIXTURE(Fixture, "the error for a wrong value names its origin and contains no secret") {
    const auto key = sample_key();
    const std::string usual = (home.path / ".oci/config").string(),
                      pem = (home.path / ".oci/key.pem").string();
    const std::string in_profile = " (key_file of profile [DEFAULT] in " + usual + ")";
    home.write(".oci/key.pem", sample_pem());
    home.write(".oci/config", config());
    const std::string other = "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";
    CHECK(error(table({{"fingerprint", other}})) == "fingerprint: fingerprint is " + other +
                                                        ", which does not belong to the private key " + pem +
                                                        in_profile + "; its fingerprint is " + fingerprint);
    CHECK(error(table({{"fingerprint", "SHA256:abc"}})) ==
          "fingerprint: fingerprint is not a fingerprint: expected 16 pairs of hex digits separated by "
          "colons; the key's fingerprint is " +
              fingerprint);
    CHECK(error(table({{"user", "me\",x=\""}})) ==
          "user: user is not an OCID: expected something like ocid1.user.oc1..aaaa…");
    CHECK(error(table({{"tenancy", "acme"}})) ==
          "tenancy: tenancy is not an OCID: expected something like ocid1.tenancy.oc1..aaaa…");
    CHECK(error(table({{"key", "x"}, {"key_file", "y"}})) == "key: give key or key_file, not both");
    CHECK(error(table({{"key", "hunter2"}})).find("hunter2") == std::string::npos);
    CHECK(error(table({{"key_file", "/nowhere/k"}})) ==
          "key_file: cannot read the private key /nowhere/k: No such file or directory");
    CHECK(error(table({{"key_file", home.path.string()}})) ==
          "key_file: cannot read the private key " + home.path.string() + ": Is a directory");
    CHECK(error(table({{"key_file", "/dev/zero"}})) ==
          "key_file: cannot read the private key /dev/zero: larger than 65536 bytes");

    home.write(".oci/key.pem", pkcs8(key.get(), "right"));
    CHECK(error(table({{"pass_phrase", "hunter2"}})) ==
          "pass_phrase: wrong pass phrase for the private key " + pem + in_profile);
    CHECK(error(table({{"config_file", usual}})) ==
          "config_file: the private key " + pem + in_profile + " is encrypted; give its pass_phrase");
    CHECK(key_id(table({{"pass_phrase", "right"}})) == api_key_id);
    home.write(".oci/config", config("pass_phrase=right\n"));
    CHECK(key_id({}) == api_key_id);
}

TEST_CASE_FIXTURE(Fixture,
                  "a file that other users may read causes a warning, or an error with strict_permissions") {
    const std::string pem = home.write(".oci/key.pem", sample_pem());
    const std::string encrypted = home.write(".oci/secret.pem", pkcs8(sample_key().get(), "right"));
    const std::string token_file = home.write("token", token(in_2026 + 3600));
    const std::string file = home.write(".oci/config", config());
    // The documentation's key is also logged as too short.
    const auto warnings = [&] {
        return std::count_if(host.logged.begin(), host.logged.end(),
                             [](const std::string& line) { return line.starts_with("file with a secret"); });
    };
    const auto check = [&](const std::string& exposed, const std::string& at, const Table& config) {
        CAPTURE(exposed);
        std::filesystem::permissions(exposed, std::filesystem::perms::others_read,
                                     std::filesystem::perm_options::add);
        host.given_limits.strict_permissions = true;
        CHECK(error(config) ==
              at + ": users other than its owner may read " + exposed +
                  ", which contains a secret: `chmod 600` it, or remove strict_permissions from [server] "
                  "to get only a warning");
        host.given_limits.strict_permissions = false;
        host.logged.clear();
        signer(config);
        CHECK(warnings() == 1);
        CHECK(std::count(host.logged.begin(), host.logged.end(),
                         "file with a secret is readable by other users: `chmod 600` it file=" + exposed) ==
              1);
        std::filesystem::permissions(exposed, std::filesystem::perms::others_read,
                                     std::filesystem::perm_options::remove);
        host.given_limits.strict_permissions = true;
        host.logged.clear();
        signer(config);
        CHECK(warnings() == 0);
    };
    check(pem, "", {});
    check(pem, "key_file", table({{"tenancy", tenancy}, {"user", user}, {"key_file", pem}}));
    check(token_file, "security_token_file", table({{"key_file", pem}, {"security_token_file", token_file}}));
    home.write(".oci/config", config("pass_phrase=right\n", "~/.oci/secret.pem"));
    check(file, "config_file", table({{"config_file", file}}));
    // Without a pass phrase the file contains no secret.
    home.write(".oci/config", config());
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    signer({});
    CHECK(warnings() == 0);
}

TEST_CASE_FIXTURE(Fixture, "advice names the principal and its key") {
    const std::string pem = home.write("k.pem", sample_pem());
    CHECK(signer(table({{"tenancy", tenancy}, {"user", user}, {"key_file", pem}}))->advice() ==
          "Signed as the user " + user + " of the tenancy " + tenancy + " with the API key " + fingerprint +
              ": the private key " + pem + ".\nThe fingerprint is that of the private key.");
    home.write("token", token(in_2026 + 3600));
    CHECK(signer(table({{"key_file", pem}, {"security_token_file", (home.path / "token").string()}}))
              ->advice() ==
          "Signed as a session: the session token " + (home.path / "token").string() +
              " and the private key " + pem +
              ", not refreshed by the gateway.\nIf OCI refuses it, log in again with `oci session "
              "authenticate`.\nThe token expires on Sun, 22 Nov 2026 11:00:00 GMT, in 60 minutes by this "
              "machine's clock.");
}

TEST_CASE_FIXTURE(Fixture, "the key principal decides between an API key and a session") {
    home.write("k.pem", sample_pem());
    home.write("token", token(in_2026 + 3600));
    home.write(".oci/config", "[DEFAULT]\nuser=" + user + "\ntenancy=" + tenancy +
                                  "\nkey_file=~/k.pem\nsecurity_token_file=~/token\n[KEY]\nuser=" + user +
                                  "\nkey_file=~/k.pem\n");
    CHECK(key_id({}).starts_with("ST$"));
    CHECK(key_id(table({{"principal", "session"}})).starts_with("ST$"));
    CHECK(key_id(table({{"principal", "api_key"}})) == api_key_id);
    CHECK(error(table({{"principal", "session"}, {"profile", "KEY"}})) ==
          "profile: profile [KEY] in " + (home.path / ".oci/config").string() +
              " has no security_token_file");
}

TEST_CASE_FIXTURE(Fixture,
                  "OCI_CLI_AUTH and authentication_type choose the principal unless an earlier source does") {
    home.write("k.pem", sample_pem());
    home.write("token", token(in_2026 + 3600));
    home.write(".oci/config", "[DEFAULT]\nauthentication_type=resource_principal\ntenancy=" + tenancy +
                                  "\n[KEY]\nuser=" + user +
                                  "\nkey_file=~/k.pem\n[TOKEN]\nkey_file=~/k.pem\n"
                                  "security_token_file=~/token\nauthentication_type=api_key\nuser=" +
                                  user + "\n");
    const std::string none = "This signer cannot sign requests.\nThere is no valid token: the variable ";
    CHECK(signer({})->advice().starts_with(none + "OCI_RESOURCE_PRINCIPAL_VERSION is not set"));
    CHECK(key_id(table({{"profile", "KEY"}})) == api_key_id);
    CHECK(key_id(table({{"profile", "TOKEN"}})) == api_key_id);
    const Variable way("OCI_CLI_AUTH", "oke_workload_identity");
    CHECK(signer({})->advice().starts_with(none + "KUBERNETES_SERVICE_HOST is not set"));
    CHECK(key_id(table({{"profile", "KEY"}})) == api_key_id);
    CHECK(key_id(table({{"tenancy", tenancy}, {"user", user}, {"key", sample_pem()}})) == api_key_id);
    {
        const Variable other("OCI_CLI_AUTH", "instance_principal");
        CHECK(signer({})->advice().starts_with("Signed as an instance principal: "));
    }
    {
        const Variable shell("OCI_CLI_AUTH", "instance_principal");
        home.write(".oci/config",
                   "[DEFAULT]\ndelegation_token_file=/etc/oci/delegation_token\n"
                   "authentication_type=instance_principal\n");
        CHECK(error(table({{"profile", "DEFAULT"}})) ==
              "profile: delegation_token_file of profile [DEFAULT] in " +
                  (home.path / ".oci/config").string() + ": delegation tokens are not supported");
    }
    const Variable odd("OCI_CLI_AUTH", "instance_obo_user");
    CHECK(error({}) == ": the variable OCI_CLI_AUTH is instance_obo_user, which is not supported");
}

TEST_CASE_FIXTURE(Fixture, "a profile's session token signs, and is read again when its file changes") {
    home.write(".oci/key.pem", sample_pem());
    const std::string file = home.write("session/token", "\n" + token(in_2026 + 3600) + "\n");
    home.write(".oci/config", config("[S]\nkey_file=~/.oci/key.pem\nsecurity_token_file=~/session/token\n"));
    CHECK(key_id({}) == api_key_id);
    auto instance = signer(table({{"profile", "S"}}));
    CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600));
    CHECK(!rejected(*instance));

    SUBCASE("a new token is used within a second") {
        home.write("session/token", token(in_2026 + 7200, "new"));
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600));
        host.time += std::chrono::seconds(1);
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 7200, "new"));
        for (int other : {400, 403}) CHECK(!rejected(*instance, other));
        CHECK(rejected(*instance));  // for a request that was signed just before
        host.time += std::chrono::minutes(2);
        CHECK(!rejected(*instance));
    }
    SUBCASE("a rejection looks at the file even if it seems unchanged") {
        const auto before = std::filesystem::last_write_time(file);
        home.write("session/token", token(in_2026 + 3600, "1"));
        host.time += std::chrono::seconds(1);
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600, "1"));
        host.time += std::chrono::minutes(2);
        home.write("session/token", token(in_2026 + 3600, "2"));
        std::filesystem::last_write_time(file, before);
        CHECK(rejected(*instance));
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600, "2"));
    }
    SUBCASE("a file that is gone, empty or no token leaves the old one in use") {
        for (const char* content : {"", "two words", "a\"b", "a\nb"}) {
            home.write("session/token", content);
            host.time += std::chrono::seconds(11);
            CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600));
            CHECK(!rejected(*instance));
        }
        std::filesystem::remove(file);
        host.time += std::chrono::seconds(1);
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 3600));
    }
    SUBCASE("an expired token is not sent, and the log learns what to do") {
        host.time += std::chrono::hours(1);
        auto request = sign(*instance);
        REQUIRE(!request);
        CHECK(request.error().kind == ErrorKind::upstream);
        CHECK(request.error().message == "the gateway's session with the upstream has expired");
        CHECK(request.error().detail == "the session token " + file +
                                            " expired on Sun, 22 Nov 2026 11:00:00 GMT; renew it with "
                                            "`oci session refresh` or `oci session authenticate`");
        home.write("session/token", token(in_2026 + 7200));
        host.time += std::chrono::seconds(1);
        CHECK(key_id(*instance) == "ST$" + token(in_2026 + 7200));
    }
    SUBCASE("a new login brings a new key") {
        const auto pair = KeyPointer(EVP_RSA_gen(2048), &EVP_PKEY_free);
        home.write("session/token", token(in_2026 + 7200, "new"));
        home.write(".oci/key.pem", pkcs8(pair.get()));
        host.time += std::chrono::seconds(1);
        auto request = sign(*instance);
        REQUIRE(request);
        const std::string field(request->headers.get("authorization"));
        CHECK(field.size() - field.find("signature=\"") == 11 + 344 + 1);  // 256 bytes, no longer 128
    }
}

TEST_CASE_FIXTURE(Fixture, "a token of DEFAULT does not apply to a profile with its own key") {
    home.write("own.pem", sample_pem());
    home.write("session/token", token(in_2026 + 3600));
    home.write(".oci/config", "[DEFAULT]\ntenancy=" + tenancy +
                                  "\nkey_file=~/own.pem\nsecurity_token_file=~/session/token\n[own]\nuser=" +
                                  user + "\nkey_file=~/own.pem\n[same]\nregion=x\n");
    CHECK(key_id(table({{"profile", "own"}})) == api_key_id);
    CHECK(key_id(table({{"profile", "same"}})).starts_with("ST$"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a missing or malformed token is an error at start; an expired token is a warning") {
    const std::string key = home.write("k.pem", sample_pem());
    const std::string file = (home.path / "token").string();
    const Table config = table({{"key_file", key}, {"security_token_file", file}});
    CHECK(error(config) == "security_token_file: cannot use the session token " + file +
                               ": No such file or directory; make it with `oci session authenticate`");
    home.write("token", "  \n");
    CHECK(error(config) == "security_token_file: cannot use the session token " + file +
                               ": it is empty; make it with `oci session authenticate`");
    home.write("token", token(in_2026 - 1));
    signer(config);
    CHECK(
        host.logged.back() ==
        "no token obtained reason=the session token " + file +
            " expired on Sun, 22 Nov 2026 09:59:59 GMT; renew it with `oci session refresh` or `oci session "
            "authenticate`");
    for (const char* odd : {"opaque", "a.b.c", "a.e30.c", "a.eyJleHAiOiJ4In0.c", "a.eyJleHAiOjFlOTl9.c"}) {
        home.write("token", odd);
        CHECK(key_id(config) == std::string("ST$") + odd);
    }
}

namespace {
/// Queues the tasks, like the core while its helpers are busy.
struct LazyHost : FakeHost {
    std::vector<std::function<void()>> tasks;
    void run(std::function<void()> task) override { tasks.push_back(std::move(task)); }
};
}  // namespace

TEST_CASE_FIXTURE(
    Fixture, "a signature completes exactly once, also if the instance is destroyed or the task is dropped") {
    home.write(".oci/key.pem", sample_pem());
    home.write(".oci/config", config());
    LazyHost lazy;
    auto made = gatehouse_plugin.create(FakeConfig(Table{}), lazy);
    REQUIRE(made);
    std::unique_ptr<Signer> instance(static_cast<Signer*>(made->release()));
    int resumed = 0, failed = 0, twice = 0;
    for (int i = 0; i < 2; ++i)
        instance->sign({.url = "https://a.example/"}, Completion<http::Request>(
                                                          [&](Result<http::Request> result) {
                                                              ++resumed;
                                                              failed += !result;
                                                          },
                                                          [&] { ++twice; }));
    CHECK(resumed == 0);
    instance.reset();
    lazy.tasks[0]();
    CHECK(resumed == 1);
    CHECK(failed == 0);
    lazy.tasks.clear();
    CHECK(resumed == 2);
    CHECK(failed == 1);
    CHECK(twice == 0);
}

TEST_CASE_FIXTURE(
    Fixture,
    "pending requests complete when the instance and its host are destroyed, without further fetches") {
    const Variable base("OCI_METADATA_BASE_URL", "http://127.0.0.1:1/opc/v2");
    std::string principal;
    SUBCASE("instance") { principal = "instance"; }
    SUBCASE("auto") { principal = "auto"; }
    auto scripted = std::make_unique<ScriptedHost>();
    auto made = testing::create<Signer>(gatehouse_plugin, table({{"principal", principal}}), *scripted);
    REQUIRE(made);
    int signatures = 0, rejections = 0;
    (*made)->sign({.url = "https://a.example/"}, Completion<http::Request>([&](Result<http::Request> result) {
                      CHECK(!result);
                      ++signatures;
                  }));
    const http::ResponseHead head{.status = 401};
    const Identity nobody;
    (*made)->rejected({head, "", nobody}, Completion<bool>([&](Result<bool>) { ++rejections; }));
    CHECK(scripted->pending.size() == 1);
    made->reset();
    auto pending = std::move(scripted->pending);
    scripted.reset();
    pending.clear();
    CHECK(signatures == 1);
    CHECK(rejections == 1);
}

TEST_CASE_FIXTURE(Fixture, "a request without an absolute URL is rejected") {
    home.write(".oci/key.pem", sample_pem());
    home.write(".oci/config", config());
    auto instance = signer({});
    auto request = sign(*instance, {.url = "/relative"});
    REQUIRE(!request);
    CHECK(request.error().kind == ErrorKind::internal);
}
