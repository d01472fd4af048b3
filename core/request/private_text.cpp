// SPDX-License-Identifier: Apache-2.0
#include "core/request/private_text.hpp"

#include "core/net/framing/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace gatehouse::core {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; }

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

template <typename List>
bool contains(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == text.npos) return parts;
        text.remove_prefix(at + 1);
    }
}

/// Takes ":PORT" or ":LINE:COLUMN" off the end.
std::string_view without_numbers(std::string_view text) {
    for (std::size_t colon; (colon = text.rfind(':')) != text.npos && all_digits(text.substr(colon + 1));)
        text = text.substr(0, colon);
    return text;
}

// Hosts.

bool is_ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               int number = 0;
               std::from_chars(part.data(), part.data() + part.size(), number);
               return all_digits(part) && part.size() <= 3 && number <= 255;
           });
}

/// A time of the day has colons too.
bool is_ipv6(std::string_view text) {
    if (std::ranges::count(text, ':') < 2 ||
        !std::ranges::all_of(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; }))
        return false;
    return text.find("::") != text.npos || std::ranges::count(text, ':') == 7;
}

bool is_inner_name(std::string_view name, const PrivateText& what) {
    static constexpr std::array suffixes = {".local", ".localdomain", ".internal", ".intranet", ".lan",
                                            ".corp",  ".private",     ".home",     ".svc",      ".consul",
                                            ".test",  ".invalid",     ".localhost"};
    static constexpr std::array labels = {".svc.",  ".internal.", ".intranet.",
                                          ".corp.", ".private.",  ".cluster."};
    const std::string lower = lower_case(name);
    if (lower == "localhost" || (!lower.empty() && lower == lower_case(what.upstream_host))) return true;
    return std::ranges::any_of(suffixes, [&](const char* end) { return lower.ends_with(end); }) ||
           std::ranges::any_of(labels, [&](const char* label) { return lower.find(label) != lower.npos; });
}

bool is_port(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return all_digits(text) && text.size() <= 5 && (number == 80 || number == 443 || number >= 1024);
}

/// A name with a dot, a hyphen or a digit and a port is a host, "column:2048" is not.
bool is_host_and_port(std::string_view token) {
    const std::size_t colon = token.find(':');
    if (colon == token.npos || colon == 0 || !is_port(token.substr(colon + 1))) return false;
    const std::string_view name = token.substr(0, colon);
    return std::ranges::all_of(name, is_name) && is_letter(name.front()) &&
           std::ranges::any_of(name, [](char c) { return c == '.' || c == '-' || is_digit(c); });
}

bool is_host(std::string_view token, const PrivateText& what) {
    const std::string_view name = without_numbers(token);
    return is_ipv4(name) || is_ipv6(token) || is_host_and_port(token) ||
           (std::ranges::all_of(name, is_name) && is_inner_name(name, what));
}

/// Hosts of the upstream's domain with help for its users, such as docs.example.com.
bool is_for_readers(std::string_view host) {
    static constexpr std::array<std::string_view, 13> labels = {
        "www",   "docs", "help",  "support",   "platform", "console",   "status",
        "learn", "blog", "forum", "community", "dev",      "developers"};
    return contains(labels, lower_case(host.substr(0, host.find('.'))));
}

std::string_view parent_of(std::string_view host) {
    const std::size_t dot = host.find('.');
    return dot == host.npos || host.find('.', dot + 1) == host.npos ? host : host.substr(dot + 1);
}

bool is_inner_url(std::string_view url, const PrivateText& what) {
    constexpr std::string_view public_scheme = "https://";
    if (!lower_case(url).starts_with(public_scheme)) return true;
    url.remove_prefix(public_scheme.size());
    const std::string_view host = url.substr(0, url.find_first_of("/?#"));
    if (host.find('.') == host.npos || !std::ranges::all_of(host, is_name) || is_host(host, what))
        return true;
    const bool of_upstream = lower_case(host).ends_with(lower_case(parent_of(what.upstream_host)));
    return !what.upstream_host.empty() && of_upstream && !is_for_readers(host);
}

// File paths.

std::string_view extension_of(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    return dot == name.npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

bool is_source(std::string_view name) {
    static constexpr std::array<std::string_view, 29> extensions = {
        "py",  "pyc", "pyx", "java", "kt",  "scala", "js",  "mjs",   "cjs", "ts",
        "tsx", "go",  "rs",  "rb",   "c",   "cc",    "cpp", "cxx",   "h",   "hpp",
        "cu",  "cs",  "php", "pl",   "lua", "sh",    "ex",  "swift", "so"};
    return contains(extensions, lower_case(extension_of(name)));
}

bool is_file_name(std::string_view name) {
    static constexpr std::array<std::string_view, 31> extensions = {
        "json", "yaml", "yml", "toml", "ini",  "cfg",  "conf",   "env", "pem",   "key", "crt",
        "cert", "log",  "txt", "xml",  "jar",  "war",  "class",  "whl", "dll",   "exe", "bin",
        "pt",   "pth",  "db",  "sock", "gguf", "onnx", "socket", "dat", "sqlite"};
    const std::string_view extension = extension_of(name);
    return is_source(name) || contains(extensions, lower_case(extension)) ||
           lower_case(extension) == "safetensors";
}

/// Whether the extension belongs to nothing but a source: node.js is a product.
bool is_only_source(std::string_view name) {
    static constexpr std::array<std::string_view, 12> extensions = {
        "py", "pyx", "java", "kt", "scala", "rs", "go", "rb", "cc", "cpp", "cu", "cs"};
    return contains(extensions, lower_case(extension_of(name)));
}

/// Folders at the root of a machine or a container, but not paths of an API.
bool is_root_folder(std::string_view name) {
    static constexpr std::array<std::string_view, 34> folders = {
        "app",     "bin",  "boot",  "build", "code", "content",       "data",   "dev", "etc",
        "home",    "lib",  "lib64", "media", "mnt",  "model",         "models", "nix", "opt",
        "private", "proc", "root",  "run",   "sbin", "site-packages", "snap",   "srv", "src",
        "sys",     "tmp",  "users", "usr",   "var",  "workspace",     "volumes"};
    return contains(folders, lower_case(name));
}

bool is_path(std::string_view token) {
    const std::string_view path = without_numbers(token);
    if (path.size() > 3 && is_letter(path[0]) && path[1] == ':' && path[2] == '\\') return true;
    if (path.starts_with("\\\\") || path.starts_with("~/")) return path.size() > 2;
    const auto parts = split(path, '/');
    const std::string_view last = parts.back();
    if (parts.size() == 1)
        return is_source(last) && (token != path || last.find('\\') != last.npos || is_only_source(last));
    if (path.front() != '/' && path.front() != '.') return is_source(last);
    if (is_file_name(last)) return true;
    return path.front() == '/' && parts.size() > 2 && is_root_folder(parts[1]);
}

// Ids.

bool is_id_start(std::string_view text) {
    const char first = text.empty() ? ' ' : static_cast<char>(text.front() | 0x20);
    if (first != 'o' && first != 'a') return false;  // most words, without a copy
    const auto word = lower_case(text.substr(0, 6));
    return (word.starts_with("ocid") && word.size() == 6 && is_digit(word[4]) && word[5] == '.') ||
           word.starts_with("arn:");
}

bool is_id_character(char c) { return is_name(c) || c == ':' || c == '/' || c == '+'; }

std::size_t id_length(std::string_view text) {
    std::size_t length = 0;
    const bool colons = text[0] == 'a' || text[0] == 'A';
    while (length < text.size() && (colons ? is_id_character(text[length]) : is_name(text[length]))) ++length;
    while (length > 0 && (text[length - 1] == '.' || text[length - 1] == ':')) --length;
    return length;
}

// Stack traces.

/// The file of "in C:\\x.cs:line 3".
bool has_line_of_source(std::string_view frame) {
    const std::size_t line = frame.find(":line ");
    return line != frame.npos && is_source(frame.substr(0, line));
}

/// "com.example.Model.run", "Object.<anonymous>", "async f"; not the words of a sentence.
bool is_function(std::string_view text) {
    for (const std::string_view word : {"async ", "new "})
        if (text.starts_with(word)) text.remove_prefix(word.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    return !text.empty() && text.find_first_of(" \t\r\n,;") == text.npos;
}

/// "at com.example.Model.run(Model.java:88)", "at f (native)", "at X.Y() in C:\\x.cs:line 3".
bool is_frame(std::string_view text) {
    const std::string_view frame = text.substr(0, std::min<std::size_t>(text.find(" at ", 1), 300));
    const std::size_t open = frame.find('('), close = frame.find(')', open == frame.npos ? 0 : open);
    if (open == frame.npos || close == frame.npos || !is_function(frame.substr(0, open))) return false;
    if (has_line_of_source(frame)) return true;
    const std::string_view place = frame.substr(open + 1, close - open - 1);
    return is_path(place) || place.starts_with("node:") || place == "Native Method" ||
           place == "Unknown Source" || place == "native" || place == "<anonymous>";
}

std::size_t first_frame(std::string_view text) {
    for (std::size_t at = text.find("at "); at != text.npos; at = text.find("at ", at + 1))
        if ((at == 0 || is_blank(text[at - 1])) && is_frame(text.substr(at + 3))) return at;
    return text.npos;
}

std::string_view without_trace(std::string_view text) {
    static constexpr std::array<std::string_view, 7> marks = {
        "Traceback (most recent", "Exception in thread", "stack trace:", "Stack trace:",
        "stack backtrace:",       "Caused by: ",         "goroutine "};
    std::size_t end = first_frame(text);
    for (const std::string_view mark : marks) {
        const std::size_t at = text.find(mark);
        if (mark != "goroutine " || (at != text.npos && text.substr(at).find(" [running]") < 24))
            end = std::min(end, at);
    }
    if (end == text.npos) return text;
    text = text.substr(0, end);
    while (!text.empty() && (is_blank(text.back()) || text.back() == ':' || text.back() == '('))
        text.remove_suffix(1);
    return text;
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
        if (begin == at || !is_inner_url(url, what) || what.known(url)) continue;
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
    else if (!judged && is_host(core, what) && !what.known(core))
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

std::string without_ids(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const bool begins = i == 0 || !(is_letter(text[i - 1]) || is_digit(text[i - 1]));
        const std::size_t length = begins && is_id_start(text.substr(i)) ? id_length(text.substr(i)) : 0;
        if (length > 6) {
            out += "[id]";
            i += length;
        } else {
            out += text[i++];
        }
    }
    return out;
}

std::string without_private(std::string_view text, const PrivateText& what) {
    const std::string no_urls = without_urls(without_trace(text), what);
    return without_ids(without_hosts_and_paths(no_urls, what));
}

}  // namespace gatehouse::core
