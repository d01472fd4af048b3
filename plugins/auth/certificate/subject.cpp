// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/certificate/subject.hpp"

#include <algorithm>

namespace gatehouse::certificate {

namespace {

/// Where the attribute that begins the text ends: at a separator that is not escaped.
std::size_t end_of_attribute(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == ',' || text[at] == '+')
            return at;
    }
    return text.size();
}

}  // namespace

std::optional<std::string_view> common_name(std::string_view subject) {
    constexpr std::string_view type = "CN=";
    std::optional<std::string_view> found;
    while (!subject.empty()) {
        const std::size_t end = end_of_attribute(subject);
        if (const std::string_view one = subject.substr(0, end); one.starts_with(type)) {
            if (found) return std::nullopt;
            found = one.substr(type.size());
        }
        subject.remove_prefix(std::min(end + 1, subject.size()));
    }
    return found;
}

std::string_view kind_of(std::string_view name) {
    for (const std::string_view kind : {"DNS:", "URI:", "email:", "IP:"})
        if (name.starts_with(kind)) return kind;
    return {};
}

bool fits(std::string_view pattern, std::string_view text) {
    const std::size_t star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    // Each piece between two stars matches at its first occurrence; the last piece matches the end.
    for (std::size_t next; (next = pattern.find('*')) != pattern.npos; pattern.remove_prefix(next + 1)) {
        const std::size_t at = text.find(pattern.substr(0, next));
        if (at == text.npos) return false;
        text.remove_prefix(at + next);
    }
    return text.ends_with(pattern);
}

}  // namespace gatehouse::certificate
