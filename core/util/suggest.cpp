// SPDX-License-Identifier: Apache-2.0
// Words in messages; see suggest.hpp.
#include "core/util/suggest.hpp"

#include "core/util/ascii.hpp"

#include <gatehouse/edit_distance.hpp>
#include <gatehouse/value.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

// Case, and - for _, do not count as differences.
std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '-' ? '_' : to_lower(c);
    return out;
}

std::size_t tolerated(std::size_t length) { return length <= 3 ? 1 : length <= 7 ? 2 : 3; }

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& names) {
    if (name.empty() || name.size() > 64) return {};
    const std::string wanted = folded(name);
    std::string best;
    std::size_t best_distance = tolerated(wanted.size()) + 1;
    for (const std::string& candidate : names) {
        if (candidate.size() > 64) continue;
        const std::size_t found = edit_distance(wanted, folded(candidate));
        if (found < best_distance && found < candidate.size()) {
            best = candidate;
            best_distance = found;
        }
    }
    if (!best.empty() || wanted.size() < 4) return best;
    // "timeout" for "timeout_ms", "keys_file" for "keys".
    for (const std::string& candidate : names) {
        const std::string other = folded(candidate);
        if (other.size() >= 4 && (other.starts_with(wanted) || wanted.starts_with(other))) return candidate;
    }
    return {};
}

std::string suggestion(std::string_view name, const std::vector<std::string>& names) {
    const std::string found = nearest(name, names);
    return found.empty() ? "" : "; did you mean " + toml_quoted(found) + "?";
}

void add_to_list(std::string& list, std::string_view one) {
    list.append(list.empty() ? "" : ", ").append(one);
}

std::string joined(const std::vector<std::string>& names, std::string_view between) {
    std::string list;
    for (const std::string& name : names) list.append(list.empty() ? "" : between).append(name);
    return list;
}

std::string as_key(std::string_view name) {
    const bool bare = !name.empty() && std::ranges::all_of(name, is_of_bare_key);
    return bare ? std::string(name) : toml_quoted(name);
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, is_of_bare_key);
}

}  // namespace gatehouse::core
