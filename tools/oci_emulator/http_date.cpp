// SPDX-License-Identifier: Apache-2.0
// Dates as HTTP writes them.
#include "tools/oci_emulator/http_date.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gatehouse::emulator {

namespace {
using namespace std::chrono;

constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The digits of `text` as a number, or -1.
int read_number(std::string_view text) {
    int value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}
}  // namespace

std::string to_http_date(system_clock::time_point time) {
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<seconds>(time - day));
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  weekdays[weekday(day).c_encoding()].data(), static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

std::optional<system_clock::time_point> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' ||
        text[16] != ' ' || text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
        return std::nullopt;
    if (std::find(weekdays.begin(), weekdays.end(), text.substr(0, 3)) == weekdays.end()) return std::nullopt;
    const auto named = std::find(months.begin(), months.end(), text.substr(8, 3));
    const int day_number = read_number(text.substr(5, 2)), year_number = read_number(text.substr(12, 4));
    const int hour = read_number(text.substr(17, 2)), minute = read_number(text.substr(20, 2)),
              second = read_number(text.substr(23, 2));
    if (named == months.end() || day_number < 0 || year_number < 0 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60)
        return std::nullopt;
    const year_month_day date(year(year_number), month(static_cast<unsigned>(named - months.begin()) + 1),
                              day(static_cast<unsigned>(day_number)));
    if (!date.ok()) return std::nullopt;
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

std::string to_rfc3339(system_clock::time_point time) {
    const auto at = floor<milliseconds>(time);
    const year_month_day date(floor<days>(at));
    const hh_mm_ss clock(at - floor<days>(at));
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

}  // namespace gatehouse::emulator
