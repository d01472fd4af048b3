// SPDX-License-Identifier: Apache-2.0
#include "core/observe/numeric_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace gatehouse::core {

namespace {

using namespace std::string_view_literals;

// tests/core/observe/numeric_fields.py compares these with the calls of the tree.
constexpr std::array quantities = {
    "attempts"sv, "bits"sv, "bytes"sv,      "client_retries"sv,  "connections"sv, "count"sv,
    "entries"sv,  "line"sv, "ms"sv,         "retries"sv,         "seconds"sv,     "status"sv,
    "tokens"sv,   "port"sv, "expires_in"sv, "upstream_status"sv, "process"sv,     "prices"sv};
constexpr std::array units = {"_ms"sv,     "_s"sv,     "_seconds"sv, "_bytes"sv,
                              "_tokens"sv, "_count"sv, "_percent"sv};

bool is_quantity(std::string_view name) {
    return std::ranges::count(quantities, name) > 0 ||
           std::ranges::any_of(units, [&](std::string_view unit) { return name.ends_with(unit); });
}

}  // namespace

std::optional<std::int64_t> numeric_value(std::string_view name, std::string_view value) {
    std::int64_t number = 0;
    if (value.empty() || !is_quantity(name)) return std::nullopt;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
    // "007" and "-0" stay texts, because a number would change them.
    if (read.ec != std::errc() || read.ptr != value.data() + value.size() || std::to_string(number) != value)
        return std::nullopt;
    return number;
}

}  // namespace gatehouse::core
