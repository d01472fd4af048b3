// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::upstream {

namespace {

constexpr int max_retry_after_seconds = 3600;

/// Accepts only digits.  Returns -1 otherwise.
int number(std::string_view text) {
    int found = -1;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, found);
    return read.ec == std::errc() && read.ptr == end && text.front() != '-' ? found : -1;
}

}  // namespace

std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text) {
    using namespace std::chrono;
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
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

int retry_after_seconds(std::string_view value, std::chrono::system_clock::time_point now) {
    using namespace std::chrono;
    auto within = [](std::int64_t seconds) {
        return static_cast<int>(std::clamp<std::int64_t>(seconds, 0, max_retry_after_seconds));
    };
    auto number = [](std::string_view text) {
        std::int64_t found = -1;
        const auto end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, found);
        if (read.ec == std::errc::result_out_of_range) return std::int64_t{max_retry_after_seconds};
        return read.ec == std::errc() && read.ptr == end && text.front() != '-' ? found : std::int64_t{-1};
    };
    if (value.empty()) return 0;
    // "1.5" is not valid, but some upstreams send it.  It is rounded up.
    const std::size_t point = value.find('.');
    if (const std::int64_t seconds = number(value.substr(0, point)); seconds >= 0)
        return within(seconds + (point == value.npos ? 0 : 1));

    const auto then = read_http_date(value);
    // Seconds, because the nanoseconds of a year such as 9999 overflow.
    return then ? within((*then - floor<seconds>(now)).count()) : 0;
}

}  // namespace gatehouse::upstream
