// SPDX-License-Identifier: Apache-2.0
// Keys, ranges and descriptions of the core's own tables; see settings.hpp.  The list of the keys that
// need a restart is keep_until_restart() in read_settings.cpp.
#include "core/config/settings.hpp"

#include "core/config/route_options.hpp"
#include "core/util/max_workers.hpp"

namespace gatehouse::core {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t mebibyte = 1'048'576, gibibyte = 1'024 * mebibyte;

Fields<UpstreamOptions> with_routes(Fields<UpstreamOptions> more) {
    auto fields = route_fields<UpstreamOptions>();
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

}  // namespace

const Fields<ServerOptions> server_fields = {
    optional("listen", &ServerOptions::listen,
             "Address and port to listen on, such as 127.0.0.1:8050, [::1]:8050 or 0.0.0.0:8050. Port 0 "
             "selects a free port. A change needs a restart."),
    ranged("workers", &ServerOptions::workers, 0, max_workers,
           "Number of threads that serve connections. 0 means one thread per processor core. A change needs "
           "a restart."),
    ranged("local_threads", &ServerOptions::local_threads, 1, 4'096,
           "Maximum number of requests that all local providers compute at once. Further requests wait, and "
           "get 504 after their first_byte_timeout_ms or response_timeout_ms. A change needs a restart."),
    optional("allow_anonymous", &ServerOptions::allow_anonymous,
             "Allow the gateway to listen on an address that other machines can reach without any "
             "authenticator. Otherwise it refuses to start."),
    ranged("max_connections", &ServerOptions::max_connections, 1, 1'000'000,
           "Maximum number of client connections. A further connection gets 503 and is closed; with TLS it "
           "is closed without a response."),
    ranged("max_concurrent_requests", &ServerOptions::max_concurrent_requests, 1, 1'000'000,
           "Maximum number of requests with a body that are processed at once. Further requests wait in a "
           "queue per client, and clients take turns. A client is the name that the authenticator gives. A "
           "single client may use all of them."),
    ranged("max_queued", &ServerOptions::max_queued, 0, 1'000'000,
           "Maximum number of waiting requests per client. Further requests of that client get 503 with "
           "`retry-after`. 0 disables the queue: every request above max_concurrent_requests gets 503 at "
           "once."),
    ranged("queue_timeout_ms", &ServerOptions::queue_timeout_ms, 0, day_ms,
           "Maximum time in the queue, in milliseconds. A request that waits longer gets 503 with "
           "`retry-after`. 0 disables the queue: every request above max_concurrent_requests gets 503 at "
           "once."),
    ranged("memory_limit", &ServerOptions::memory_limit, mebibyte, 1'024 * gibibyte,
           "Maximum number of bytes that all connections, requests and responses hold together. Above "
           "it, new requests with a body get 503; running requests continue."),
    ranged("header_timeout_ms", &ServerOptions::header_timeout_ms, 1, day_ms,
           "Maximum time to receive a request's header, in milliseconds. It counts from the start of the "
           "connection, TLS handshake included; for later requests of the connection it counts from their "
           "first byte. A slower request gets 408. A connection that has sent no byte is closed."),
    ranged("body_timeout_ms", &ServerOptions::body_timeout_ms, 1, day_ms,
           "Maximum time to receive a request's body, in milliseconds. Time in the queue does not count. A "
           "slower request gets 408."),
    ranged("body_timeout_per_mb_ms", &ServerOptions::body_timeout_per_mb_ms, 0, day_ms,
           "Time added to body_timeout_ms for each MiB of the body, in milliseconds. 0 adds no time."),
    ranged("keep_alive_ms", &ServerOptions::keep_alive_ms, 1, day_ms,
           "Maximum idle time of a client connection between requests, in milliseconds. Then the gateway "
           "closes it."),
    ranged("max_header_bytes", &ServerOptions::max_header_bytes, 256, 1'048'576,
           "Maximum size of a request's header, in bytes. A larger header gets 431."),
    ranged("max_headers", &ServerOptions::max_headers, 1, 10'000,
           "Maximum number of header fields of a request. A request with more fields gets 431."),
    ranged("max_body_bytes", &ServerOptions::max_body_bytes, 1, gibibyte,
           "Maximum size of a request's body, in bytes. A larger body gets 413, and the connection is "
           "closed."),
    ranged("max_json_depth", &ServerOptions::max_json_depth, 1, 1'000,
           "Maximum nesting depth of a request's JSON. A deeper body gets 400."),
    ranged("client_buffer_bytes", &ServerOptions::client_buffer_bytes, 1'024, gibibyte,
           "Number of bytes buffered for a slow client above which reading from the upstream is paused. The "
           "translation of the last read (at most 16 KiB, or one event) is still added."),
    ranged(
        "client_write_timeout_ms", &ServerOptions::client_write_timeout_ms, 1, day_ms,
        "Maximum time in which a client reads no byte although bytes are buffered for it, in milliseconds. Then the "
        "connection is closed, and the client counts as disconnected."),
    ranged("heartbeat_ms", &ServerOptions::heartbeat_ms, 1, day_ms,
           "Interval of heartbeats on a streaming response whose upstream has responded and is silent, in "
           "milliseconds. A heartbeat is an empty chunk or event that keeps the client from a timeout. It "
           "counts as a byte of the response: no retry follows. If early_heartbeat_ms is set, these "
           "heartbeats begin after the first content. A value above stream_timeout_ms sends none."),
    ranged("early_heartbeat_ms", &ServerOptions::early_heartbeat_ms, 0, day_ms,
           "Interval of heartbeats on a streaming response before its first content, in milliseconds. The "
           "first heartbeat sends status 200 before a route has responded; a later failure is an error event "
           "in the stream. Retries continue, because it contains no part of the response. 0 sends none."),
    ranged("hook_timeout_ms", &ServerOptions::hook_timeout_ms, 1, day_ms,
           "Maximum time for one decision of a hook or of the limiter, such as an answer of its service, in "
           "milliseconds. Then the request fails with status 504."),
    ranged("drain_timeout_ms", &ServerOptions::drain_timeout_ms, 0, day_ms,
           "Maximum time for running requests after TERM or INT, in milliseconds. It begins after "
           "drain_delay_ms. Requests that still run then end with an error, and the exit status is still 0. "
           "0 ends them at once."),
    ranged("drain_delay_ms", &ServerOptions::drain_delay_ms, 0, day_ms,
           "Time between TERM or INT and the end of accepting connections, in milliseconds. /ready returns "
           "503 in this time, so that load balancers stop sending requests. 0 stops accepting at once."),
    choice("ready", &ServerOptions::ready, {"accepting", "provider"},
           "When /ready returns 200. \"accepting\": the gateway accepts requests. \"provider\": at least one "
           "provider can also be used. The gateway then asks each provider for its list of models at start "
           "and every minute without a successful request, to test its credentials."),
    optional("cors_origins", &ServerOptions::cors_origins,
             "Origins whose pages may call the gateway from a browser, such as https://app.example.com. "
             "\"*\" allows every origin."),
    optional(
        "watch", &ServerOptions::watch,
        "Reload the configuration when its file, a file of `file:` or `credential:`, or a PEM file of "
        "[server.tls] or [upstream] changes. Files that a plugin names by another key are not watched: use "
        "HUP or `gatehouse reload`."),
    optional("strict_permissions", &ServerOptions::strict_permissions,
             "Refuse to start if other users may read a file with a secret. Otherwise the gateway logs a "
             "warning."),
    ranged("auth_failures_per_minute", &ServerOptions::auth_failures_per_minute, 0, 100'000,
           "Failed authentications allowed per client address and minute. Above it, all requests from that "
           "address are delayed to this rate, including those with a valid key. A request that would wait "
           "more than 10 s gets 429. The address is that of the TCP connection. 0 disables the throttle."),
    optional(
        "explain_clients", &ServerOptions::explain_clients,
        "Names of clients that may ask how their requests are served, by the header `x-gatehouse-explain: 1`. A name may end in *. The response then names routes, the line of the rule and times. Empty means no client."),
};

const Fields<ServerTlsOptions> server_tls_fields = {
    required("certificate", &ServerTlsOptions::certificate,
             "PEM file with the gateway's certificate, followed by its intermediate certificates."),
    required("key", &ServerTlsOptions::key,
             "PEM file with the certificate's private key, not encrypted. The gateway's user must be able to "
             "read it."),
    optional("client_ca", &ServerTlsOptions::client_ca,
             "PEM file with the certificate authorities that may sign client certificates. With it, clients "
             "must present a certificate, unless client_certificate is \"optional\". Empty means that no "
             "client certificate is requested."),
    choice("client_certificate", &ServerTlsOptions::client_certificate, {"required", "optional"},
           "Whether a client must present a certificate, if client_ca is set. \"required\" rejects a "
           "client without a certificate; \"optional\" accepts it."),
    choice("min_version", &ServerTlsOptions::min_version, {"1.2", "1.3"},
           "Minimum TLS version of clients: 1.2 or 1.3."),
    ranged("max_handshakes", &ServerTlsOptions::max_handshakes, 1, 1'000'000,
           "Maximum number of clients in a TLS handshake at once. Further clients wait."),
};

const Fields<AdminOptions> admin_fields = {
    optional(
        "listen", &AdminOptions::listen,
        "Address and port of a separate listener for /health, /ready, /metrics and the admin API "
        "/api/v1, such as 127.0.0.1:8051. The main listener then does not serve /metrics. Empty means no "
        "separate listener. A change needs a restart."),
    tables("tokens", &AdminOptions::tokens,
           Fields<AdminTokenOptions>{
               required("name", &AdminTokenOptions::name, "The name of the caller in the log."),
               secret("token", &AdminTokenOptions::token,
                      "The token, at least 22 characters, or sha256: and its SHA-256 in hex (`gatehouse "
                      "hash-key`)."),
               optional("may", &AdminTokenOptions::may,
                        "The rights of the caller, such as [\"read\", \"operate\"]. GET /api/v1 lists the "
                        "rights that each resource needs."),
           },
           "Tokens for the admin API. Without tokens only programs on the same machine may use it."),
    optional("console", &AdminOptions::console,
             "The rights of a login with `gatehouse console`, such as [\"read\", \"operate\"]. [] refuses "
             "such logins."),
    optional("hosts", &AdminOptions::hosts,
             "Host names, without port, under which a browser may use the console. Addresses and localhost "
             "are always allowed. Other names get 421."),
    ranged("max_body_bytes", &AdminOptions::max_body_bytes, 0, gibibyte,
           "Maximum size of a body for the admin API, in bytes. A larger body gets 413. 0 allows no body."),
    ranged(
        "timeout_ms", &AdminOptions::timeout_ms, 1, day_ms,
        "Maximum time for a resource of the admin API to respond, in milliseconds. Then the caller gets 504."),
};

const Fields<UpstreamOptions> upstream_fields = with_routes({
    ranged(
        "attempts", &UpstreamOptions::attempts, 1, 20,
        "Maximum number of upstream requests per client request, all routes and endpoints together; 3 "
        "allows 2 retries, and 1 allows no retry, no other route and no other endpoint. With 2 and "
        "more, the first request to each route of a list is sent in any case. Requests that are "
        "amended after a 4xx other than 408 and 429, repeated with renewed credentials, or resent on a new "
        "connection do not count. No retry follows after the first byte to the client, except after a "
        "heartbeat of early_heartbeat_ms."),
    ranged("retry_wait_ms", &UpstreamOptions::retry_wait_ms, 0, day_ms,
           "Longest wait before the first route is tried again, in milliseconds. The wait is the backoff, "
           "or a longer `retry-after` of the upstream. If it exceeds this limit, the client gets the error, "
           "with the `retry-after` of the upstream. With 0 each route is tried once."),
    ranged("retry_percent", &UpstreamOptions::retry_percent, 0, 1'000,
           "Retries that the gateway may send to the same provider within 10 s, in percent of its requests "
           "to that provider in that time. Further retries are skipped. 0 leaves only retry_min."),
    ranged("retry_min", &UpstreamOptions::retry_min, 0, 1'000'000,
           "Retries that the gateway may send to the same provider within 10 s in addition to "
           "retry_percent. With low traffic this number is never reached, and only attempts limits the "
           "retries. 0 leaves only retry_percent."),
    ranged("breaker_failures", &UpstreamOptions::breaker_failures, 0, 1'000'000,
           "Failures within 10 s that open the circuit breaker of a route (a provider and its model), if at "
           "least half of its requests failed. With fewer failures it stays closed. An open breaker skips "
           "this route. 0 disables the breaker."),
    ranged("breaker_open_ms", &UpstreamOptions::breaker_open_ms, 1, day_ms,
           "Time until an open breaker lets one trial request through, in milliseconds. Each failed "
           "trial doubles it, up to 30 s. A successful trial closes the breaker."),
    ranged("endpoint_failures", &UpstreamOptions::endpoint_failures, 0, 1'000'000,
           "Failures within 10 s that eject one of several endpoints of a provider, if at least half of "
           "its requests failed. Requests then use the other endpoints. 0 disables ejection."),
    ranged("endpoint_open_ms", &UpstreamOptions::endpoint_open_ms, 1, day_ms,
           "Time until an ejected endpoint gets one trial request, in milliseconds. Each failed trial "
           "doubles it, up to 30 s."),
    choice("error_details", &UpstreamOptions::error_details, {"log", "client"},
           "Destination of the text of an upstream's error: only the log, or also the client. With \"log\" "
           "a client gets only kind, status and request id if the upstream responded with 5xx, 401, 403, "
           "407, 408 or a redirect; internal addresses, paths and IDs are removed from other texts. With "
           "\"client\" it gets the complete text."),
    ranged("models_refresh_s", &UpstreamOptions::models_refresh_s, 1, 604'800,
           "Interval at which models are listed again, in seconds, for providers that discover their "
           "models."),
    ranged("max_event_bytes", &UpstreamOptions::max_event_bytes, 1'024, gibibyte,
           "Maximum size of one event of an upstream's stream, in bytes. A larger event fails the "
           "request."),
    ranged("max_response_bytes", &UpstreamOptions::max_response_bytes, 1'024, gibibyte,
           "Maximum size of an upstream response that is held in memory, in bytes. A larger response "
           "fails the request. For a stream, the limit applies to the translation of one read, and is at "
           "least 32 MiB."),
    optional("ca_file", &UpstreamOptions::ca_file,
             "PEM file with the certificate authorities to trust for all upstreams, instead of those of the "
             "system. Public upstreams then fail; set ca_file in hosts for single upstreams. Empty means "
             "those of the system."),
    optional("client_certificate", &UpstreamOptions::client_certificate,
             "PEM file with the certificate for upstreams that request one, followed by its intermediate "
             "certificates. Empty means no certificate."),
    optional("client_key", &UpstreamOptions::client_key,
             "PEM file with the private key of client_certificate, not encrypted."),
    choice("min_tls", &UpstreamOptions::min_tls, {"1.2", "1.3"},
           "Minimum TLS version of upstreams: 1.2 or 1.3."),
    table_map(
        "hosts", &UpstreamOptions::hosts,
        Fields<HostOptions>{
            optional("ca_file", &HostOptions::ca_file,
                     "Certificate authorities to trust for this host, instead of those of the system. Empty "
                     "means those of the system."),
            optional("client_certificate", &HostOptions::client_certificate,
                     "Certificate to present to this host. Empty means no certificate."),
            optional("client_key", &HostOptions::client_key,
                     "Private key of this host's client_certificate."),
            choice("min_tls", &HostOptions::min_tls, {"1.2", "1.3"},
                   "Minimum TLS version of this host: 1.2 or 1.3."),
            optional("pins", &HostOptions::pins,
                     "SHA-256 of public keys, in base64. The host's certificate must be valid and have "
                     "one of these keys. If omitted, any key is accepted."),
        },
        "TLS settings for single upstream hosts, by the host's name in URLs."),
    optional("proxy", &UpstreamOptions::proxy,
             "Proxy for upstream requests, such as http://proxy.example.com:3128. Empty means the proxy "
             "of the environment. \"none\" disables it."),
});

const Fields<LogOptions> log_fields = {
    choice("level", &LogOptions::level, {"debug", "info", "warning", "error"}, "Minimum log level."),
    choice("format", &LogOptions::format, {"text", "json"},
           "Format of the log: text, or one JSON object "
           "per line."),
    optional("file", &LogOptions::file,
             "Destination of the log: stderr, stdout, or a file. USR1 and "
             "HUP reopen the file."),
    optional(
        "fields", &LogOptions::fields,
        "Fields of the access log, by their names in OPERATIONS.md. \"default\" means all fields that are not "
        "optional. [\"default\", \"finish\"] adds the field finish."),
    optional(
        "sample", &LogOptions::sample,
        "Share of the successful requests in the access log, from 0 to 1. Every other request has its line."),
    optional(
        "attributes", &LogOptions::attributes,
        "Attributes of clients that the access log shows, as attribute.NAME. id and groups mean the identity's "
        "id and groups, unless the client has attributes with these names."),
};

const Fields<MetricsOptions> metrics_fields = {
    ranged(
        "usage_series", &MetricsOptions::usage_series, 0, 100'000,
        "Maximum number of combinations of client, model and route in the metrics gatehouse_client_… and "
        "gatehouse_model_…, which need [admin] listen. All further combinations count as other. 0 disables "
        "these metrics."),
    optional(
        "attributes", &MetricsOptions::attributes,
        "Attributes of clients by which requests and tokens are counted. id and groups mean the identity's id "
        "and groups, unless the client has attributes with these names."),
    ranged("attribute_values", &MetricsOptions::attribute_values, 1, 10'000,
           "Maximum number of values of each attribute in the metrics. All further values count as other."),
    choice(
        "conventions", &MetricsOptions::conventions, {"none", "1.41"},
        "Names of metrics of model calls in addition to gatehouse_…: \"1.41\" adds gen_ai_client_… as OpenTelemetry's GenAI conventions 1.41 name them; \"none\" adds none. They need [admin] listen."),
};

const Fields<PluginOptions> plugin_fields = {
    optional("path", &PluginOptions::path,
             "Folders with additional plugins. They are searched before the folder of the gateway's own "
             "plugins. A reload finds new libraries and loads changed ones."),
    optional("pins", &PluginOptions::pins,
             "The SHA-256 of each library that may be loaded, as \"KIND/NAME=sha256:DIGEST\"; the gateway "
             "refuses every other library. Empty means that every library may be loaded."),
    optional(
        "default_store", &PluginOptions::default_store,
        "The store plugin that dialects and limiters use if the file has no [store.NAME] table. Empty means no store. Without a store the gateway keeps no response for later requests."),
};

}  // namespace gatehouse::core
