// SPDX-License-Identifier: Apache-2.0
// The content of a checked table, and the locations of its errors.
#include "core/config/instances.hpp"
#include "core/config/secret_doubt.hpp"
#include "tests/core/config/errors.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

const std::string full = R"([provider.p]
use = "x"
signer = "s"
flag = true
count = 3
ratio = 2
text = "t"
pass = "p"
list = ["a", "b"]
keys = [{ name = "n", key = "k" }, { name = "m", key = "l", limit = 5 }]
[provider.p.models."gpt-4.1"]
family = "strict"
stop = "END"
[provider.p.models.plain]
[provider.p.routes]
"z/last" = "oci/one"
"a/first" = ["oci/one", "backup/two"]
"gpt-5" = "oci/x"
"gpt-5.1" = "oci/y"
[signer.s]
use = "x"
)";

CheckedConfig full_config() {
    auto file = ConfigFile::parse(full, "test.toml");
    auto all = instances(*file);
    return *check(*file, all->front(), keys_of(everything));
}

Everything options_of(const std::string& text) { return read(everything, checked(text).table()); }

std::string text_of(const std::string& value) {
    return options_of("[provider.p]\nuse = \"x\"\npass = \"p\"\ntext = " + value).text;
}

/// The line and column at which an error for `path` points.
std::string place_of(const CheckedConfig& config, std::string_view path) {
    const std::string message = config.error(path, "wrong").message;
    return message.substr(10, message.find(": wrong") - 10);
}

struct TempFile {
    explicit TempFile(const std::string& content, const std::string& ending = "") {
        path = std::filesystem::temp_directory_path() /
               ("gatehouse-check-test-" + std::to_string(::getpid()) + ending);
        std::ofstream(path, std::ios::binary) << content;
    }
    ~TempFile() { std::filesystem::remove(path); }
    std::filesystem::path path;
};

}  // namespace

TEST_CASE("every type of value reaches the plugin's options") {
    const Everything options = read(everything, full_config().table());
    CHECK(options.flag);
    CHECK(options.count == 3);
    CHECK(options.ratio == 2.0);
    CHECK(options.text == "t");
    CHECK(options.pass == "p");
    CHECK(options.list == std::vector<std::string>{"a", "b"});
    REQUIRE(options.keys.size() == 2);
    CHECK(options.keys[0].key == "k");
    CHECK(options.keys[0].limit == 0);
    CHECK(options.keys[1].name == "m");
    CHECK(options.keys[1].limit == 5);
    REQUIRE(options.models.size() == 2);
    CHECK(options.models.at("gpt-4.1").family == "strict");
    CHECK(options.models.at("gpt-4.1").stop == std::vector<std::string>{"END"});
    CHECK(options.models.at("plain").family == "plain");
    CHECK(options.routes.at("z/last") == std::vector<std::string>{"oci/one"});
    CHECK(options.routes.at("a/first") == std::vector<std::string>{"oci/one", "backup/two"});
}

TEST_CASE("a table keeps its entries in the order of the file") {
    const CheckedConfig config = full_config();
    const auto* routes = std::get_if<Table>(&config.table().find("routes")->data);
    REQUIRE(routes);
    REQUIRE(routes->entries.size() == 4);
    CHECK(routes->entries[0].name == "z/last");
    CHECK(routes->entries[1].name == "a/first");
    CHECK(config.table().entries.front().name == "flag");
}

TEST_CASE("core keys are read by the core and not handed to the plugin") {
    auto file = ConfigFile::parse(full, "test.toml");
    auto all = instances(*file);
    REQUIRE(all);
    CHECK(all->at(0).kind == "provider");
    CHECK(all->at(0).name == "p");
    CHECK(all->at(0).use == "x");
    CHECK(all->at(0).signer == "s");
    CHECK(full_config().table().find("use") == nullptr);
    CHECK(full_config().table().find("signer") == nullptr);
    CHECK(full_config().instance() == "p");
}

TEST_CASE("instances come in the order of their headers, not of their names") {
    auto file = ConfigFile::parse(
        "[hook.z]\nuse = \"a\"\n[provider.m]\nuse = \"b\"\n[hook.a]\nuse = \"c\"\n"
        "[authenticator.b]\nuse = \"d\"\n[authenticator.a]\nuse = \"e\"\n",
        "test.toml");
    auto all = instances(*file);
    REQUIRE(all);
    std::string order;
    for (const InstanceConfig& one : *all) order += one.use;
    CHECK(order == "abcde");
}

TEST_CASE("tables of tables may be written as [[…]], as dotted keys and inline") {
    const Everything options = options_of(
        "[provider.p]\nuse = \"x\"\ntext = \"t\"\npass = \"p\"\nmodels.m.family = \"strict\"\nroutes = { a = "
        "\"b\" }\n"
        "[[provider.p.keys]]\nname = \"n\"\nkey = \"k\"\n[[provider.p.keys]]\nname = \"m\"\nkey = \"l\"\n");
    CHECK(options.keys.size() == 2);
    CHECK(options.models.at("m").family == "strict");
    CHECK(options.routes.at("a") == std::vector<std::string>{"b"});
}

TEST_CASE("env: is replaced by a variable, or by its default if that is unset or empty") {
    const Variable set("GATEHOUSE_TEST_SET", "value"), empty("GATEHOUSE_TEST_EMPTY", ""),
        unset("GATEHOUSE_TEST_UNSET", nullptr), home("HOME", "/home/someone");
    CHECK(text_of("\"env:GATEHOUSE_TEST_SET\"") == "value");
    CHECK(text_of("\"env:GATEHOUSE_TEST_SET:-other\"") == "value");
    CHECK(text_of("\"env:GATEHOUSE_TEST_UNSET:-other\"") == "other");
    CHECK(text_of("\"env:GATEHOUSE_TEST_EMPTY:-other\"") == "other");
    CHECK(text_of("\"env:GATEHOUSE_TEST_UNSET:-\"") == "");
    CHECK(text_of("\"env:GATEHOUSE_TEST_UNSET:-~/.oci/config\"") == "/home/someone/.oci/config");
    CHECK(text_of("\"env:GATEHOUSE_TEST_UNSET:-env:GATEHOUSE_TEST_SET\"") == "value");
    CHECK(text_of("\"env:GATEHOUSE_TEST_UNSET:-https://a.example:443/x:-y\"") ==
          "https://a.example:443/x:-y");
    CHECK(text_of("\"not env:GATEHOUSE_TEST_SET\"") == "not env:GATEHOUSE_TEST_SET");
}

TEST_CASE("a variable's value is not replaced again, but for a leading ~/") {
    const Variable home("HOME", "/home/someone");
    const Variable nested("GATEHOUSE_TEST_SET", "env:HOME");
    CHECK(text_of("\"env:GATEHOUSE_TEST_SET\"") == "env:HOME");
    const Variable tilde("GATEHOUSE_TEST_PATH", "~/key.pem");
    CHECK(text_of("\"env:GATEHOUSE_TEST_PATH\"") == "/home/someone/key.pem");
}

TEST_CASE("a leading ~/ is the home folder, other tildes are themselves") {
    const Variable home("HOME", "/home/someone");
    CHECK(text_of("\"~/a\"") == "/home/someone/a");
    CHECK(text_of("\"~a\"") == "~a");
    CHECK(text_of("\"a~/b\"") == "a~/b");
    const Variable none("HOME", nullptr);
    CHECK(error_of("[provider.p]\nuse = \"x\"\ntext = \"~/a\"\npass = \"p\"") ==
          "test.toml:3:8: text: \"~/\" needs the environment variable HOME, which is not set\n"
          "    text = \"~/a\"\n           ^");
}

TEST_CASE("file: is replaced by the file's content without one newline at its end") {
    const TempFile one("the key\n");
    CHECK(text_of("\"file:" + one.path.string() + "\"") == "the key");
    std::ofstream(one.path, std::ios::binary) << "a\nb\r\n";
    CHECK(text_of("\"file:" + one.path.string() + "\"") == "a\nb");
    std::ofstream(one.path, std::ios::binary) << "two\n\n";
    CHECK(text_of("\"env:GATEHOUSE_TEST_NOT_THERE:-file:" + one.path.string() + "\"") == "two\n");
    std::ofstream(one.path, std::ios::binary) << "";
    CHECK(text_of("\"file:" + one.path.string() + "\"") == "");
}

TEST_CASE("credential: is replaced by the content of a file of the service manager") {
    const TempFile one("the key\n");
    const std::string folder = one.path.parent_path().string(), name = one.path.filename().string();
    auto message = [](const std::string& value) {
        const std::string text =
            error_of("[provider.p]\nuse = \"x\"\ntext = \"" + value + "\"\npass = \"p\"");
        return text.substr(0, text.find('\n'));
    };
    {
        const Variable credentials("CREDENTIALS_DIRECTORY", folder.c_str());
        CHECK(text_of("\"credential:" + name + "\"") == "the key");
        CHECK(text_of("\"env:GATEHOUSE_TEST_NOT_THERE:-credential:" + name + "\"") == "the key");
        CHECK(message("credential:nothing") ==
              "test.toml:3:8: text: there is no credential nothing, because the file " + folder +
                  "/nothing does not exist; add LoadCredential=nothing:PATH to the unit");
        const std::string wrong =
            "test.toml:3:8: text: \"credential:\" must be followed by the name of a credential, without \"/\", such as "
            "credential:api_key";
        for (const char* value : {"", ".", "..", "../x", "/etc/passwd", "a/b"})
            CHECK(message(std::string("credential:") + value) == wrong);
        const Variable folder_itself("CREDENTIALS_DIRECTORY", "/");
        CHECK(message("credential:tmp") ==
              "test.toml:3:8: text: cannot read /tmp: is a directory, not a file");
    }
    for (const char* none : {static_cast<const char*>(nullptr), ""}) {
        const Variable credentials("CREDENTIALS_DIRECTORY", none);
        CHECK(
            message("credential:key") ==
            "test.toml:3:8: text: \"credential:key\" needs the environment variable CREDENTIALS_DIRECTORY, which is "
            "not set; systemd sets it for a service with LoadCredential=key:PATH");
    }
}

TEST_CASE("a file that is not text or too large is rejected by name") {
    const TempFile one(std::string("a\0b", 3));
    const std::string path = one.path.string();
    auto message = [&] {
        const std::string text =
            error_of("[provider.p]\nuse = \"x\"\npass = \"p\"\ntext = \"file:" + path + "\"");
        return text.substr(0, text.find('\n'));
    };
    CHECK(message() == "test.toml:4:8: text: " + path + " is not text: it has a NUL byte");
    std::ofstream(one.path, std::ios::binary) << std::string(1024 * 1024 + 1, 'x');
    CHECK(message() == "test.toml:4:8: text: cannot read " + path + ": is larger than 1048576 bytes");
}

TEST_CASE("strings in lists, in nested tables and in routes are replaced too") {
    const Variable set("GATEHOUSE_TEST_SET", "value");
    const Everything options = options_of(
        "[provider.p]\nuse = \"x\"\ntext = \"t\"\npass = \"env:GATEHOUSE_TEST_SET\"\nlist = "
        "[\"env:GATEHOUSE_TEST_SET\"]\n"
        "keys = [{ name = \"a\", key = \"env:GATEHOUSE_TEST_SET\" }]\n"
        "[provider.p.routes]\n\"env:GATEHOUSE_TEST_SET\" = \"env:GATEHOUSE_TEST_SET\"\n");
    CHECK(options.pass == "value");
    CHECK(options.list == std::vector<std::string>{"value"});
    CHECK(options.keys[0].key == "value");
    CHECK(options.routes.at("env:GATEHOUSE_TEST_SET") ==
          std::vector<std::string>{"value"});  // references in keys are not replaced
}

TEST_CASE("a plugin's error points at any value of its table") {
    const CheckedConfig config = full_config();
    CHECK(place_of(config, "") == "1:1");
    CHECK(place_of(config, "text") == "7:8");
    CHECK(place_of(config, "list[1]") == "9:14");
    CHECK(place_of(config, "keys[1].key") == "10:56");
    CHECK(place_of(config, "keys[1]") == "10:36");
    CHECK(place_of(config, "models.gpt-4.1.family") == "12:10");
    CHECK(place_of(config, "models.\"gpt-4.1\".family") == "12:10");
    CHECK(place_of(config, "models.plain") == "14:1");
    CHECK(place_of(config, "routes.z/last") == "16:12");
    CHECK(place_of(config, "routes.a/first[1]") == "17:25");
    CHECK(place_of(config, "routes.gpt-5") == "18:11");
    CHECK(place_of(config, "routes.gpt-5.1") == "19:13");
}

TEST_CASE("an error for a missing path points at the last existing table of the path") {
    const CheckedConfig config = full_config();
    CHECK(place_of(config, "nothing") == "1:1");
    CHECK(place_of(config, "keys[7].key") == place_of(config, "keys"));
    CHECK(place_of(config, "models.plain.stop") == "14:1");
    CHECK(place_of(config, "models.\"unclosed") == place_of(config, "models"));
}

TEST_CASE("a plugin's error about a secret shows the line without it") {
    CHECK(full_config().error("pass", "the key is too short").message ==
          "test.toml:8:8: the key is too short\n    pass = \"*\"\n           ^");
    CHECK(full_config().error("keys[0].key", "wrong").message ==
          "test.toml:10:29: wrong\n    keys = [{ name = \"n\", key = \"*\" }, { name = \"m\", key = \"*\", "
          "limit = 5 }]\n"
          "                                ^");
    CHECK(full_config().error("keys[0].key", "wrong").kind == ErrorKind::bad_config);
}

TEST_CASE("an error can still be made when the file and its ConfigFile are gone") {
    const CheckedConfig config = [] {
        return checked("[provider.p]\nuse = \"x\"\ntext = \"t\"\npass = \"p\"\n");
    }();
    CHECK(config.error("text", "late").message == "test.toml:3:8: late\n    text = \"t\"\n           ^");
}

TEST_CASE("the files that a secret stands in are known when others may read them") {
    const TempFile open("k"), closed("k", "-closed");
    namespace fs = std::filesystem;
    fs::permissions(open.path, fs::perms(0640));
    fs::permissions(closed.path, fs::perms(0600));
    auto exposed = [&](const std::string& pass) {
        std::string files;
        for (const Exposed& one : checked("[provider.p]\nuse = \"x\"\ntext = \"file:" + open.path.string() +
                                          "\"\npass = " + toml_quoted(pass))
                                      .exposed())
            files += one.file.string() + ";";
        return files;
    };
    CHECK(exposed("file:" + open.path.string()) == open.path.string() + ";");
    CHECK(exposed("env:GATEHOUSE_NOT_SET:-file:" + open.path.string()) == open.path.string() + ";");
    CHECK(exposed("file:" + closed.path.string()).empty());
    CHECK(exposed("env:PATH").empty());
    // Its access list lets only the service read it, which shows as a permission of the group.
    const std::string folder = open.path.parent_path().string();
    const Variable credentials("CREDENTIALS_DIRECTORY", folder.c_str());
    CHECK(exposed("credential:" + open.path.filename().string()).empty());
    CHECK(exposed("sha256:00").empty());
    // A literal secret is in the configuration, which is not a file here.
    CHECK(exposed("literal").empty());
}

TEST_CASE("the key of the examples exposes no file, and any other key does") {
    const auto exposed = [](const std::string& pass) {
        const TempFile file("");
        std::filesystem::permissions(file.path, std::filesystem::perms(0644));
        const std::string text = "[provider.p]\nuse = \"x\"\ntext = \"t\"\npass = " + toml_quoted(pass);
        return checked(text, file.path.string()).exposed().size();
    };
    CHECK(exposed("sk-test") == 0);
    CHECK(exposed("env:GATEHOUSE_NOT_SET:-sk-test") == 0);
    CHECK(exposed("sk-test-1") == 1);
    CHECK(exposed("env:GATEHOUSE_NOT_SET:-sk-test-1") == 1);
}

TEST_CASE("values that are forgotten leave the places of errors") {
    auto config = full_config();
    const std::string before = place_of(config, "keys[1].key");
    config.forget_values();
    CHECK(config.table().entries.empty());
    CHECK(place_of(config, "keys[1].key") == before);
}

TEST_CASE("a secret that is probably wrong causes a warning that does not contain its value") {
    for (const auto& [secret, part] : std::vector<std::pair<std::string, std::string>>{
             {"\"sk-1234\"", "quote"},
             {"'sk-1234'", "quote"},
             {"`sk-1234`", "quote"},
             {"\u201Csk-1234\u201D", "quote"},
             {"sk-1234\"", "quote"},
             {"\"sk-1234\"\n", "quote"},
             {" sk-1234", "whitespace"},
             {"sk-1234\t", "whitespace"},
             {"sk-1234\r\n", "whitespace"},
             {"   ", "whitespace"},
             {"Bearer sk-1234", "scheme"},
             {"bearer  sk-1234", "scheme"},
             {"Authorization: Bearer sk-1234", "name of a header"},
             {"sk-1\nsk-2", "several lines"},
             {"${OPENAI_API_KEY}", "variable"}}) {
        const std::string reason = doubt_about(secret);
        CHECK(reason.find(part) != std::string::npos);
        CHECK(reason.find("sk-") == std::string::npos);
    }
    for (const char* secret :
         {"", "sk-1234", "sha256:00", "pass phrase", "bearer", "-----BEGIN KEY-----\nAA\n-----END"})
        CHECK(doubt_about(secret).empty());
}

TEST_CASE("a checked table names the keys of doubtful secrets") {
    const Variable quoted("GATEHOUSE_TEST_QUOTED", "\"sk-1234\"");
    const auto file = ConfigFile::parse(
        "[provider.p]\nuse = \"x\"\ntext = \"'t'\"\npass = \"env:GATEHOUSE_TEST_QUOTED\"\n"
        "keys = [{ name = \"a\", key = \"good\" }, { name = \"b\", key = \"Bearer x\" }]\n",
        "test.toml");
    REQUIRE(file);
    const auto all = instances(*file);
    REQUIRE(all);
    const auto checked = check(*file, all->front(), keys_of(everything));
    REQUIRE(checked);
    const auto doubts = checked->doubts();
    REQUIRE(doubts.size() == 2);
    CHECK(doubts[0].key == "pass");
    CHECK(doubts[1].key == "keys[1].key");
}
