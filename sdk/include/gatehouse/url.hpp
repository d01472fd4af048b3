// SPDX-License-Identifier: Apache-2.0
// Parts of URLs, and data: URLs (RFC 2397) of images and files.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/json_string.hpp"
#include "gatehouse/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// `text` as the value of a query parameter, or as a segment of a path (RFC 3986, 2.3).  A name of
/// a model must be encoded, because a client chooses it.
inline std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (detail::is_alphanumeric(c) || std::string_view("-._~").find(c) != std::string_view::npos)
            out += c;
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

/// The inverse.  Nothing if a % has no two digits behind it.  It keeps a + as it is.
inline std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = detail::hex_digit(text[i + 1]), low = detail::hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// The decoded value of `name` in a query, "a=1&b=2" without the question mark; empty if it is absent.
/// Nothing if it is not encoded correctly.  The first of several values counts.
inline std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
            return percent_decoded(pair.substr(name.size() + 1));
    }
    return std::string();
}

/// Whether `url` is an http: or https: URL.
inline bool is_http_url(std::string_view url) {
    const std::string begin = lower_case(url.substr(0, 8));
    return begin.starts_with("http://") || begin.starts_with("https://");
}

/// A data: URL in base64.
struct DataUrl {
    std::string media_type = {};  // "image/png": in lower case, without parameters; may be empty
    JsonString data = {};         // the base64, in the client's spelling; a long one is not copied
};

/// The parts of "data:image/png;base64,…".  Nothing if `url` is another URL, or its data are not base64.
/// The type "image/jpg", which many clients write, is "image/jpeg".
inline std::optional<DataUrl> read_data_url(const JsonString& url) {
    constexpr std::size_t longest_head = 256;
    const std::string_view spelled = url.spelling().substr(0, longest_head * 2);
    const std::size_t comma = spelled.find(',');
    if (comma == spelled.npos) return std::nullopt;
    // The head may have escapes: PHP writes image\/png.
    const JsonString before = url.first(comma);
    const std::string head = lower_case(before);
    if (!head.starts_with("data:") || !head.ends_with(";base64")) return std::nullopt;
    DataUrl found{head.substr(5, head.find(';') - 5), url.behind(comma + 1)};
    if (found.media_type == "image/jpg") found.media_type = "image/jpeg";
    return found;
}

}  // namespace gatehouse
