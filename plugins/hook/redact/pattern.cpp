// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/pattern.hpp"

#include "plugins/hook/redact/prefix.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <stdexcept>

namespace gatehouse::redact {

namespace {

// Memory for the automata that RE2 builds while it reads; RE2 rebuilds them when it is full.
constexpr std::int64_t max_automaton_bytes = 32 * 1024 * 1024;

std::unique_ptr<re2::RE2> compile(const std::string& regex) {
    re2::RE2::Options options;
    options.set_longest_match(true);  // a mask must cover the longest match
    options.set_never_capture(true);
    options.set_log_errors(false);
    options.set_max_mem(max_automaton_bytes);
    auto made = std::make_unique<re2::RE2>(regex, options);
    if (!made->ok()) throw std::invalid_argument(made->error());
    return made;
}

}  // namespace

std::size_t Pattern::after(std::string_view text, Range match) const {
    if (match.end >= text.size()) return match.end;
    return std::min(hold(text.substr(0, match.end + 1), match.begin + 1), match.end);
}

RegexPattern::RegexPattern(const std::string& regex) : whole_(compile(regex)) {
    if (re2::RE2::FullMatch("", *whole_)) throw std::invalid_argument("it matches the empty text");
    const std::string prefixes = prefixes_of(regex);
    try {
        prefix_ = compile("(?:" + prefixes + ")\\z");
    } catch (const std::invalid_argument&) {
        throw std::invalid_argument("it is too long or too deeply nested");
    }
}

RegexPattern::~RegexPattern() = default;

std::optional<Range> RegexPattern::find(std::string_view text, std::size_t from) const {
    re2::StringPiece found;
    // A lone assertion such as \b matches between characters: there is no text to mask.
    for (; from < text.size(); ++from) {
        if (!whole_->Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED, &found, 1))
            return std::nullopt;
        const auto begin = static_cast<std::size_t>(found.data() - text.data());
        if (!found.empty()) return Range{begin, begin + found.size()};
        from = begin;
    }
    return std::nullopt;
}

std::size_t RegexPattern::hold(std::string_view text, std::size_t from) const {
    re2::StringPiece found;
    if (from >= text.size() ||
        !prefix_->Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED, &found, 1))
        return std::max(from, text.size());
    return static_cast<std::size_t>(found.data() - text.data());
}

}  // namespace gatehouse::redact
