// SPDX-License-Identifier: Apache-2.0
// `gatehouse health`: asks the running gateway for /health or /ready, for containers and scripts without
// curl.
#include "core/cli/output.hpp"
#include "core/config/settings.hpp"
#include "core/tls/openssl_types.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <ctime>
#include <iostream>
#include <memory>

namespace gatehouse::core {

namespace {

constexpr int longest_wait_s = 5;
constexpr unsigned nap_ms = 20;

using Stream = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// The address of a listener for clients on this machine.
std::string reachable(const std::string& listen) {
    if (listen.starts_with("0.0.0.0:")) return "127.0.0.1" + listen.substr(7);
    if (listen.starts_with("[::]:")) return "[::1]" + listen.substr(4);
    return listen;
}

/// Waits for the peer.  Returns false after the time limit, or if the stream has failed.
bool wait(BIO* stream, std::time_t deadline) {
    return BIO_should_retry(stream) && std::time(nullptr) < deadline &&
           BIO_wait(stream, deadline, nap_ms) > 0;
}

/// Returns at most the first kilobytes of the response; empty without a response.
std::string response(BIO* stream, const std::string& request, std::time_t deadline) {
    std::string_view rest = request;
    while (!rest.empty()) {
        const int sent = BIO_write(stream, rest.data(), static_cast<int>(rest.size()));
        if (sent > 0)
            rest.remove_prefix(static_cast<std::size_t>(sent));
        else if (!wait(stream, deadline))
            return {};
    }
    std::string all;
    std::array<char, 1024> buffer{};
    while (all.size() < 8192) {
        const int got = BIO_read(stream, buffer.data(), static_cast<int>(buffer.size()));
        if (got > 0)
            all.append(buffer.data(), static_cast<std::size_t>(got));
        else if (!wait(stream, deadline))
            break;
    }
    return all;
}

Result<std::string> ask(const std::string& address, bool tls, const std::string& path) {
    // The certificate is not verified: the address is this machine's own.
    const Context context(tls ? SSL_CTX_new(TLS_client_method()) : nullptr, &SSL_CTX_free);
    const Stream stream(tls ? BIO_new_ssl_connect(context.get()) : BIO_new(BIO_s_connect()), &BIO_free_all);
    if (!stream || BIO_set_conn_hostname(stream.get(), address.c_str()) != 1)
        return Error{ErrorKind::internal, take_openssl_reason()};
    BIO_set_nbio(stream.get(), 1);
    const std::time_t deadline = std::time(nullptr) + longest_wait_s;
    while (BIO_do_connect(stream.get()) != 1)
        if (!wait(stream.get(), deadline)) return Error{ErrorKind::unavailable, "no connection"};
    std::string all =
        response(stream.get(),
                 "GET " + path + " HTTP/1.1\r\nhost: " + address + "\r\nconnection: close\r\n\r\n", deadline);
    if (all.starts_with("HTTP/1.1 ")) return all;
    std::string reason = take_openssl_reason();
    return Error{ErrorKind::unavailable, reason.empty() ? "no response within 5 s" : std::move(reason)};
}

}  // namespace

int health(const std::filesystem::path& config, bool ready) {
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    auto settings = read_settings(*file);
    if (!settings) return fail(exit_status::usage, settings.error().message);
    const bool own = !settings->admin.listen.empty();
    const std::string address = reachable(own ? settings->admin.listen : settings->server.listen);
    const std::string path = ready ? "/ready" : "/health";

    const bool tls = !own && settings->tls;
    const std::string place = (tls ? "https://" : "http://") + address + path;
    const auto answer = ask(address, tls, path);
    if (!answer)
        return fail(exit_status::failure,
                    place + ": " + answer.error().message +
                        (tls && !settings->tls->client_ca.empty()
                             ? "; the gateway asks for a client certificate: set [admin] listen"
                             : ""));
    if (!answer->starts_with("HTTP/1.1 200 "))
        return fail(exit_status::failure,
                    place + ": " + answer->substr(9, answer->find_first_of("\r\n") - 9));
    std::cout << "ok\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core
