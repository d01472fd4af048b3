// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/text/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace gatehouse::common {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Accepts only digits.  Returns -1 otherwise.
int number(std::string_view text) {
    int found = -1;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, found);
    return read.ec == std::errc() && read.ptr == end && text.front() != '-' ? found : -1;
}

}  // namespace

std::string to_http_date(system_clock::time_point time) {
    const auto at = floor<seconds>(time);
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss clock(at - day);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  weekdays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

std::optional<sys_seconds> read_http_date(std::string_view text) {
    if (text.size() != 29 || !text.ends_with(" GMT") || text[4] != ' ') return std::nullopt;
    const auto month_name = std::find(months.begin(), months.end(), text.substr(8, 3));
    const int parts[] = {number(text.substr(12, 4)), number(text.substr(5, 2)), number(text.substr(17, 2)),
                         number(text.substr(20, 2)), number(text.substr(23, 2))};
    if (month_name == months.end() || *std::min_element(std::begin(parts), std::end(parts)) < 0)
        return std::nullopt;
    const year_month_day date{year{parts[0]}, month{static_cast<unsigned>(month_name - months.begin() + 1)},
                              day{static_cast<unsigned>(parts[1])}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date} + hours{parts[2]} + minutes{parts[3]} + seconds{parts[4]};
}

}  // namespace gatehouse::common
