// SPDX-License-Identifier: Apache-2.0
// The table from libcurl's codes to our errors.  A message names the
// reason; a host, a file, a proxy's address or a URL can only be in `detail`.
#include "core/http/curl_failure.hpp"

#include "core/tls/advice.hpp"

#include <cerrno>

namespace gatehouse::core {

namespace {

std::string reason_of(long os_error) {
    switch (os_error) {
        case ECONNREFUSED: return "connection refused";
        case ECONNRESET: return "connection reset";
        case EHOSTUNREACH: return "no route to the host";
        case ENETUNREACH: return "the network is unreachable";
        case ETIMEDOUT: return "it does not answer";
        case EADDRNOTAVAIL: return "no local port is free";
        case EMFILE:
        case ENFILE: return "no file descriptor is free";
        default: return "no connection";
    }
}

long number(CURL* easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

}  // namespace

Error curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                   std::chrono::milliseconds connect_timeout, const char* text) {
    const std::string upstream = "the upstream";
    const std::string_view said = text;
    Error error{ErrorKind::upstream};
    error.detail = "libcurl " + std::to_string(code) + ": " + (*text ? text : curl_easy_strerror(code));
    if (const std::string_view advice = tls_advice(said); !advice.empty())
        error.detail.append("; ").append(advice);

    const long proxy_status = number(easy, CURLINFO_HTTP_CONNECTCODE);
    if (progress == CurlProgress::connecting && proxy_status >= 300) {
        error.message = "the proxy on the way to " + upstream + " answered " + std::to_string(proxy_status);
        return error;
    }
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            error.message = "the name of " + upstream + " cannot be resolved";
            break;
        case CURLE_COULDNT_RESOLVE_PROXY:
            error.message = "the name of the proxy on the way to " + upstream + " cannot be resolved";
            break;
        case CURLE_PROXY: error.message = "the proxy on the way to " + upstream + " refused"; break;
        case CURLE_COULDNT_CONNECT:
            error.message = upstream + " cannot be reached: " + reason_of(number(easy, CURLINFO_OS_ERRNO));
            break;
        case CURLE_OPERATION_TIMEDOUT:  // of libcurl's own limits only this one is set
            error.kind = ErrorKind::timeout;
            error.message =
                "no connection to " + upstream + " within " + std::to_string(connect_timeout.count()) + " ms";
            break;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            error.message = "the certificate of " + upstream + " is not accepted";
            break;
        case CURLE_SSL_CACERT_BADFILE:
            error.message = "the CA certificates for " + upstream + " cannot be read";
            break;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_USE_SSL_FAILED: error.message = "the TLS handshake with " + upstream + " failed"; break;
        case CURLE_GOT_NOTHING: error.message = upstream + " closed the connection without an answer"; break;
        case CURLE_PARTIAL_FILE:
            error.message = upstream + " closed the connection in the middle of its answer";
            break;
        case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING: error.message = upstream + " sent what is no HTTP answer"; break;
        case CURLE_OUT_OF_MEMORY:  // a header line beyond libcurl's own limit ends like this
            error.message = progress == CurlProgress::body
                                ? "the answer of " + upstream + " could not be read"
                                : upstream + " sent a head that is too large";
            break;
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            if (said.find("chunked-encoding") != std::string_view::npos)
                error.message = upstream + " sent a broken chunked body";
            else if (progress == CurlProgress::connecting)
                error.message = "the connection to " + upstream + " could not be established";
            else if (progress == CurlProgress::sending)
                error.message = upstream + " broke the connection before an answer";
            else
                error.message = upstream + " broke the connection in the middle of its answer";
            break;
        default: error.message = "the request to " + upstream + " failed"; break;
    }
    return error;
}

}  // namespace gatehouse::core
