// SPDX-License-Identifier: Apache-2.0
// The core's own tables, and the example that shows all of their keys.
#include "core/config/renamed_keys.hpp"
#include "core/util/max_workers.hpp"
#include "tests/core/config/errors.hpp"

#include <fstream>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

Settings settings_of(const std::string& text) {
    auto file = ConfigFile::parse(text, "/etc/gatehouse/gatehouse.toml");
    REQUIRE(file);
    auto settings = read_settings(*file);
    INFO(std::string(settings ? "" : settings.error().message));
    REQUIRE(settings);
    return *settings;
}

std::string content_of(const std::string& name) {
    std::ifstream file(std::string(EXAMPLES) + "/" + name);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

std::string example() { return content_of("gatehouse.toml"); }

/// The section of a Markdown page below `### heading`.
std::string page_section(const std::string& page, const std::string& heading) {
    const std::size_t begin = page.find("\n### " + heading + "\n");
    if (begin == std::string::npos) return {};
    return page.substr(begin, page.find("\n##", begin + 1) - begin);
}

/// The values that a key may have, as config/README.md writes them.
std::string values_of(const Key& key) {
    std::string words;
    for (const std::string& word : key.allowed) words += (words.empty() ? "`" : ", `") + word + "`";
    if (!words.empty()) return words;
    switch (key.type) {
        case ValueType::boolean: return "`true`, `false`";
        case ValueType::integer: return std::to_string(key.minimum) + " to " + std::to_string(key.maximum);
        case ValueType::string: return "string";
        case ValueType::string_list: return "list of strings";
        case ValueType::table_map: return "tables";
        case ValueType::table_list: return "list of tables";
        case ValueType::number: return "number";
        case ValueType::string_list_map:
        case ValueType::table: return "another type";
    }
    return {};
}

/// The part of the example that belongs to [table].
std::string section(const std::string& text, const std::string& table) {
    const std::size_t begin = text.find("\n[" + table + "]\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find("\n[", begin + 2) - begin);
}

/// The same of a table that is commented out, without the marks.
std::string commented_section(const std::string& text, const std::string& table) {
    const std::size_t begin = text.find("\n#[" + table + "]\n");
    if (begin == std::string::npos) return {};
    std::string part = text.substr(begin, text.find("\n\n", begin) - begin) + "\n";
    for (std::size_t at = 0; (at = part.find("\n#", at)) != std::string::npos; ++at)
        if (part[at + 2] != ' ') part.erase(at + 1, 1);
    return part;
}

}  // namespace

TEST_CASE("an empty file means the documented defaults") {
    const Settings settings = settings_of("");
    CHECK(settings.server.listen == "127.0.0.1:8050");
    CHECK(settings.server.workers == 0);
    CHECK_FALSE(settings.server.allow_anonymous);
    CHECK(settings.server.max_body_bytes == 33554432);
    CHECK(settings.server.cors_origins.empty());
    CHECK(settings.upstream.attempts == 3);
    CHECK(settings.upstream.error_details == "log");
    CHECK(settings.upstream.models_refresh_s == 600);
    CHECK(settings.upstream.timeouts.first_byte.count() == 100000);
    CHECK(settings.log.level == "info");
    CHECK(settings.log.file == "stderr");
    CHECK(settings.plugins.path.empty());
}

TEST_CASE("every default lies within its own range and words") {
    for (const std::vector<Key>& keys :
         {keys_of(server_fields), keys_of(server_tls_fields), keys_of(admin_fields), keys_of(upstream_fields),
          keys_of(log_fields), keys_of(metrics_fields)})
        for (const Key& key : keys) {
            CAPTURE(key.name);
            CHECK_FALSE(key.doc.empty());
            CHECK(key.doc.back() == '.');
            if (key.type == ValueType::integer) {
                CHECK(std::stoll(key.fallback) >= key.minimum);
                CHECK(std::stoll(key.fallback) <= key.maximum);
            }
            if (!key.allowed.empty())
                CHECK(std::count(key.allowed.begin(), key.allowed.end(),
                                 key.fallback.substr(1, key.fallback.size() - 2)) == 1);
        }
}

TEST_CASE("values in the file replace the defaults") {
    const Settings settings = settings_of(
        "[server]\nlisten = \"[::1]:0\"\nworkers = 2\ncors_origins = [\"https://a.example:8443\", \"*\"]\n"
        "[upstream]\nattempts = 1\nproxy = \"none\"\n[log]\nlevel = \"error\"\nformat = \"json\"\n");
    CHECK(settings.server.listen == "[::1]:0");
    CHECK(settings.server.workers == 2);
    CHECK(settings.server.cors_origins.size() == 2);
    CHECK(settings.upstream.attempts == 1);
    CHECK(settings.upstream.proxy == "none");
    CHECK(settings.log.level == "error");
    CHECK(settings.log.format == "json");
}

TEST_CASE("the attributes of clients for log and metrics are plain names") {
    const Settings settings = settings_of(
        "[log]\nattributes = [\"tenant\"]\n[metrics]\nattributes = [\"team-2\"]\nattribute_values = 5\n");
    CHECK(settings.log.attributes == std::vector<std::string>{"tenant"});
    CHECK(settings.metrics.attributes == std::vector<std::string>{"team-2"});
    CHECK(settings.metrics.attribute_values == 5);
    for (const std::string table : {"log", "metrics"})
        CHECK(error_of("[" + table + "]\nattributes = [\"a\", \"b c\"]\n")
                  .starts_with("test.toml:2:20: attributes must be names made of letters, digits, \"_\" and "
                               "\"-\", not \"b c\"\n"));
}

TEST_CASE("more workers than the server can start are an error that names the limit") {
    CHECK(settings_of("[server]\nworkers = 128\n").server.workers == max_workers);
    const auto file = ConfigFile::parse("[server]\nworkers = 129\n", "/etc/gatehouse/gatehouse.toml");
    REQUIRE(file);
    const auto settings = read_settings(*file);
    REQUIRE(!settings);
    CHECK(settings.error().message.find("workers must be between 0 and 128") != std::string::npos);
}

TEST_CASE("paths of the core's tables count from the file's folder") {
    const Settings settings = settings_of(
        "[upstream]\nca_file = \"ca.pem\"\n[log]\nfile = \"/var/log/gatehouse.log\"\n"
        "[plugins]\npath = [\"plugins\", \"/opt/plugins\"]\n");
    CHECK(settings.upstream_tls.usual.ca_file == "/etc/gatehouse/ca.pem");
    CHECK(settings.log.file == "/var/log/gatehouse.log");
    CHECK(settings.plugins.path == std::vector<std::string>{"/etc/gatehouse/plugins", "/opt/plugins"});
    CHECK(settings_of("[plugins]\npath = \"plugins\"").plugins.path ==
          std::vector<std::string>{"/etc/gatehouse/plugins"});
    CHECK(settings_of("[log]\nfile = \"stdout\"").log.file == "stdout");
}

TEST_CASE("without [server.tls] clients speak plain text; with it, its files count from the file's folder") {
    CHECK_FALSE(settings_of("").tls);
    CHECK(files_of(settings_of("")).empty());
    const Settings settings =
        settings_of("[server.tls]\ncertificate = \"a.pem\"\nkey = \"/k/a.key\"\nclient_ca = \"ca.pem\"\n");
    REQUIRE(settings.tls);
    CHECK(settings.tls->certificate == "/etc/gatehouse/a.pem");
    CHECK(settings.tls->key == "/k/a.key");
    CHECK(settings.tls->client_ca == "/etc/gatehouse/ca.pem");
    CHECK(settings.tls->client_certificate == "required");
    CHECK(settings.tls->min_version == "1.2");
    CHECK(files_of(settings) ==
          std::vector<std::filesystem::path>{"/etc/gatehouse/a.pem", "/k/a.key", "/etc/gatehouse/ca.pem"});
}

TEST_CASE("a host has its own TLS settings, and omitted keys have the values of [upstream]") {
    const std::string pin(43, 'A');
    const Settings settings = settings_of(
        "[upstream]\nca_file = \"ca.pem\"\nclient_certificate = \"c.pem\"\nclient_key = \"c.key\"\n"
        "[upstream.hosts.\"api.example.com\"]\nmin_tls = \"1.3\"\npins = \"" +
        pin +
        "=\"\n"
        "[upstream.hosts.\"::1\"]\nca_file = \"\"\nclient_certificate = \"\"\n");
    const UpstreamTls& tls = settings.upstream_tls;
    CHECK(tls.of("elsewhere.example.com") == tls.usual);
    CHECK(tls.usual.min_version == TlsVersion::tls_1_2);
    const HostTls& api = tls.of("api.example.com");
    CHECK(api.ca_file == "/etc/gatehouse/ca.pem");
    CHECK(api.client_key == "/etc/gatehouse/c.key");
    CHECK(api.min_version == TlsVersion::tls_1_3);
    CHECK(api.pins == std::vector<std::string>{pin + "="});
    CHECK(tls.of("::1") == HostTls());
    CHECK(files_of(settings) == std::vector<std::filesystem::path>{
                                    "/etc/gatehouse/ca.pem", "/etc/gatehouse/c.pem", "/etc/gatehouse/c.key"});
}

TEST_CASE("addresses to listen on that make sense are taken") {
    for (const char* listen :
         {"127.0.0.1:8050", "0.0.0.0:80", "[::]:8050", "[::1]:0", "localhost:65535", "a-b.example:1"}) {
        CAPTURE(listen);
        CHECK(error_of("server.listen = \"" + std::string(listen) + "\"") == "");
    }
}

TEST_CASE("addresses to listen on that make no sense are refused") {
    for (const char* listen : {"", ":", "8050", "localhost", "a:b:1", "[::1]", "[]:1", "[::1:1", "1.2.3.4:-1",
                               "1.2.3.4:+1", "1.2.3.4:65536", "1.2.3.4: 1", "a b:1", "u@h:1", "h:1/x"}) {
        CAPTURE(listen);
        CHECK(error_of("server.listen = \"" + std::string(listen) + "\"") != "");
    }
}

TEST_CASE("the admin's address is checked like the server's, and none is fine") {
    CHECK(settings_of("[admin]\nlisten = \"\"").admin.listen.empty());
    CHECK(settings_of("admin.listen = \"[::1]:0\"").admin.listen == "[::1]:0");
    CHECK(error_of("admin.listen = \"8051\"")
              .find("listen must be HOST:PORT, such as 127.0.0.1:8050 or [::1]:8050") != std::string::npos);
}

TEST_CASE("the tokens of the admin API are kept as digests, with a name and rights") {
    CHECK(settings_of("").admin_tokens.empty());
    const std::string text = "0123456789abcdef012345";
    const Settings settings = settings_of(
        "[admin]\ntokens = [{ name = \"ops\", token = \"" + text +
        "\", may = [\"read\", \"operate\"] },\n"
        "{ name = \"viewer\", token = \"sha256:9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08\" }]\n");
    CHECK(settings.admin.tokens.empty());
    const AdminToken* ops = settings.admin_tokens.find(text);
    REQUIRE(ops);
    CHECK(ops->name == "ops");
    CHECK(ops->has("operate"));
    const AdminToken* viewer = settings.admin_tokens.find("test");
    REQUIRE(viewer);
    CHECK(viewer->name == "viewer");
    CHECK(viewer->has("read"));
    CHECK_FALSE(viewer->has("operate"));
    for (const std::string& wrong : {std::string(), text + "6", text.substr(1), std::string("ops")})
        CHECK_FALSE(settings.admin_tokens.find(wrong));
}

TEST_CASE("config/gatehouse.toml shows every key of the core with its default") {
    const std::string text = example();
    const std::vector<std::pair<std::string, std::vector<Key>>> tables = {
        {"server", keys_of(server_fields)},     {"admin", keys_of(admin_fields)},
        {"upstream", keys_of(upstream_fields)}, {"log", keys_of(log_fields)},
        {"metrics", keys_of(metrics_fields)},   {"plugins", keys_of(plugin_fields)}};
    for (const auto& [name, keys] : tables) {
        const std::string& table = name;  // clang does not capture a structured binding
        const std::string part = section(text, table);
        CAPTURE(table);
        REQUIRE_FALSE(part.empty());
        for (const Key& key : keys) {
            CAPTURE(key.name);
            CHECK(part.find("\n" + key.name + " = " + key.fallback + "\n") != std::string::npos);
            CHECK(part.find("# " + key.doc) != std::string::npos);
        }
    }
    const std::string part = commented_section(text, "server.tls");
    for (const Key& key : keys_of(server_tls_fields)) {
        CAPTURE(key.name);
        CHECK(part.find("\n" + key.name + " = " + key.fallback) != std::string::npos);
        CHECK(part.find("# " + key.doc) != std::string::npos);
    }
}

TEST_CASE("config/README.md lists every key of the core with its default, its values and its sentence") {
    const std::string page = content_of("README.md");
    const std::vector<std::pair<std::string, std::vector<Key>>> tables = {
        {"[server]", keys_of(server_fields)}, {"[server.tls]", keys_of(server_tls_fields)},
        {"[admin]", keys_of(admin_fields)},   {"[upstream]", keys_of(upstream_fields)},
        {"[log]", keys_of(log_fields)},       {"[metrics]", keys_of(metrics_fields)},
        {"[plugins]", keys_of(plugin_fields)}};
    for (const auto& [heading, keys] : tables) {
        const std::string& name = heading;  // clang does not capture a structured binding
        CAPTURE(name);
        const std::string part = page_section(page, name);
        REQUIRE_FALSE(part.empty());
        for (const Key& key : keys) {
            const std::string fallback = key.required ? "required" : "`" + key.fallback + "`";
            const std::string row =
                "\n| `" + key.name + "` | " + fallback + " | " + values_of(key) + " | " + key.doc + " |\n";
            CAPTURE(row);
            CHECK(part.find(row) != std::string::npos);
        }
        std::size_t rows = 0;
        for (std::size_t at = 0; (at = part.find("\n| `", at)) != std::string::npos; ++at) ++rows;
        CHECK(rows == keys.size());
    }
}

TEST_CASE("a renamed key is an error that names the new key") {
    CHECK(error_of("[upstream]\nretry_floor = 5\n") ==
          "test.toml:2:1: key \"retry_floor\" in [upstream] was renamed to \"retry_min\"\n"
          "    retry_floor = 5\n"
          "    ^");
    CHECK(error_of("[server]\nmax_running = 5\n") ==
          "test.toml:2:1: key \"max_running\" in [server] was renamed to \"max_concurrent_requests\"\n"
          "    max_running = 5\n"
          "    ^");
    for (const RenamedKey& key : renamed_keys) {
        const std::string table(key.table), before(key.old_name), now(key.new_name);
        CAPTURE(before);
        const std::string error = error_of("[" + table + "]\n" + before + " = 5\n");
        CHECK(error.find("key \"" + before + "\" in [" + table + "] was renamed to \"" + now + "\"\n") !=
              std::string::npos);
    }
    // A key of that old name in another table is just unknown.
    CHECK(error_of("[log]\nretry_floor = 5\n").find("unknown key \"retry_floor\"") != std::string::npos);
}

TEST_CASE("keys that need a restart keep their values and are named") {
    const Settings running = settings_of("[server]\nlisten = \"127.0.0.1:1\"\nworkers = 2\n");
    Settings wanted = settings_of(
        "[server]\nlisten = \"127.0.0.1:2\"\nlocal_threads = 7\nwatch = true\n[admin]\nlisten = "
        "\"[::1]:3\"\n");
    CHECK(keep_until_restart(wanted, running) ==
          std::vector<std::string>{"[server] listen", "[server] workers", "[server] local_threads",
                                   "[admin] listen"});
    CHECK(wanted.server.listen == "127.0.0.1:1");
    CHECK(wanted.server.workers == 2);
    CHECK(wanted.admin.listen.empty());
    CHECK(wanted.server.local_threads == 256);
    CHECK(wanted.server.watch);
    CHECK(keep_until_restart(wanted, running).empty());

    // As another process reads them.
    const std::string values = values_until_restart(running);
    CHECK(
        values ==
        "server.listen = '127.0.0.1:1'\nserver.workers = 2\nserver.local_threads = 256\nadmin.listen = ''\n");
    Settings read = settings_of(values);
    CHECK(keep_until_restart(read, running).empty());
}
