// SPDX-License-Identifier: Apache-2.0
// CurlTransfer's options: fixed options, and options of one request.
#include "core/net/client/curl/curl_http_client.hpp"
#include "core/net/client/curl/curl_transfer.hpp"
#include "core/net/client/upstream_target.hpp"
#include "core/net/framing/token.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr long buffer_bytes = 4096;  // per running transfer; 16 KiB cost 12 KB more and gain little
constexpr long dns_cache_seconds = 60;
constexpr long ca_cache_seconds = 3600;
constexpr long curl_probe_seconds = 60;

}  // namespace

void CurlTransfer::set_fixed_options() {
    curl::easy_setopt(easy_, CURLOPT_PRIVATE, this);
    curl::easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_);
    curl::easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl::easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl::easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl::easy_setopt(easy_, CURLOPT_HTTP09_ALLOWED, 0L);
    curl::easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl::easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);  // a signature covers the unchanged target
    curl::easy_setopt(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl::easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl::easy_setopt(easy_, CURLOPT_BUFFERSIZE, buffer_bytes);
    curl::easy_setopt(easy_, CURLOPT_TCP_NODELAY, 1L);
    curl::easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl::easy_setopt(easy_, CURLOPT_TCP_KEEPIDLE, curl_probe_seconds);
    curl::easy_setopt(easy_, CURLOPT_DNS_CACHE_TIMEOUT, dns_cache_seconds);
    curl::easy_setopt(easy_, CURLOPT_QUICK_EXIT,
                      1L);  // does not wait for a cancelled name look-up

    curl::easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl::easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
    curl::easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // Reading the system's certificates takes 20 ms, so they are cached for all connections.
    curl::easy_setopt(easy_, CURLOPT_CA_CACHE_TIMEOUT, ca_cache_seconds);

    curl::easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
    curl::easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl::easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
    curl::easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    curl::easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_connected);
    curl::easy_setopt(easy_, CURLOPT_PREREQDATA, this);
    curl::easy_setopt(easy_, CURLOPT_DEBUGFUNCTION, &CurlTransfer::on_debug);
    curl::easy_setopt(easy_, CURLOPT_DEBUGDATA, this);
    curl::easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open);
    curl::easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    // A connection outlives the transfer that opened it, so CurlHttpClient closes it.
    curl::easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &CurlHttpClient::close);
    curl::easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, &upstream_);

    direct_ = true;
    curl::easy_setopt(easy_, CURLOPT_PROXY, "");
    // With a CA directory libcurl would not cache the certificates, and would trust the directory
    // in addition to the configured file.
    const curl_version_info_data* version = curl::version_info(CURLVERSION_NOW);
    if (version->cainfo) curl::easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
    set_tls(upstream_.settings().tls.usual, {});
}

void CurlTransfer::set_tls(const HostTls& wanted, const std::string& own_ca_file) {
    const std::string& ca_file = own_ca_file.empty() ? wanted.ca_file : own_ca_file;
    if (ca_file != tls_.ca_file) {
        const curl_version_info_data* version = curl::version_info(CURLVERSION_NOW);
        curl::easy_setopt(easy_, CURLOPT_CAINFO, ca_file.empty() ? version->cainfo : ca_file.c_str());
        if (!version->cainfo)
            curl::easy_setopt(easy_, CURLOPT_CAPATH, ca_file.empty() ? version->capath : nullptr);
        tls_.ca_file = ca_file;
    }
    auto set = [&](CURLoption option, std::string& current, const std::string& text) {
        if (text == current) return;
        curl::easy_setopt(easy_, option, text.empty() ? nullptr : text.c_str());
        current = text;
    };
    set(CURLOPT_SSLCERT, tls_.client_certificate, wanted.client_certificate);
    set(CURLOPT_SSLKEY, tls_.client_key, wanted.client_key);
    if (wanted.min_version != tls_.min_version) {
        const bool new_ones = wanted.min_version == TlsVersion::tls_1_3;
        curl::easy_setopt(easy_, CURLOPT_SSLVERSION,
                          static_cast<long>(new_ones ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2));
        tls_.min_version = wanted.min_version;
    }
    if (wanted.pins == tls_.pins) return;
    std::string pins;
    for (const std::string& pin : wanted.pins) pins += (pins.empty() ? "sha256//" : ";sha256//") + pin;
    curl::easy_setopt(easy_, CURLOPT_PINNEDPUBLICKEY, pins.empty() ? nullptr : pins.c_str());
    tls_.pins = wanted.pins;
}

void CurlTransfer::set_proxy(bool direct) {
    const std::string& proxy = upstream_.settings().proxy;
    if (direct == direct_ && (direct || proxy == proxy_)) return;
    // An empty string disables proxies; null uses the environment.
    curl::easy_setopt(easy_, CURLOPT_PROXY, direct ? "" : proxy.empty() ? nullptr : proxy.c_str());
    direct_ = direct;
    proxy_ = proxy;
}

void CurlTransfer::set_flag(CURLoption option, bool& current, bool wanted) {
    if (current == wanted) return;
    curl::easy_setopt(easy_, option, wanted ? 1L : 0L);
    current = wanted;
}

void CurlTransfer::set_method(const std::string& method, bool with_body) {
    const char* usual = "GET";
    if (method == "HEAD") {
        curl::easy_setopt(easy_, CURLOPT_POSTFIELDS, nullptr);
        curl::easy_setopt(easy_, CURLOPT_NOBODY, 1L);
        usual = "HEAD";
    } else if (with_body) {
        curl::easy_setopt(easy_, CURLOPT_POST, 1L);
        curl::easy_setopt(easy_, CURLOPT_POSTFIELDS, body_.c_str());
        curl::easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
        usual = "POST";
    } else {
        curl::easy_setopt(easy_, CURLOPT_POSTFIELDS, nullptr);
        curl::easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
    }
    curl::easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method == usual ? nullptr : method.c_str());
}

void CurlTransfer::set_headers(const http::Request& request, const RequestFields& fields) {
    std::size_t bytes = 256;
    for (const auto& [name, value] : request.headers) bytes += name.size() + value.size() + 3;

    // libcurl only reads the list, so its entries may point into one string.  The string must not
    // be reallocated after that.
    header_text_.clear();
    header_text_.reserve(bytes);
    header_list_.clear();
    header_list_.reserve(request.headers.size() + 6);
    auto add = [this](std::string_view name, std::string_view middle, std::string_view value) {
        header_list_.push_back({header_text_.data() + header_text_.size(), nullptr});
        header_text_.append(name).append(middle).append(value) += '\0';
    };
    for (const auto& [name, value] : request.headers) {
        if (http::equal_ignoring_case(name, "expect")) continue;
        const bool blank = without_blanks(value).empty();
        add(name, blank ? ";" : ": ", blank ? "" : value);  // "name;" sends an empty value
    }
    if (!fields.agent) add(agent_field, "", "");
    if (!fields.encoding) add(encoding_field, "", "");
    // A name without a value keeps libcurl from adding its own.
    if (!fields.accept) add("Accept:", "", "");
    if (!fields.type) add("Content-Type:", "", "");
    add("Expect:", "", "");
    for (std::size_t i = 0; i + 1 < header_list_.size(); ++i) header_list_[i].next = &header_list_[i + 1];
    curl::easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_.data());
}

std::optional<Error> CurlTransfer::prepare(http::Request& request) {
    auto target = upstream_target(request.url);
    if (!target) return target.error();
    host_ = std::move(target->label);
    name_ = target->is_name ? request.url.substr(0, request.url.find(':') + 3) + host_ : "";
    auto fields = check_request(request);
    if (!fields) return fields.error();
    set_headers(request, *fields);
    const bool with_body = has_body(request);
    body_ = std::move(request.body);
    set_method(request.method, with_body);
    set_tls(upstream_.settings().tls.of(target->host), request.ca_file);
    // After a reload the files may have changed, so a handle from before it reuses neither the
    // authorities nor a session, because resumption does not verify the certificate again.
    set_flag(CURLOPT_SSL_SESSIONID_CACHE, resumes_tls_, upstream_.holds_since(made));
    const long age = std::min(upstream_.seconds_since_configured(), ca_cache_seconds);
    curl::easy_setopt(easy_, CURLOPT_CA_CACHE_TIMEOUT, age);
    set_proxy(!upstream_.proxies() || request.no_proxy || never_proxied(target->host));
    set_flag(CURLOPT_FRESH_CONNECT, fresh_, false);
    set_flag(CURLOPT_FORBID_REUSE, forbid_reuse_, false);
    set_flag(CURLOPT_VERBOSE, verbose_, false);
    curl::easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                      static_cast<long>(limits_.timeouts().connect.count()));
    if (curl::easy_setopt(easy_, CURLOPT_URL, request.url.c_str()) != CURLE_OK)
        return unsendable("its URL is too long");
    return std::nullopt;
}

}  // namespace gatehouse::core
