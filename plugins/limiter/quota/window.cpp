// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/window.hpp"

#include <chrono>
#include <cstdio>

namespace gatehouse::quota {

namespace {

namespace chrono = std::chrono;

Seconds midnight(const chrono::sys_days& date) { return date.time_since_epoch().count() * seconds_per_day; }

}  // namespace

Period period_of(const std::string& word) {
    if (word == "hour") return Period::hour;
    if (word == "day") return Period::day;
    if (word == "week") return Period::week;
    return word == "month" ? Period::month : Period::year;
}

Window window_at(Period period, const TimeZone& zone, Seconds utc) {
    const Seconds offset = zone.offset(utc), local = utc + offset;
    const auto today = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(local)));
    const chrono::year_month_day date(today);
    auto between = [&](const chrono::sys_days& first, const chrono::sys_days& next) {
        return Window{zone.to_utc(midnight(first)), zone.to_utc(midnight(next))};
    };
    switch (period) {
        case Period::hour: {
            // An hour that the clock shows twice is two windows.
            const Seconds since = (local % seconds_per_hour + seconds_per_hour) % seconds_per_hour;
            return {utc - since, utc - since + seconds_per_hour};
        }
        case Period::day: return between(today, today + chrono::days(1));
        case Period::week: {
            const auto monday = today - (chrono::weekday(today) - chrono::Monday);
            return between(monday, monday + chrono::days(7));
        }
        case Period::month: {
            const auto month = date.year() / date.month();
            return between(chrono::sys_days(month / 1), chrono::sys_days((month + chrono::months(1)) / 1));
        }
        case Period::year: break;
    }
    return between(chrono::sys_days(date.year() / chrono::January / 1),
                   chrono::sys_days((date.year() + chrono::years(1)) / chrono::January / 1));
}

std::string utc_text(Seconds utc) {
    const auto time = chrono::sys_seconds(chrono::seconds(utc));
    const auto today = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(today);
    const chrono::hh_mm_ss clock(time - today);
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text;
}

}  // namespace gatehouse::quota
