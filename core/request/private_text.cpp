// SPDX-License-Identifier: Apache-2.0
#include "core/request/private_text.hpp"

#include "core/request/file_path.hpp"
#include "core/request/inner_address.hpp"
#include "core/request/stack_trace.hpp"
#include "core/request/text_pieces.hpp"

namespace gatehouse::core {

namespace {

bool is_id_start(std::string_view text) {
    const auto same = [](char c, char lower) { return (c | 0x20) == lower; };
    if (text.size() >= 6 && same(text[0], 'o'))
        return same(text[1], 'c') && same(text[2], 'i') && same(text[3], 'd') && is_digit(text[4]) &&
               text[5] == '.';
    return text.size() >= 4 && same(text[0], 'a') && same(text[1], 'r') && same(text[2], 'n') &&
           text[3] == ':';
}

bool is_id_character(char c) { return is_name(c) || c == ':' || c == '/' || c == '+'; }

std::size_t id_length(std::string_view text) {
    std::size_t length = 0;
    const bool colons = text[0] == 'a' || text[0] == 'A';
    while (length < text.size() && (colons ? is_id_character(text[length]) : is_name(text[length]))) ++length;
    while (length > 0 && (text[length - 1] == '.' || text[length - 1] == ':')) --length;
    return length;
}

bool is_id(std::string_view text, std::size_t at) {
    const bool begins = at == 0 || !(is_letter(text[at - 1]) || is_digit(text[at - 1]));
    return begins && is_id_start(text.substr(at)) && id_length(text.substr(at)) > 6;
}

/// The place of the first id from `at` on.
std::size_t find_id(std::string_view text, std::size_t at) {
    for (; at < text.size(); ++at) {
        const int letter = text[at] | 0x20;
        if ((letter == 'o' || letter == 'a') && is_id(text, at)) return at;
    }
    return text.npos;
}

bool ends_token(char c) {
    return is_blank(c) || std::string_view("\"'`<>(){}[],;=|").find(c) != std::string_view::npos;
}
bool ends_url(char c) {
    return is_blank(c) || std::string_view("\"'`<>|\\").find(c) != std::string_view::npos;
}

std::string_view without_end(std::string_view text) {
    while (!text.empty() && std::string_view(".,:;!?)]}").find(text.back()) != std::string_view::npos)
        text.remove_suffix(1);
    return text;
}

std::string without_urls(std::string_view text, const PrivateText& what) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = text.find("://"); at != text.npos; at = text.find("://", at + 1)) {
        std::size_t begin = at;
        while (begin > copied && (is_letter(text[begin - 1]) || text[begin - 1] == '+')) --begin;
        std::size_t end = at;
        while (end < text.size() && !ends_url(text[end])) ++end;
        const std::string_view url = without_end(text.substr(begin, end - begin));
        if (begin == at || !is_inner_url(url, what.upstream_host) || what.known(url)) continue;
        out.append(text.substr(copied, begin - copied)).append("[url]");
        at = copied = begin + url.size();
    }
    return out.append(text.substr(copied));
}

/// Whether the token is a part of a public URL, which has been judged before.
bool is_url(std::string_view token) { return token.find("://") != token.npos; }

void append_token(std::string& out, std::string_view token, const PrivateText& what) {
    const std::string_view core = without_end(token);
    const std::string_view end = token.substr(core.size());
    const bool judged = core.empty() || is_url(core);
    if (!judged && is_path(core) && !what.known(core))
        out.append("[path]").append(end);
    else if (!judged && is_inner_host(core, what.upstream_host) && !what.known(core))
        out.append("[host]").append(end);
    else
        out.append(token);
}

std::string without_hosts_and_paths(std::string_view text, const PrivateText& what) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && !ends_token(text[end])) ++end;
        append_token(out, text.substr(i, end - i), what);
        if (end < text.size()) out += text[end];
        i = end + 1;
    }
    return out;
}

}  // namespace

bool has_ids(std::string_view text) { return find_id(text, 0) != text.npos; }

std::string without_ids(std::string_view text) {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at; (at = find_id(text, copied)) != text.npos;) {
        out.append(text.substr(copied, at - copied)).append("[id]");
        copied = at + id_length(text.substr(at));
    }
    return out.append(text.substr(copied));
}

std::string without_private(std::string_view text, const PrivateText& what) {
    const std::string no_urls = without_urls(without_trace(text), what);
    return without_ids(without_hosts_and_paths(no_urls, what));
}

}  // namespace gatehouse::core
