// SPDX-License-Identifier: Apache-2.0
#include "core/util/accept_header.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace gatehouse::core {

namespace {

std::string_view without_blanks(std::string_view text) { return trimmed(text, " \t"); }

}  // namespace

std::string_view next_element(std::string_view& list) {
    while (!list.empty()) {
        const std::string_view element = without_blanks(list.substr(0, list.find(',')));
        list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
        if (!element.empty()) return element;
    }
    return {};
}

std::string_view parameter(std::string_view element, std::string_view name) {
    while (true) {
        const std::size_t semicolon = element.find(';');
        if (semicolon == element.npos) return {};
        element.remove_prefix(semicolon + 1);
        const std::string_view one = without_blanks(element.substr(0, element.find(';')));
        if (one.size() > name.size() && one[name.size()] == '=' &&
            http::equal_ignoring_case(one.substr(0, name.size()), name))
            return without_blanks(one.substr(name.size() + 1));
    }
}

double quality(std::string_view element) {
    const std::string_view text = parameter(element, "q");
    if (text.empty()) return 1;
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool accepts_gzip(std::string_view accepted) {
    std::optional<double> gzip, any;
    for (auto one = next_element(accepted); !one.empty(); one = next_element(accepted)) {
        const std::string_view coding = without_blanks(one.substr(0, one.find(';')));
        if (http::equal_ignoring_case(coding, "gzip") || http::equal_ignoring_case(coding, "x-gzip"))
            gzip = quality(one);
        else if (coding == "*")
            any = quality(one);
    }
    return gzip.value_or(any.value_or(0)) > 0;
}

}  // namespace gatehouse::core
