// SPDX-License-Identifier: Apache-2.0
// Parses and checks configuration keys with URLs: an API's base URL, and the URL of a service.  A strict
// parser of its own for base URLs, because the accepted text is copied into the request line.
// Functions without state, for constructors.  [any thread]
#pragma once

#include "gatehouse/http.hpp"
#include "gatehouse/schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace gatehouse {

struct BaseUrl {
    std::string text = {};  // "https://host[:port][/base]", no slash at the end
    std::string host = {};  // for messages: "host[:port]"
};

namespace detail {

inline bool url_only(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != others.npos;
    });
}

inline bool is_url_host(std::string_view host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == host.npos;
    return !host.empty() && host.size() <= 253 && url_only(host, "-._") &&
           std::string_view("-.").find(host.front()) == std::string_view::npos;
}

inline bool is_url_port(std::string_view text) {
    unsigned port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return !text.empty() && text.size() <= 5 && read.ptr == text.data() + text.size() && port > 0 &&
           port <= 65535;
}

inline bool ends_with_path(std::string_view path, std::string_view ending) {
    return path.size() >= ending.size() &&
           http::equal_ignoring_case(path.substr(path.size() - ending.size()), ending);
}

/// "/v1", "/v2beta", "/openai", "/20231130": after it a single word is an operation.
inline bool ends_with_version(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos) return false;
    std::string_view last = path.substr(slash + 1);
    if (http::equal_ignoring_case(last, "openai") || http::equal_ignoring_case(last, "api")) return true;
    if (last.starts_with('v') || last.starts_with('V')) last.remove_prefix(1);
    return !last.empty() && last.front() >= '0' && last.front() <= '9';
}

/// The path of an operation at the end of `path`, such as "/chat/completions", or nothing.
[[gnu::cold]] inline std::string_view operation_in(std::string_view path) {
    // Longer paths first.  No API has its base at one of these.
    static constexpr std::array<std::string_view, 37> always = {"/chat/completions",
                                                                "/audio/transcriptions",
                                                                "/audio/translations",
                                                                "/audio/speech",
                                                                "/images/generations",
                                                                "/images/edits",
                                                                "/images/variations",
                                                                "/fine_tuning/jobs",
                                                                "/responses/input_tokens",
                                                                "/responses/compact",
                                                                "/messages/count_tokens",
                                                                "/messages/batches",
                                                                "/threads/runs",
                                                                "/realtime/sessions",
                                                                "/models/list",
                                                                "/actions/chat",
                                                                "/actions/embedtext",
                                                                "/actions/reranktext",
                                                                "/actions/generatetext",
                                                                "/actions/summarizetext",
                                                                "/actions/applyguardrails",
                                                                "/api/chat",
                                                                "/api/generate",
                                                                "/api/embed",
                                                                "/api/embeddings",
                                                                "/api/tags",
                                                                "/completions",
                                                                "/completion",
                                                                "/embeddings",
                                                                "/moderations",
                                                                "/responses",
                                                                "/messages",
                                                                "/rerank",
                                                                "/score",
                                                                "/chat/completion",
                                                                "/vector_stores",
                                                                "/tokenize"};
    static constexpr std::array<std::string_view, 15> after_version = {
        "/models",     "/chat",    "/embed",    "/complete", "/generate", "/files",  "/batches", "/uploads",
        "/assistants", "/threads", "/realtime", "/reranks",  "/edits",    "/images", "/audio"};
    for (const std::string_view ending : always)
        if (ends_with_path(path, ending)) return path.substr(path.size() - ending.size());
    for (const std::string_view ending : after_version)
        if (ends_with_path(path, ending) && ends_with_version(path.substr(0, path.size() - ending.size())))
            return path.substr(path.size() - ending.size());
    return {};
}

}  // namespace detail

/// Throws KeyError unless `url`, the value of `key`, begins with http:// or https://.  For the URL of a
/// service that is used as it is, with path and query.
[[gnu::cold]] inline void check_service_url(std::string_view url, const std::string& key) {
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        throw KeyError(key, "expected http:// or https:// at its beginning");
}

/// `path_of_key` is such as "base_url" or "endpoint[1]"; the message calls the URL
/// `name`.  Throws KeyError, also for the URL of an operation, such as ".../v1/chat/completions".
[[gnu::cold]] inline BaseUrl parse_base_url(std::string_view text, const std::string& path_of_key,
                                            const std::string& name) {
    auto wrong = [&](const std::string& why) {
        return KeyError(path_of_key, why + ": give https://host, http://host:port or https://host/base");
    };
    std::string_view scheme;
    for (std::string_view known : {"https://", "http://"})
        if (http::equal_ignoring_case(text.substr(0, known.size()), known)) scheme = known;
    if (scheme.empty()) throw wrong(name + " begins with neither https:// nor http://");
    text.remove_prefix(scheme.size());

    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    std::string_view path = text.substr(authority.size());
    if (authority.find('@') != authority.npos) throw wrong(name + " must not have a user or a password");
    if (path.find_first_of("?#") != path.npos)
        throw wrong(name + " must have neither a query nor a fragment");

    std::string_view host = authority;
    const std::size_t colon = authority.rfind(':');
    if (colon != authority.npos && authority.find(']', colon) == authority.npos) {
        host = authority.substr(0, colon);
        if (!detail::is_url_port(authority.substr(colon + 1))) throw wrong(name + " has no valid port");
    }
    if (!detail::is_url_host(host)) throw wrong(name + " has no valid host");
    if (!detail::url_only(path, "/-._~%!$&'()*+,;=:@"))
        throw wrong("the path of " + name + " has a character that must be percent-encoded");

    while (path.ends_with('/')) path.remove_suffix(1);
    if (const std::string_view operation = detail::operation_in(path); !operation.empty()) {
        std::string_view base = path.substr(0, path.size() - operation.size());
        while (base.ends_with('/')) base.remove_suffix(1);
        throw KeyError(path_of_key, name + " ends in " + std::string(operation) +
                                        ", the path of an operation, which the gateway adds: give " +
                                        std::string(scheme).append(authority).append(base));
    }
    return {std::string(scheme).append(authority).append(path), std::string(authority)};
}

/// Removes `ending`, such as "/v1", and the slashes around it.
inline void strip_ending(BaseUrl& url, std::string_view ending) {
    if (url.text.ends_with(ending)) url.text.resize(url.text.size() - ending.size());
    while (url.text.ends_with('/')) url.text.pop_back();
}

}  // namespace gatehouse
