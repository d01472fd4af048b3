// SPDX-License-Identifier: Apache-2.0
#include "core/observe/metric_format.hpp"

#include <gatehouse/http.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace gatehouse::core {

namespace {

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// The value of a parameter such as `q` in `type;q=0.5`; empty without it.
std::string_view parameter(std::string_view range, std::string_view name) {
    while (true) {
        const std::size_t semicolon = range.find(';');
        if (semicolon == range.npos) return {};
        range.remove_prefix(semicolon + 1);
        const std::string_view one = without_blanks(range.substr(0, range.find(';')));
        if (one.size() > name.size() && one[name.size()] == '=' &&
            http::equal_ignoring_case(one.substr(0, name.size()), name))
            return without_blanks(one.substr(name.size() + 1));
    }
}

/// RFC 9110, 12.4.2; a value that is not a number counts as 0.
double quality(std::string_view range) {
    const std::string_view text = parameter(range, "q");
    if (text.empty()) return 1;
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

bool prefers_open_metrics(std::string_view accept) {
    double open = 0, plain = 0;
    std::optional<double> any;
    while (!accept.empty()) {
        const std::size_t comma = accept.find(',');
        const std::string_view range = without_blanks(accept.substr(0, comma));
        const std::string_view type = without_blanks(range.substr(0, range.find(';')));
        const std::string_view version = parameter(range, "version");
        if (http::equal_ignoring_case(type, "application/openmetrics-text")) {
            if (version.empty() || version == "1.0.0") open = std::max(open, quality(range));
        } else if (http::equal_ignoring_case(type, "text/plain")) {
            plain = std::max(plain, quality(range));
        } else if (type == "*/*") {
            any = quality(range);
        }
        if (comma == accept.npos) break;
        accept.remove_prefix(comma + 1);
    }
    return open > 0 && open >= std::max(plain, any.value_or(0));
}

}  // namespace gatehouse::core
