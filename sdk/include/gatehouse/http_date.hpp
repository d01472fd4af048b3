// SPDX-License-Identifier: Apache-2.0
// The dates of HTTP headers, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7), in any locale.
// Functions without state.  [any thread]
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

inline constexpr std::array<const char*, 7> http_weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
inline constexpr std::array<const char*, 12> http_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Accepts only digits.  Returns -1 otherwise.
inline int date_number(std::string_view text) {
    int found = -1;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, found);
    return read.ec == std::errc() && read.ptr == end && text.front() != '-' ? found : -1;
}

}  // namespace detail

inline std::string to_http_date(std::chrono::system_clock::time_point time) {
    using namespace std::chrono;
    const auto at = floor<seconds>(time);
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss clock(at - day);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  detail::http_weekdays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  detail::http_months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

namespace detail {

/// The two obsolete forms, which recipients must accept, in the usual one: "Sun Nov  6 08:49:37 1994" and
/// "Sunday, 06-Nov-94 08:49:37 GMT".  Other texts are returned as they are.
inline std::string usual_http_date(std::string_view text) {
    const std::size_t comma = text.find(',');
    std::string out;
    if (comma == text.npos && text.size() == 24) {
        out.append(text.substr(0, 3)).append(", ").append(text.substr(8, 2)).append(" ");
        out.append(text.substr(4, 3)).append(" ").append(text.substr(20)).append(text.substr(10, 9));
        if (out[5] == ' ') out[5] = '0';
        return out + " GMT";
    }
    if (comma == text.npos || text.size() != comma + 24 || text[comma + 4] != '-') return std::string(text);
    const std::string_view date = text.substr(comma + 2);
    out.append(text.substr(0, 3)).append(", ").append(date.substr(0, 2)).append(" ");
    out.append(date.substr(3, 3)).append(date[7] < '7' ? " 20" : " 19").append(date.substr(7));
    return out;
}

}  // namespace detail

/// Returns nothing if `text` is not such a date.
inline std::optional<std::chrono::sys_seconds> read_http_date(std::string_view given) {
    using namespace std::chrono;
    const std::string text = given.size() == 29 && given[3] == ',' && given[7] == ' '
                                 ? std::string(given)
                                 : detail::usual_http_date(given);
    if (text.size() != 29 || !text.ends_with(" GMT") || text[4] != ' ') return std::nullopt;
    const auto month_name =
        std::find(detail::http_months.begin(), detail::http_months.end(), text.substr(8, 3));
    const int parts[] = {detail::date_number(std::string_view(text).substr(12, 4)),
                         detail::date_number(std::string_view(text).substr(5, 2)),
                         detail::date_number(std::string_view(text).substr(17, 2)),
                         detail::date_number(std::string_view(text).substr(20, 2)),
                         detail::date_number(std::string_view(text).substr(23, 2))};
    if (month_name == detail::http_months.end() || *std::min_element(std::begin(parts), std::end(parts)) < 0)
        return std::nullopt;
    const year_month_day date{year{parts[0]},
                              month{static_cast<unsigned>(month_name - detail::http_months.begin() + 1)},
                              day{static_cast<unsigned>(parts[1])}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + hours{parts[2]} + minutes{parts[3]} + seconds{parts[4]};
}

}  // namespace gatehouse
