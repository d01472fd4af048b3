// SPDX-License-Identifier: Apache-2.0
// The signing string and the Authorization header, byte for byte as OCI checks them.
#include "plugins/auth/oci_signer/signature.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/retry_token.hpp"
#include "plugins/common/text/text.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

bool has(const SignedHeaders& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// The values of all headers `name`: trimmed, joined by a comma and a blank.
std::string value_of(const http::Headers& headers, std::string_view name) {
    std::string joined;
    bool first = true;
    for (const auto& [key, value] : headers) {
        if (!http::equal_ignoring_case(key, name)) continue;
        if (!first) joined += ", ";
        first = false;
        joined += common::trimmed(value);
    }
    return joined;
}

}  // namespace

const SignedHeaders& signed_headers(std::string_view method) {
    static const SignedHeaders without_body = {"date", "(request-target)", "host"};
    static const SignedHeaders with_body = {"date",           "(request-target)", "host",
                                            "content-length", "content-type",     "x-content-sha256"};
    return method == "POST" || method == "PUT" || method == "PATCH" ? with_body : without_body;
}

Result<Target> target_of(std::string_view url) {
    const Error wrong{ErrorKind::internal, "internal error",
                      "a request to sign must have an absolute http(s) URL"};
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return wrong;
    const std::string_view scheme = url.substr(0, scheme_end);
    const bool tls = http::equal_ignoring_case(scheme, "https");
    if (!tls && !http::equal_ignoring_case(scheme, "http")) return wrong;

    url.remove_prefix(scheme_end + 3);
    url = url.substr(0, url.find('#'));
    const std::size_t path_start = std::min(url.find_first_of("/?"), url.size());
    std::string_view authority = url.substr(0, path_start);
    const std::string_view path = url.substr(path_start);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos)
        authority.remove_prefix(at + 1);
    const std::string_view own_port = tls ? ":443" : ":80";
    if (authority.ends_with(own_port))
        authority.remove_suffix(own_port.size());
    else if (authority.ends_with(':'))
        authority.remove_suffix(1);
    if (authority.empty()) return wrong;
    return Target{std::string(authority),
                  path.starts_with('/') ? std::string(path) : "/" + std::string(path)};
}

std::string signing_string(const http::Request& request, std::string_view path, const SignedHeaders& names) {
    std::string text;
    for (std::string_view name : names) {
        if (!text.empty()) text += '\n';
        text.append(name).append(": ");
        if (name != "(request-target)") {
            text += value_of(request.headers, name);
            continue;
        }
        for (char c : request.method) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        text.append(" ").append(path);
    }
    return text;
}

Result<http::Request> sign(http::Request request, const PrivateKey& key, std::string_view key_id,
                           std::chrono::system_clock::time_point now, const SignedHeaders& names) {
    auto target = target_of(request.url);
    if (!target) return target.error();

    http::Headers& headers = request.headers;
    headers.remove("authorization");
    headers.remove("date");
    headers.remove("x-date");  // it would take precedence over `date`
    headers.set(has(names, "x-date") ? "x-date" : "date", to_http_date(now));
    if (!headers.has("host")) headers.set("host", target->host);
    if (has(names, "content-length")) headers.set("content-length", std::to_string(request.body.size()));
    if (has(names, "content-type") && !headers.has("content-type"))
        headers.set("content-type", "application/json");
    if (has(names, "x-content-sha256")) headers.set("x-content-sha256", sha256_base64(request.body));
    if (std::string token = retry_token(request.method, target->host, target->path,
                                        headers.get("x-content-sha256"), headers.get("opc-request-id"));
        !token.empty())
        headers.set("opc-retry-token", std::move(token));

    auto signature = key.sign(signing_string(request, target->path, names));
    if (!signature) return signature.error();
    std::string list;
    for (std::string_view name : names) list.append(list.empty() ? "" : " ").append(name);
    std::string field = "Signature version=\"1\",keyId=\"";
    field.append(key_id).append("\",algorithm=\"rsa-sha256\",headers=\"").append(list);
    field.append("\",signature=\"").append(*signature).append("\"");
    headers.set("authorization", std::move(field));
    return request;
}

}  // namespace gatehouse::oci
