// SPDX-License-Identifier: Apache-2.0
// Maps libcurl's codes to errors.  The message names the reason; a host, a file, a proxy's
// address or a URL appears only in `detail`.
#include "core/net/client/curl/curl_failure.hpp"

#include "core/net/client/upstream_failure.hpp"
#include "core/tls/advice.hpp"

namespace gatehouse::core {

namespace {

long number(CURL* easy, CURLINFO info) {
    long value = 0;
    curl::easy_getinfo(easy, info, &value);
    return value;
}

}  // namespace

Error curl_failure(CURLcode code, CURL* easy, CurlProgress progress,
                   std::chrono::milliseconds connect_timeout, const char* text) {
    const std::string upstream = "the upstream";
    const std::string_view said = text;
    Error error{ErrorKind::upstream};
    error.detail = "libcurl " + std::to_string(code) + ": " + (*text ? text : curl::easy_strerror(code));
    if (const std::string_view advice = tls_advice(said); !advice.empty())
        error.detail.append("; ").append(advice);

    const long proxy_status = number(easy, CURLINFO_HTTP_CONNECTCODE);
    if (progress == CurlProgress::connecting && proxy_status >= 300) {
        error.message = "the proxy for " + upstream + " responded " + std::to_string(proxy_status);
        return error;
    }
    switch (static_cast<int>(code)) {  // a newer libcurl has further codes
        case CURLE_COULDNT_RESOLVE_HOST: error.message = failure::name_unknown; break;
        case CURLE_COULDNT_RESOLVE_PROXY:
            error.message = "the name of the proxy for " + upstream + " cannot be resolved";
            break;
        case CURLE_PROXY: error.message = "the proxy for " + upstream + " refused the connection"; break;
        case CURLE_COULDNT_CONNECT:
            error.message =
                failure::connect_failed(static_cast<int>(number(easy, CURLINFO_OS_ERRNO))).message;
            break;
        case CURLE_OPERATION_TIMEDOUT:  // the only timeout that libcurl enforces here
            error.kind = ErrorKind::timeout;
            error.message =
                "no connection to " + upstream + " within " + std::to_string(connect_timeout.count()) + " ms";
            break;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: error.message = failure::certificate; break;
        case CURLE_SSL_CACERT_BADFILE: error.message = failure::ca_file; break;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_USE_SSL_FAILED: error.message = failure::handshake; break;
        case CURLE_GOT_NOTHING: error.message = failure::no_answer; break;
        case CURLE_PARTIAL_FILE: error.message = failure::cut_short; break;
        case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING: error.message = failure::no_http; break;
        case CURLE_OUT_OF_MEMORY:  // libcurl's code for a header line beyond its own limit
            error.message = progress == CurlProgress::body
                                ? "the response of " + upstream + " could not be read"
                                : failure::head_too_large;
            break;
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            if (said.find("chunked-encoding") != std::string_view::npos)
                error.message = failure::bad_chunks;
            else if (progress == CurlProgress::connecting)
                error.message = failure::no_connection;
            else if (progress == CurlProgress::sending)
                error.message = failure::broken_before;
            else
                error.message = failure::broken_within;
            break;
        default: error.message = "the request to " + upstream + " failed"; break;
    }
    return error;
}

bool is_permanent(CURLcode code, std::string_view text) {
    switch (static_cast<int>(code)) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM: return true;
        default: return is_permanent_tls_failure(text);
    }
}

}  // namespace gatehouse::core
