// SPDX-License-Identifier: Apache-2.0
// Keys, ranges and sentences of the core's own tables; see settings.hpp.
#include "core/config/settings.hpp"

#include "core/config/route_options.hpp"
#include "core/config/upstream_tls.hpp"
#include "core/config/validate.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::core {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t mebibyte = 1'048'576, gibibyte = 1'024 * mebibyte;

/// What is wrong with a listening address, or nothing.
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

Fields<UpstreamOptions> with_routes(Fields<UpstreamOptions> more) {
    auto fields = route_fields<UpstreamOptions>();
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

}  // namespace

const Fields<ServerOptions> server_fields = {
    optional("listen", &ServerOptions::listen,
             "Address and port to listen on, such as 127.0.0.1:8050, [::1]:8050 or 0.0.0.0:8050; port 0 "
             "takes a free one."),
    ranged("workers", &ServerOptions::workers, 0, 256,
           "Threads that serve connections; 0: one per processor core."),
    ranged("local_threads", &ServerOptions::local_threads, 1, 4'096,
           "Requests that local providers work on at once; others wait for their turn."),
    optional("allow_anonymous", &ServerOptions::allow_anonymous,
             "Whether the gateway may serve without any authenticator on an address that other machines can "
             "reach."),
    ranged("max_connections", &ServerOptions::max_connections, 1, 1'000'000,
           "Connections at once; more are closed at once."),
    ranged("max_concurrent_requests", &ServerOptions::max_concurrent_requests, 1, 1'000'000,
           "Requests with a body that are worked on at once; others wait for their turn, one of each client "
           "after the other."),
    ranged("max_queued", &ServerOptions::max_queued, 0, 1'000'000,
           "Requests of one client that may wait; more are answered with 503."),
    ranged("queue_timeout_ms", &ServerOptions::queue_timeout_ms, 0, day_ms,
           "A request that has waited for this long is answered with 503; 0: none waits."),
    ranged("memory_limit", &ServerOptions::memory_limit, mebibyte, 1'024 * gibibyte,
           "Bytes that all connections, requests and answers may hold together; past it new requests are "
           "answered with 503."),
    ranged("header_timeout_ms", &ServerOptions::header_timeout_ms, 1, day_ms,
           "A request's head must be complete this long after its first byte."),
    ranged("body_timeout_ms", &ServerOptions::body_timeout_ms, 1, day_ms,
           "A request's body must be complete this long after its head."),
    ranged("body_timeout_per_mb_ms", &ServerOptions::body_timeout_per_mb_ms, 0, day_ms,
           "Added to body_timeout_ms for each MiB of the body."),
    ranged("keep_alive_ms", &ServerOptions::keep_alive_ms, 1, day_ms,
           "A connection without a request is closed after this long."),
    ranged("max_header_bytes", &ServerOptions::max_header_bytes, 256, 1'048'576,
           "The largest head of a request; more is answered with 431."),
    ranged("max_headers", &ServerOptions::max_headers, 1, 10'000,
           "The most header fields of a request; more is answered with 431."),
    ranged("max_body_bytes", &ServerOptions::max_body_bytes, 1, gibibyte,
           "The largest body of a request; more is answered with 413."),
    ranged("max_json_depth", &ServerOptions::max_json_depth, 1, 1'000,
           "The deepest nesting of a request's JSON; more is answered with 400."),
    ranged("client_buffer_bytes", &ServerOptions::client_buffer_bytes, 1'024, gibibyte,
           "Bytes that may wait for a slow client; with more, its upstream is paused."),
    ranged("client_write_timeout_ms", &ServerOptions::client_write_timeout_ms, 1, day_ms,
           "A client that takes nothing for this long while bytes wait for it is dropped."),
    ranged("heartbeat_ms", &ServerOptions::heartbeat_ms, 1, day_ms,
           "A stream whose upstream has been silent for this long gets an empty chunk, so that the client "
           "keeps waiting."),
    ranged("drain_timeout_ms", &ServerOptions::drain_timeout_ms, 0, day_ms,
           "After TERM or INT, running requests may take this long to end."),
    ranged("drain_delay_ms", &ServerOptions::drain_delay_ms, 0, day_ms,
           "After TERM or INT, /ready says 503 for this long before accepting stops."),
    optional("cors_origins", &ServerOptions::cors_origins,
             "Origins whose pages may call the gateway from a browser, such as https://app.example.com; "
             "\"*\": all."),
    optional("watch", &ServerOptions::watch,
             "Take the configuration over whenever its file has changed, as HUP and `gatehouse reload` do."),
    optional("strict_permissions", &ServerOptions::strict_permissions,
             "Refuse to start when others than its owner may read a file with a secret; else the log warns."),
    ranged(
        "auth_failures_per_minute", &ServerOptions::auth_failures_per_minute, 0, 100'000,
        "From an address that has shown more wrong credentials than this, requests wait for their turn, so "
        "many a minute; 0: never."),
};

const Fields<ServerTlsOptions> server_tls_fields = {
    required("certificate", &ServerTlsOptions::certificate,
             "PEM file with the gateway's certificate, followed by those that lead to its authority."),
    required("key", &ServerTlsOptions::key, "PEM file with the certificate's private key, not encrypted."),
    optional("client_ca", &ServerTlsOptions::client_ca,
             "PEM file of the authorities whose certificates clients may show; empty: clients are asked for "
             "none."),
    choice("client_certificate", &ServerTlsOptions::client_certificate, {"required", "optional"},
           "With client_ca: whether a client without a certificate is turned away, or may show something "
           "else."),
    choice("min_version", &ServerTlsOptions::min_version, {"1.2", "1.3"},
           "The oldest version of TLS that clients may speak."),
    ranged("max_handshakes", &ServerTlsOptions::max_handshakes, 1, 1'000'000,
           "Clients that may be in the middle of their handshake at once; others wait."),
};

const Fields<AdminOptions> admin_fields = {
    optional("listen", &AdminOptions::listen,
             "Address and port of a listener of its own for /health, /ready and /metrics, such as "
             "127.0.0.1:8051; /metrics is there alone then.  Empty: none."),
};

const Fields<UpstreamOptions> upstream_fields = with_routes({
    ranged(
        "attempts", &UpstreamOptions::attempts, 1, 20,
        "HttpClient requests for one request of a client at most; none follows once the client has a first "
        "byte."),
    ranged("retry_wait_ms", &UpstreamOptions::retry_wait_ms, 0, day_ms,
           "The longest wait before another attempt; an upstream that wants more by retry-after is not asked "
           "again, and the client is told when to come back."),
    ranged("retry_percent", &UpstreamOptions::retry_percent, 0, 1'000,
           "How many of a provider's requests of the last ten seconds may be asked again, in percent."),
    ranged("retry_min", &UpstreamOptions::retry_min, 0, 1'000'000,
           "So many requests in ten seconds may be asked again besides."),
    ranged("breaker_failures", &UpstreamOptions::breaker_failures, 0, 1'000'000,
           "When so many requests to one model of a provider have failed within ten seconds, and as many as "
           "have not, it is asked no more until a trial succeeds; 0: never."),
    ranged("breaker_open_ms", &UpstreamOptions::breaker_open_ms, 1, day_ms,
           "Until the first such trial; doubled with each that fails, up to 30 seconds."),
    ranged("endpoint_failures", &UpstreamOptions::endpoint_failures, 0, 1'000'000,
           "The same for one of several endpoints of a provider: the others are asked meanwhile; 0: never."),
    ranged("endpoint_open_ms", &UpstreamOptions::endpoint_open_ms, 1, day_ms,
           "Until the first trial of such an endpoint."),
    ranged("models_refresh_s", &UpstreamOptions::models_refresh_s, 1, 604'800,
           "How often the models of providers that discover them are listed anew, in seconds."),
    ranged("max_event_bytes", &UpstreamOptions::max_event_bytes, 1'024, gibibyte,
           "The largest single event of an upstream's stream."),
    ranged("max_response_bytes", &UpstreamOptions::max_response_bytes, 1'024, gibibyte,
           "The largest answer of an upstream that is kept in memory as a whole."),
    optional("ca_file", &UpstreamOptions::ca_file,
             "PEM file of the certificate authorities to trust instead of the system's."),
    optional("client_certificate", &UpstreamOptions::client_certificate,
             "PEM file of a certificate, and those that lead to its authority, to show to upstreams that ask "
             "for one; empty: none."),
    optional("client_key", &UpstreamOptions::client_key,
             "PEM file with the private key of client_certificate, not encrypted."),
    choice("min_tls", &UpstreamOptions::min_tls, {"1.2", "1.3"},
           "The oldest version of TLS to speak with upstreams."),
    table_map("hosts", &UpstreamOptions::hosts,
              Fields<HostOptions>{
                  optional("ca_file", &HostOptions::ca_file,
                           "For this host: the certificate authorities to trust."),
                  optional("client_certificate", &HostOptions::client_certificate,
                           "For this host: the certificate to show; empty: none."),
                  optional("client_key", &HostOptions::client_key, "For this host: the key of that."),
                  choice("min_tls", &HostOptions::min_tls, {"1.2", "1.3"},
                         "For this host: the oldest version of TLS."),
                  optional("pins", &HostOptions::pins,
                           "SHA-256 of public keys in base64, of which the host's certificate must have one, "
                           "besides being verified.  Any, if left out."),
              },
              "What is different for one upstream, by its name in URLs."),
    optional("proxy", &UpstreamOptions::proxy,
             "Proxy for upstream requests, such as http://proxy.example.com:3128; empty: as the environment "
             "says; \"none\": never one."),
});

const Fields<LogOptions> log_fields = {
    choice("level", &LogOptions::level, {"debug", "info", "warning", "error"},
           "The least grave lines to write."),
    choice("format", &LogOptions::format, {"text", "json"}, "Lines for people, or one JSON object per line."),
    optional("file", &LogOptions::file, "Where to write: stderr, stdout, or a file, which HUP opens anew."),
};

const Fields<PluginOptions> plugin_fields = {
    optional("path", &PluginOptions::path,
             "Folders with plugins of your own, searched before the ones beside the gateway's binary."),
};

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
    auto upstream = read_into(file, "upstream", upstream_fields, settings.upstream);
    if (!upstream) return upstream.error();
    auto log = read_into(file, "log", log_fields, settings.log);
    if (!log) return log.error();
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
