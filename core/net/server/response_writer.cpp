// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/response_writer.hpp"

#include "core/net/server/request_line.hpp"

#include <time.h>
#include <array>
#include <charconv>

namespace gatehouse::core {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 424: return "Failed Dependency";
        case 425: return "Too Early";
        case 426: return "Upgrade Required";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 451: return "Unavailable For Legal Reasons";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        case 529: return "Overloaded";
        default: return "Status";
    }
}

namespace {

bool is_ours(std::string_view name) {
    for (std::string_view ours : {"content-length", "transfer-encoding", "connection", "keep-alive", "date",
                                  "trailer", "upgrade", "proxy-connection"})
        if (http::equal_ignoring_case(name, ours)) return true;
    return false;
}

void write_value(std::string& out, std::string_view value) {
    const std::size_t start = out.size();
    out += value;
    for (std::size_t i = start; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        if ((c < 0x20 && c != '\t') || c == 0x7f) out[i] = ' ';
    }
}

void write_number(std::string& out, std::size_t number) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void write_head(std::string& out, const http::ResponseHead& head, const ResponseFraming& framing,
                std::string_view date) {
    const int status = head.status >= 200 && head.status <= 599 ? head.status : 500;
    std::size_t size = 128 + framing.room;
    for (const auto& [name, value] : head.headers) size += name.size() + value.size() + 4;
    out.reserve(out.size() + size);

    out += "HTTP/1.1 ";
    write_number(out, static_cast<std::size_t>(status));
    out += ' ';
    out += reason_phrase(status);
    out += "\r\ndate: ";
    const std::string_view own_date = head.headers.get("date");
    write_value(out, own_date.empty() ? date : own_date);
    out += "\r\n";
    for (const auto& [name, value] : head.headers) {
        if (!is_token(name) || is_ours(name)) continue;
        out += name;
        out += ": ";
        write_value(out, value);
        out += "\r\n";
    }
    if (framing.content_length) {
        out += "content-length: ";
        write_number(out, *framing.content_length);
        out += "\r\n";
    } else if (framing.chunked) {
        out += "transfer-encoding: chunked\r\n";
    }
    if (framing.close)
        out += "connection: close\r\n";
    else if (framing.http_1_0)
        out += "connection: keep-alive\r\n";
    out += "\r\n";
}

std::string_view DateCache::get() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != second_) {
        second_ = now.tv_sec;
        tm parts{};
        ::gmtime_r(&second_, &parts);
        // strftime's names depend on the locale.
        static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        char part[32];
        text_ = days[static_cast<std::size_t>(parts.tm_wday)];
        text_.append(part, std::strftime(part, sizeof part, ", %d ", &parts));
        text_ += months[static_cast<std::size_t>(parts.tm_mon)];
        text_.append(part, std::strftime(part, sizeof part, " %Y %H:%M:%S GMT", &parts));
    }
    return text_;
}

}  // namespace gatehouse::core
