// SPDX-License-Identifier: Apache-2.0
// Maps libcurl's codes to errors.  The message names the reason; a host, a file, a proxy's
// address or a URL appears only in `detail`.
#include "core/net/client/curl/curl_failure.hpp"

#include "core/net/client/upstream_failure.hpp"
#include "core/tls/tls_fault.hpp"

#include <charconv>
#include <utility>

namespace gatehouse::core {

namespace {

long number(CURL* easy, CURLINFO info) {
    long value = 0;
    curl::easy_getinfo(easy, info, &value);
    return value;
}

/// The packed error of OpenSSL in a text such as "error:0A00010B:SSL routines::wrong version number";
/// 0 if the text has no number, for example from a libcurl with another TLS library.
unsigned long openssl_error(std::string_view text) {
    constexpr std::string_view mark = "error:";
    const std::size_t at = text.find(mark);
    if (at == text.npos) return 0;
    unsigned long error = 0;
    std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), error, 16);
    return error;
}

TlsFault tls_fault(CURLcode code, CURL* easy, std::string_view text) {
    if (code == CURLE_SSL_PINNEDPUBKEYNOTMATCH) return TlsFault::wrong_key;
    if (code != CURLE_PEER_FAILED_VERIFICATION) return fault_of_openssl_error(openssl_error(text));
    const TlsFault verified = fault_of_verification(number(easy, CURLINFO_SSL_VERIFYRESULT));
    // libcurl compares the names itself, after OpenSSL has verified the certificate.
    return verified == TlsFault::none ? TlsFault::other_name : verified;
}

bool is_tls(CURLcode code) {
    switch (static_cast<int>(code)) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_USE_SSL_FAILED: return true;
        default: return false;
    }
}

}  // namespace

TransferFailure curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                             std::chrono::milliseconds connect_timeout, const char* text) {
    const std::string upstream = "the upstream";
    const std::string_view said = text;
    TransferFailure failed{{ErrorKind::upstream}};
    Error& error = failed.error;
    error.detail = "libcurl " + std::to_string(code) + ": " + (*text ? text : curl::easy_strerror(code));
    auto because = [&](TransferFault fault, std::string message) {
        failed.fault = fault;
        error.message = std::move(message);
    };

    const long proxy_status = number(easy, CURLINFO_HTTP_CONNECTCODE);
    if (progress == CurlProgress::connecting && proxy_status >= 300) {
        because(TransferFault::proxy,
                "the proxy for " + upstream + " responded " + std::to_string(proxy_status));
        return failed;
    }
    // With TLS 1.3 an upstream rejects a client certificate after the handshake.
    const TlsFault tls = is_tls(code) || openssl_error(said) ? tls_fault(code, easy, said) : TlsFault::none;
    if (tls != TlsFault::none) {
        failed.fault = TransferFault::tls;
        failed.permanent = is_permanent(tls);
        if (const std::string_view advice = advice_on(tls); !advice.empty()) {
            failed.explained = true;
            error.detail.append("; ").append(advice);
        }
    }
    switch (static_cast<int>(code)) {  // a newer libcurl has further codes
        case CURLE_COULDNT_RESOLVE_HOST: because(TransferFault::no_address, failure::name_unknown); break;
        case CURLE_COULDNT_RESOLVE_PROXY:
            because(TransferFault::proxy, "the name of the proxy for " + upstream + " cannot be resolved");
            break;
        case CURLE_PROXY:
            because(TransferFault::proxy, "the proxy for " + upstream + " refused the connection");
            break;
        case CURLE_COULDNT_CONNECT:
            because(TransferFault::no_connection,
                    failure::connect_failed(static_cast<int>(number(easy, CURLINFO_OS_ERRNO))).message);
            break;
        case CURLE_OPERATION_TIMEDOUT:  // the only timeout that libcurl enforces here
            error.kind = ErrorKind::timeout;
            because(TransferFault::no_connection, "no connection to " + upstream + " within " +
                                                      std::to_string(connect_timeout.count()) + " ms");
            break;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: error.message = failure::certificate; break;
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
            because(TransferFault::refused,
                    code == CURLE_SSL_CERTPROBLEM ? failure::handshake : failure::ca_file);
            failed.permanent = true;
            break;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_USE_SSL_FAILED: error.message = failure::handshake; break;
        case CURLE_GOT_NOTHING: because(TransferFault::closed_before, failure::no_answer); break;
        case CURLE_PARTIAL_FILE: because(TransferFault::closed_within, failure::cut_short); break;
        case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING: because(TransferFault::invalid, failure::no_http); break;
        case CURLE_OUT_OF_MEMORY:  // libcurl's code for a header line beyond its own limit
            because(TransferFault::invalid, progress == CurlProgress::body
                                                ? "the response of " + upstream + " could not be read"
                                                : failure::head_too_large);
            break;
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            if (said.find("chunked-encoding") != std::string_view::npos)
                because(TransferFault::invalid, failure::bad_chunks);
            else if (progress == CurlProgress::connecting)
                because(TransferFault::no_connection, failure::no_connection);
            else if (progress == CurlProgress::sending)
                because(TransferFault::closed_before, failure::broken_before);
            else
                because(TransferFault::closed_within, failure::broken_within);
            if (tls != TlsFault::none) failed.fault = TransferFault::tls;
            break;
        default: error.message = "the request to " + upstream + " failed"; break;
    }
    return failed;
}

}  // namespace gatehouse::core
