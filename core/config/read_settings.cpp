// SPDX-License-Identifier: Apache-2.0
// Reads and checks the core's own tables; see settings.hpp.
#include "core/config/settings.hpp"

#include "core/config/access_fields.hpp"
#include "core/config/checked_config.hpp"
#include "core/config/document.hpp"
#include "core/config/upstream_tls.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

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

void check_server(const CheckedConfig& config, const ServerOptions& server, Mistakes& mistakes) {
    if (const std::string wrong = wrong_with_listen(server.listen); !wrong.empty())
        mistakes.add(config.error("listen", "listen " + wrong));
    for (std::size_t i = 0; i < server.cors_origins.size(); ++i)
        if (!is_origin(server.cors_origins[i])) {
            const std::string key = "cors_origins[" + std::to_string(i) + "]";
            mistakes.add(config.error(
                key, key + " must be \"*\" or an origin, such as https://app.example.com, without a path"));
        }
}

void check_admin(const CheckedConfig& config, const Settings& settings, Mistakes& mistakes) {
    const std::string& listen = settings.admin.listen;
    if (listen.empty()) return;
    if (const std::string wrong = wrong_with_listen(listen); !wrong.empty())
        mistakes.add(config.error("listen", "listen " + wrong));
    else if (settings.is_right("server") && listen == settings.server.listen && !listen.ends_with(":0"))
        mistakes.add(config.error("listen", "listen is that of [server]: give [admin] another port"));
}

/// The names become names of fields in the log, and labels.
void check_attributes(const CheckedConfig& table, const std::vector<std::string>& names, Mistakes& mistakes) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (!is_plain_name(names[i]))
            mistakes.add(
                table.error("attributes[" + std::to_string(i) + "]",
                            "attributes must be names made of letters, digits, \"_\" and \"-\", not " +
                                toml_quoted(names[i])));
}

/// Whether a field of the access log needs the details of a request.
bool needs_details(const LogOptions& options) {
    return std::ranges::any_of(access_fields, [&](const AccessField& field) {
        return field.needs == AccessField::Needs::details &&
               std::ranges::count(options.fields, field.name) > 0;
    });
}

void check_access_log(const CheckedConfig& table, const LogOptions& options, Mistakes& mistakes) {
    std::vector<std::string> known = {std::string(usual_fields)};
    for (const AccessField& field : access_fields) known.emplace_back(field.name);
    for (std::size_t i = 0; i < options.fields.size(); ++i)
        if (!std::ranges::count(known, options.fields[i]))
            mistakes.add(table.error("fields[" + std::to_string(i) + "]",
                                     "the access log has no field " + toml_quoted(options.fields[i]) +
                                         suggestion(options.fields[i], known)));
    if (options.fields.empty())
        mistakes.add(table.error("fields", "fields must name at least one field, or \"default\""));
    if (!(options.sample >= 0 && options.sample <= 1))
        mistakes.add(table.error("sample", "expected a number from 0 to 1"));
}

/// Calls `visit` with the title, the name, the table and the member of each key that needs a restart.
template <typename Visit>
void for_each_until_restart(const Visit& visit) {
    visit("server", "listen", &Settings::server, &ServerOptions::listen);
    visit("server", "workers", &Settings::server, &ServerOptions::workers);
    visit("server", "local_threads", &Settings::server, &ServerOptions::local_threads);
    visit("admin", "listen", &Settings::admin, &AdminOptions::listen);
}

/// Reads the tables one after the other into one Settings.
class Reader {
public:
    Reader(const ConfigFile& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

    Settings read() {
        table("server", server_fields, settings_.server,
              [&](const CheckedConfig& config) { check_server(config, settings_.server, mistakes_); });
        if (has_table(file_, "server.tls")) table("server.tls", server_tls_fields, settings_.tls.emplace());
        table("admin", admin_fields, settings_.admin, [&](const CheckedConfig& config) {
            check_admin(config, settings_, mistakes_);
            settings_.admin_tokens = AdminTokens::of(settings_.admin.tokens, config, mistakes_);
        });
        table("upstream", upstream_fields, settings_.upstream, [&](const CheckedConfig& config) {
            settings_.upstream_tls = upstream_tls_of(file_, config, settings_.upstream, mistakes_);
        });
        table("log", log_fields, settings_.log, [&](const CheckedConfig& config) {
            check_attributes(config, settings_.log.attributes, mistakes_);
            check_access_log(config, settings_.log, mistakes_);
            settings_.log.detailed = needs_details(settings_.log);
            if (settings_.log.file.empty())
                mistakes_.add(config.error("file", "file must be stderr, stdout or a path"));
        });
        table("metrics", metrics_fields, settings_.metrics, [&](const CheckedConfig& config) {
            check_attributes(config, settings_.metrics.attributes, mistakes_);
        });
        table("plugins", plugin_fields, settings_.plugins);
        resolve_paths();
        return std::move(settings_);
    }

private:
    /// Reads a table into `options`, and then checks it by `further`.
    template <typename Options, typename Check>
    void table(std::string_view name, const Fields<Options>& fields, Options& options, const Check& further) {
        static const std::vector<Key> none, inside_server = {Key{.name = "tls"}};
        const std::size_t before = mistakes_.count();
        auto config = check(file_, name, keys_of(fields), mistakes_, name == "server" ? inside_server : none);
        if (config) {
            options = gatehouse::read(fields, config->table());
            further(*config);
            config->forget_values();
        }
        if (mistakes_.count() == before) return;
        options = Options();
        settings_.wrong.emplace_back(name);
    }
    template <typename Options>
    void table(std::string_view name, const Fields<Options>& fields, Options& options) {
        table(name, fields, options, [](const CheckedConfig&) {});
    }

    void resolve_paths() {
        auto resolve = [&](std::string& path) {
            if (!path.empty()) path = file_.resolve(path).string();
        };
        if (settings_.tls)
            for (std::string* path :
                 {&settings_.tls->certificate, &settings_.tls->key, &settings_.tls->client_ca})
                resolve(*path);
        if (settings_.log.file != "stderr" && settings_.log.file != "stdout") resolve(settings_.log.file);
        for (std::string& folder : settings_.plugins.path) folder = file_.resolve(folder).string();
    }

    const ConfigFile& file_;
    Mistakes& mistakes_;
    Settings settings_;
};

}  // namespace

bool Settings::is_right(std::string_view table) const { return !std::ranges::count(wrong, table); }

Settings read_settings(const ConfigFile& file, Mistakes& mistakes) { return Reader(file, mistakes).read(); }

Result<Settings> read_settings(const ConfigFile& file) {
    Mistakes mistakes(file.path());
    Settings settings = read_settings(file, mistakes);
    return mistakes.empty() ? Result<Settings>(std::move(settings)) : mistakes.error();
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
    for_each_until_restart([&](std::string_view title, std::string_view key, auto table, auto member) {
        auto& value = settings.*table.*member;
        if (value != running.*table.*member)
            keys.push_back("[" + std::string(title) + "] " + std::string(key));
        value = running.*table.*member;
    });
    return keys;
}

std::string values_until_restart(const Settings& running) {
    std::ostringstream text;
    for_each_until_restart([&](std::string_view title, std::string_view key, auto table, auto member) {
        text << title << '.' << key << " = " << toml::value(running.*table.*member) << '\n';
    });
    return text.str();
}

}  // namespace gatehouse::core
