// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/rfc3339.hpp"

#include <algorithm>
#include <chrono>

namespace gatehouse::upstream {

namespace {

/// Removes `digits` decimal digits from the start of `text`.  Returns -1 if they are missing.
int take_number(std::string_view& text, std::size_t digits) {
    int number = 0;
    if (text.size() < digits) return -1;
    for (char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return number;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::int64_t read_rfc3339(std::string_view text) {
    const int year = take_number(text, 4);
    if (year < 0 || !take(text, "-")) return 0;
    const int month = take_number(text, 2);
    if (month < 0 || !take(text, "-")) return 0;
    const int day = take_number(text, 2);
    if (day < 0 || !take(text, "Tt ")) return 0;
    const int hour = take_number(text, 2);
    if (hour < 0 || hour > 23 || !take(text, ":")) return 0;
    const int minute = take_number(text, 2);
    if (minute < 0 || minute > 59 || !take(text, ":")) return 0;
    const int second = take_number(text, 2);
    if (second < 0 || second > 60) return 0;
    if (take(text, "."))
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);

    std::int64_t offset = 0;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        const int sign = text.front() == '-' ? -1 : 1;
        text.remove_prefix(1);
        const int hours = take_number(text, 2);
        take(text, ":");
        const int minutes = take_number(text, 2);
        if (hours < 0 || minutes < 0) return 0;
        offset = sign * (hours * 3600 + minutes * 60);
    }
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return 0;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    return std::max<std::int64_t>(0,
                                  std::int64_t{days} * 86400 + hour * 3600 + minute * 60 + second - offset);
}

}  // namespace gatehouse::upstream
