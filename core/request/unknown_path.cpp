// SPDX-License-Identifier: Apache-2.0
#include "core/request/unknown_path.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace gatehouse::core {

namespace {

// A longer segment may be a key that a client has put into the path.
constexpr std::size_t max_segment_bytes = 32;
constexpr std::size_t max_path_bytes = 100;

std::string shown(std::string_view path) {
    auto visible = [](char c) { return c > ' ' && c < 0x7f ? c : '?'; };
    std::string text;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at + 1), path.size());
        const std::string_view segment = path.substr(at, end - at);  // with its slash
        if (text.size() + segment.size() > max_path_bytes) return text + "/...";
        if (segment.size() > max_segment_bytes + 1)
            text += "/...";
        else
            std::ranges::transform(segment, std::back_inserter(text), visible);
        at = end;
    }
    return text;
}

struct Meant {
    std::string endpoint;  // "POST /v1/chat/completions"
    const NamedDialect* dialect;
    const char* advice;
};

/// The endpoint at `path` for the method of `request`, or for another method.
Meant endpoint_at(const Routing& routing, const http::RequestHead& request, std::string_view path,
                  const char* advice) {
    const auto found = routing.find(request.method, path, request.headers);
    const auto& allowed = found.allow;
    if (!found.dialect && allowed.empty()) return {};
    const std::string method = found.dialect ? request.method : allowed.substr(0, allowed.find(','));
    const NamedDialect* dialect =
        found.dialect ? found.dialect : routing.find(method, path, request.headers).dialect;
    return {method + ' ' + shown(path), dialect, advice};
}

Meant meant(const Routing& routing, const http::RequestHead& request) {
    constexpr std::string_view version = "/v1";
    const std::string path = with_single_slashes(request.path);
    if (path.starts_with("/v1/v1/"))
        if (auto found = endpoint_at(routing, request, std::string_view(path).substr(version.size()),
                                     " The path contains /v1 twice: remove it from the base URL");
            !found.endpoint.empty())
            return found;
    if (auto found = endpoint_at(routing, request, std::string(version) + path,
                                 " The base URL of the client must end in /v1");
        !found.endpoint.empty())
        return found;
    const std::string similar = routing.similar(request.method, path);
    if (similar.empty()) return {};
    const std::size_t blank = similar.find(' ');
    return {similar,
            routing.find(similar.substr(0, blank), similar.substr(blank + 1), request.headers).dialect, ""};
}

}  // namespace

// The log has the path in a field of its own.
UnknownPath unknown_path(const Routing& routing, const http::RequestHead& request) {
    const Meant found = meant(routing, request);
    const std::string rest =
        found.endpoint.empty() ? "" : "; did you mean " + found.endpoint + "?" + found.advice;
    return {{.kind = ErrorKind::not_found,
             .message = "no endpoint at " + shown(request.path) + rest,
             .detail = "no endpoint at this path" + rest},
            found.dialect};
}

}  // namespace gatehouse::core
