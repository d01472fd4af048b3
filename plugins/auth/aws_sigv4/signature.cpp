// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/aws_sigv4/signature.hpp"

#include <gatehouse/sha256.hpp>
#include <gatehouse/text.hpp>
#include <gatehouse/url.hpp>

#include <algorithm>
#include <cstdio>

namespace gatehouse::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// All values of the header, joined by commas.  Blanks at the ends are removed, and blanks inside
/// become one.
std::string value_of(const http::Headers& headers, std::string_view name) {
    std::string joined;
    bool first = true;
    for (const auto& [key, value] : headers) {
        if (!http::equal_ignoring_case(key, name)) continue;
        if (!std::exchange(first, false)) joined += ',';
        const std::string_view text = trimmed(value);
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] != ' ' || text[i - 1] != ' ') joined += text[i];
    }
    return joined;
}

std::string joined(const SignedHeaders& names) {
    std::string list;
    for (const std::string& name : names) list.append(list.empty() ? "" : ";").append(name);
    return list;
}

/// The same text as the query of a URL has, encoded as AWS encodes it.
std::string encoded_again(std::string_view text) {
    const auto decoded = percent_decoded(text);
    return percent_encoded(decoded ? std::string_view(*decoded) : text);
}

}  // namespace

DayKey derive_key(std::string_view secret, std::string_view date, std::string_view region,
                  std::string_view service) {
    DayKey day{.date = std::string(date)};
    day.scope = day.date + '/' + std::string(region) + '/' + std::string(service) + "/aws4_request";
    std::string first = "AWS4" + std::string(secret);
    day.key =
        hmac_sha256(hmac_sha256(hmac_sha256(hmac_sha256(first, date), region), service), "aws4_request");
    std::fill(first.begin(), first.end(), '\0');
    return day;
}

std::string timestamp(std::chrono::system_clock::time_point now) {
    const auto days = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - days));
    char text[40];
    std::snprintf(text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", int(date.year()), unsigned(date.month()),
                  unsigned(date.day()), int(time.hours().count()), int(time.minutes().count()),
                  int(time.seconds().count()));
    return text;
}

Result<Target> target_of(std::string_view url) {
    const bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://"))
        return Error{ErrorKind::internal, "internal error",
                     "a request to sign must have an absolute http(s) URL"};
    url.remove_prefix(secure ? 8 : 7);
    url = url.substr(0, url.find('#'));
    Target target;
    const std::size_t end = std::min(url.find_first_of("/?"), url.size());
    target.host = lower_case(url.substr(0, end));
    const std::string_view port = secure ? ":443" : ":80";
    if (target.host.ends_with(port)) target.host.resize(target.host.size() - port.size());
    url.remove_prefix(end);
    const std::size_t question = url.find('?');
    target.path = url.substr(0, question);
    if (question != url.npos) target.query = url.substr(question + 1);
    if (target.path.empty()) target.path = "/";
    return target;
}

std::string canonical_path(std::string_view path) {
    std::vector<std::string_view> segments;
    bool folder = true;  // the path ends with a slash
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, slash - at);
        folder = slash < path.size() || segment == "." || segment == "..";
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
        at = slash + 1;
    }
    std::string out;
    for (const std::string_view segment : segments) out.append("/").append(percent_encoded(segment));
    if (folder || out.empty()) out += '/';
    return out;
}

std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(one.size() + 1, query.size()));
        if (one.empty()) continue;
        const std::size_t equals = one.find('=');
        const std::string_view value = equals == one.npos ? std::string_view() : one.substr(equals + 1);
        parameters.emplace_back(encoded_again(one.substr(0, equals)), encoded_again(value));
    }
    std::sort(parameters.begin(), parameters.end());
    std::string out;
    for (const auto& [name, value] : parameters)
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
    return out;
}

SignedHeaders headers_to_sign(const http::Request& request) {
    SignedHeaders names;
    for (const auto& [key, value] : request.headers) {
        std::string name = lower_case(key);
        if (name == "host" || name == "content-type" || name.starts_with("x-amz-"))
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string canonical_request(const http::Request& request, const Target& target, const SignedHeaders& names,
                              std::string_view body_hash) {
    std::string out = request.method + '\n' + canonical_path(target.path) + '\n';
    out.append(canonical_query(target.query)).append("\n");
    for (const std::string& name : names)
        out.append(name).append(":").append(value_of(request.headers, name)).append("\n");
    return out.append("\n").append(joined(names)).append("\n").append(body_hash);
}

std::string authorization(std::string_view canonical_request, const SignedHeaders& names,
                          std::string_view access_key_id, const DayKey& key, std::string_view time) {
    std::string text(algorithm);
    text.append("\n").append(time).append("\n").append(key.scope).append("\n");
    text += to_hex(sha256(canonical_request));
    std::string out(algorithm);
    out.append(" Credential=").append(access_key_id).append("/").append(key.scope);
    out.append(", SignedHeaders=").append(joined(names));
    return out.append(", Signature=").append(to_hex(hmac_sha256(key.key, text)));
}

Result<http::Request> sign(http::Request request, const Credentials& credentials, const DayKey& key,
                           std::chrono::system_clock::time_point now) {
    auto target = target_of(request.url);
    if (!target) return target.error();
    const std::string time = timestamp(now), body_hash = to_hex(sha256(request.body));
    request.headers.remove("authorization");
    request.headers.set("host", target->host);
    request.headers.set("x-amz-date", time);
    // Optional for services other than S3.  It binds the body to the signature for proxies too.
    request.headers.set("x-amz-content-sha256", body_hash);
    if (credentials.session_token.empty())
        request.headers.remove("x-amz-security-token");
    else
        request.headers.set("x-amz-security-token", credentials.session_token);
    const SignedHeaders names = headers_to_sign(request);
    request.headers.set("authorization", authorization(canonical_request(request, *target, names, body_hash),
                                                       names, credentials.access_key_id, key, time));
    return request;
}

}  // namespace gatehouse::aws
