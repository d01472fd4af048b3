// SPDX-License-Identifier: Apache-2.0
#include "core/cli/small_client.hpp"

#include "core/tls/openssl_types.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>

namespace gatehouse::core {

namespace {

constexpr unsigned nap_ms = 20;

// BIO_free would keep the socket below the TLS stream.
using Stream = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

/// Waits for the peer.  Returns false after the time limit, or if the stream has failed.
bool wait(BIO* stream, std::time_t deadline) {
    return BIO_should_retry(stream) && std::time(nullptr) < deadline &&
           BIO_wait(stream, deadline, nap_ms) > 0;
}

std::string head_of(const SmallRequest& request) {
    std::string head = request.method + " " + request.path + " HTTP/1.1\r\nhost: " + request.address +
                       "\r\nconnection: close\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    if (!request.body.empty()) head += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    return head + "\r\n";
}

/// Returns at most `max_bytes` of the response; empty without a response.
std::string exchange(BIO* stream, const SmallRequest& request, std::time_t deadline) {
    const std::string all_out = head_of(request) + request.body;
    std::string_view rest = all_out;
    while (!rest.empty()) {
        const int sent = BIO_write(stream, rest.data(), static_cast<int>(rest.size()));
        if (sent > 0)
            rest.remove_prefix(static_cast<std::size_t>(sent));
        else if (!wait(stream, deadline))
            return {};
    }
    std::string all;
    std::array<char, 4096> buffer{};
    while (all.size() < request.max_bytes) {
        const int got = BIO_read(stream, buffer.data(), static_cast<int>(buffer.size()));
        if (got > 0)
            all.append(buffer.data(), static_cast<std::size_t>(got));
        else if (!wait(stream, deadline))
            break;
    }
    return all;
}

Stream connect_tls(SSL_CTX* context, const SmallRequest& request) {
    if (request.verify) {
        SSL_CTX_set_default_verify_paths(context);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    }
    Stream stream(BIO_new_ssl_connect(context), &BIO_free_all);
    SSL* session = nullptr;
    if (stream && BIO_get_ssl(stream.get(), &session) > 0 && session) {
        const std::string host = request.address.substr(0, request.address.rfind(':'));
        SSL_set_tlsext_host_name(session, host.c_str());
        if (request.verify) SSL_set1_host(session, host.c_str());
    }
    return stream;
}

SmallResponse parsed(const std::string& all) {
    SmallResponse response;
    response.reason = all.substr(9, all.find_first_of("\r\n") - 9);
    std::from_chars(response.reason.data(), response.reason.data() + response.reason.size(), response.status);
    const std::size_t end = all.find("\r\n\r\n");
    if (end != std::string::npos) response.body = all.substr(end + 4);
    return response;
}

}  // namespace

Result<SmallResponse> ask(const SmallRequest& request) {
    const TlsContextOwner context(request.tls ? SSL_CTX_new(TLS_client_method()) : nullptr);
    const Stream stream =
        request.tls ? connect_tls(context.get(), request) : Stream(BIO_new(BIO_s_connect()), &BIO_free_all);
    if (!stream || BIO_set_conn_hostname(stream.get(), request.address.c_str()) != 1)
        return Error{ErrorKind::internal, take_openssl_reason()};
    BIO_set_nbio(stream.get(), 1);
    const std::time_t deadline = std::time(nullptr) + request.seconds;
    while (BIO_do_connect(stream.get()) != 1)
        if (!wait(stream.get(), deadline)) return Error{ErrorKind::unavailable, "no connection"};
    const std::string all = exchange(stream.get(), request, deadline);
    if (all.starts_with("HTTP/1.1 ")) return parsed(all);
    std::string reason = take_openssl_reason();
    if (reason.empty()) reason = "no response within " + std::to_string(request.seconds) + " s";
    return Error{ErrorKind::unavailable, std::move(reason)};
}

std::string reachable(const std::string& listen) {
    if (listen.starts_with("0.0.0.0:")) return "127.0.0.1" + listen.substr(7);
    if (listen.starts_with("[::]:")) return "[::1]" + listen.substr(4);
    return listen;
}

Result<SmallRequest> request_to(const std::string& url) {
    SmallRequest request;
    std::size_t start = 0;
    if (url.starts_with("http://")) {
        start = 7;
    } else if (url.starts_with("https://")) {
        start = 8;
        request.tls = request.verify = true;
    }
    const std::size_t end = std::min(url.find('/', start), url.size());
    request.address = url.substr(start, end - start);
    if (start == 0 || request.address.empty() || url.find_first_of(" \t\r\n?#") != std::string::npos)
        return Error{ErrorKind::bad_config,
                     "a URL begins with http:// or https:// and a host, not \"" + url + "\""};
    const std::size_t colon = request.address.rfind(':');
    const bool has_port = colon != std::string::npos && request.address.find(']', colon) == std::string::npos;
    if (!has_port) request.address += request.tls ? ":443" : ":80";
    request.path = url.substr(end);
    while (request.path.ends_with('/')) request.path.pop_back();
    return request;
}

}  // namespace gatehouse::core
