// SPDX-License-Identifier: Apache-2.0
// Reads and checks the core's own tables; see settings.hpp.
#include "core/config/settings.hpp"

#include "core/config/checked_config.hpp"
#include "core/config/upstream_tls.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::core {

namespace {

/// The mistake in a listening address; empty if the address is valid.
std::string wrong_with_listen(std::string_view listen) {
    const std::string right = "must be HOST:PORT, such as 127.0.0.1:8050 or [::1]:8050";
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string_view::npos) return right;
    const std::string_view host = listen.substr(0, colon), port = listen.substr(colon + 1);
    if (listen.find('/') != std::string_view::npos) return right;
    if (host.empty()) return right + "; 0.0.0.0 stands for every address";
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (!bracketed && host.find(':') != std::string_view::npos)
        return "must have its IPv6 address in brackets, such as [::1]:8050";
    if (host.find_first_of(bracketed ? "/ " : "[]/@ ") != std::string_view::npos) return right;
    std::uint16_t number = 0;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || failure != std::errc() || end != port.data() + port.size())
        return "must end in a port between 0 and 65535 (0 takes a free one)";
    return {};
}

bool is_origin(std::string_view text) {
    if (text == "*" || text == "null") return true;
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0) return false;
    const std::string_view rest = text.substr(scheme + 3);
    return !rest.empty() && rest.find_first_of("/?#@ *,") == std::string_view::npos;
}

template <typename Options>
Result<CheckedConfig> read_into(const ConfigFile& file, std::string_view name, const Fields<Options>& fields,
                                Options& options) {
    auto config = check(file, name, keys_of(fields));
    if (config) options = read(fields, config->table());
    return config;
}

Result<void> check_server(const CheckedConfig& config, const ServerOptions& server) {
    if (const std::string wrong = wrong_with_listen(server.listen); !wrong.empty())
        return config.error("listen", "listen " + wrong);
    for (std::size_t i = 0; i < server.cors_origins.size(); ++i)
        if (!is_origin(server.cors_origins[i])) {
            const std::string key = "cors_origins[" + std::to_string(i) + "]";
            return config.error(
                key, key + " must be \"*\" or an origin, such as https://app.example.com, without a path");
        }
    return {};
}

/// The names become names of fields in the log, and labels.
Result<void> check_attributes(const CheckedConfig& table, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!is_plain_name(names[i]))
            return table.error("attributes[" + std::to_string(i) + "]",
                               "attributes must be names made of letters, digits, \"_\" and \"-\", not " +
                                   toml_quoted(names[i]));
    return {};
}

}  // namespace

Result<Settings> read_settings(const ConfigFile& file) {
    Settings settings;
    static const std::vector<Key> inside_server = {Key{.name = "tls"}};
    auto server = check(file, "server", keys_of(server_fields), inside_server);
    if (!server) return server.error();
    settings.server = read(server_fields, server->table());
    if (auto ok = check_server(*server, settings.server); !ok) return ok.error();
    if (has_table(file, "server.tls")) {
        auto tls = read_into(file, "server.tls", server_tls_fields, settings.tls.emplace());
        if (!tls) return tls.error();
    }
    auto admin = read_into(file, "admin", admin_fields, settings.admin);
    if (!admin) return admin.error();
    if (const std::string& listen = settings.admin.listen; !listen.empty()) {
        if (const std::string wrong = wrong_with_listen(listen); !wrong.empty())
            return admin->error("listen", "listen " + wrong);
        if (listen == settings.server.listen && !listen.ends_with(":0"))
            return admin->error("listen", "listen is that of [server]: give [admin] another port");
    }
    auto tokens = AdminTokens::of(settings.admin.tokens, *admin);
    if (!tokens) return tokens.error();
    settings.admin_tokens = *std::move(tokens);
    admin->forget_values();
    auto upstream = read_into(file, "upstream", upstream_fields, settings.upstream);
    if (!upstream) return upstream.error();
    auto log = read_into(file, "log", log_fields, settings.log);
    if (!log) return log.error();
    if (auto ok = check_attributes(*log, settings.log.attributes); !ok) return ok.error();
    auto metrics = read_into(file, "metrics", metrics_fields, settings.metrics);
    if (!metrics) return metrics.error();
    if (auto ok = check_attributes(*metrics, settings.metrics.attributes); !ok) return ok.error();
    auto plugins = read_into(file, "plugins", plugin_fields, settings.plugins);
    if (!plugins) return plugins.error();

    auto resolve = [&](std::string& path) {
        if (!path.empty()) path = file.resolve(path).string();
    };
    if (settings.tls)
        for (std::string* path : {&settings.tls->certificate, &settings.tls->key, &settings.tls->client_ca})
            resolve(*path);
    if (auto made = upstream_tls_of(file, *upstream, settings.upstream))
        settings.upstream_tls = *std::move(made);
    else
        return made.error();
    if (settings.log.file.empty()) return log->error("file", "file must be stderr, stdout or a path");
    if (settings.log.file != "stderr" && settings.log.file != "stdout")
        settings.log.file = file.resolve(settings.log.file).string();
    for (std::string& folder : settings.plugins.path) folder = file.resolve(folder).string();
    return settings;
}

std::vector<std::filesystem::path> files_of(const Settings& settings) {
    std::vector<std::filesystem::path> all;
    if (settings.tls)
        for (const std::string& path :
             {settings.tls->certificate, settings.tls->key, settings.tls->client_ca})
            if (!path.empty()) all.emplace_back(path);
    auto add = [&](const HostTls& host) {
        for (const std::string& path : {host.ca_file, host.client_certificate, host.client_key})
            if (!path.empty() && !std::ranges::count(all, std::filesystem::path(path)))
                all.emplace_back(path);
    };
    add(settings.upstream_tls.usual);
    for (const auto& [name, host] : settings.upstream_tls.hosts) add(host);
    return all;
}

std::vector<std::string> keep_until_restart(Settings& settings, const Settings& running) {
    std::vector<std::string> keys;
    auto keep = [&](auto table, auto member, const char* key) {
        auto& value = settings.*table.*member;
        if (value != running.*table.*member) keys.push_back(key);
        value = running.*table.*member;
    };
    keep(&Settings::server, &ServerOptions::listen, "[server] listen");
    keep(&Settings::server, &ServerOptions::workers, "[server] workers");
    keep(&Settings::server, &ServerOptions::local_threads, "[server] local_threads");
    keep(&Settings::admin, &AdminOptions::listen, "[admin] listen");
    return keys;
}

}  // namespace gatehouse::core
