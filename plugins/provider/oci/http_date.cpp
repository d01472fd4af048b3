// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::oci {

namespace {

/// Digits only; -1 otherwise.
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

}  // namespace gatehouse::oci
