// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/request_reader.hpp"

#include "plugins/common/c_door/members.hpp"
#include "plugins/common/upstream/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <vector>

namespace gatehouse::c_bridge {

using namespace upstream;

namespace {

constexpr std::size_t max_url_bytes = 16 * 1024;
constexpr std::size_t max_header_bytes = 64 * 1024;

/// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view also = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               also.find(c) != also.npos;
    });
}

bool has_control(std::string_view text, bool blanks_too) {
    return std::any_of(text.begin(), text.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 ? blanks_too || byte != '\t' : byte == 0x7f || (blanks_too && byte == ' ');
    });
}

void add_header(http::Headers& headers, std::string_view name, dom::element value) {
    const auto text = string(value);
    const std::string shown = "the header " + in_quotes(name.substr(0, 100));
    if (!text) throw Mistake(shown + " must be a string or a list of strings");
    if (has_control(*text, false)) throw Mistake(shown + " has a control character");
    headers.add(std::string(name), std::string(*text));
}

void read_headers(http::Headers& headers, dom::element value) {
    const auto all = object(value);
    if (!all) throw Mistake("\"headers\" of the request must be an object");
    std::size_t bytes = 0;
    for (const dom::key_value_pair one : *all) {
        if (!is_token(one.key))
            throw Mistake(in_quotes(one.key.substr(0, 100)) + " is not a valid header name");
        if (const auto list = array(one.value)) {
            for (dom::element each : *list) add_header(headers, one.key, each);
        } else {
            add_header(headers, one.key, one.value);
        }
    }
    for (const auto& field : headers) bytes += field.first.size() + field.second.size();
    if (bytes > max_header_bytes) throw Mistake("the headers of the request are larger than 64 KiB");
}

std::optional<std::chrono::milliseconds> timeout(Members& members, std::string_view name) {
    constexpr std::int64_t day = 24 * 60 * 60 * 1000;
    const auto value = members.maybe_integer(name, 1, day);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds(*value);
}

}  // namespace

http::Request read_request(std::string& json, std::string_view body) {
    const Tree tree = parse(json, "the request");
    Members members(tree.root(), "the request");
    http::Request out;
    out.method = members.text_or("method", body.empty() ? "GET" : "POST");
    if (!is_token(out.method) || out.method.size() > 32) members.wrong("method", "a method of HTTP");
    out.url = members.text("url");
    const std::string lower = lower_case(std::string_view(out.url).substr(0, 8));
    if ((!lower.starts_with("http://") && !lower.starts_with("https://")) || has_control(out.url, true) ||
        out.url.size() > max_url_bytes)
        members.wrong("url", "an absolute URL, http:// or https://, without blanks");
    if (const auto headers = members.find("headers")) read_headers(out.headers, *headers);
    out.connect_timeout = timeout(members, "connect_timeout_ms");
    out.first_byte_timeout = timeout(members, "first_byte_timeout_ms");
    out.idle_timeout = timeout(members, "idle_timeout_ms");
    out.total_timeout = timeout(members, "total_timeout_ms");
    out.ca_file = members.text_or("ca_file", "");
    out.no_proxy = members.flag_or("no_proxy", false);
    members.finish();
    out.body = body;
    return out;
}

std::string headers_json(const http::Headers& headers) {
    std::vector<http::Headers::Field> joined;
    for (const auto& [name, value] : headers) {
        std::string lower = lower_case(name);
        const auto same = std::find_if(joined.begin(), joined.end(),
                                       [&](const http::Headers::Field& one) { return one.first == lower; });
        if (same == joined.end())
            joined.emplace_back(std::move(lower), value);
        else
            same->second.append(", ").append(value);
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& [name, value] : joined) json.member(name, value);
    json.end_object();
    return out;
}

}  // namespace gatehouse::c_bridge
