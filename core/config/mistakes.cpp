// SPDX-License-Identifier: Apache-2.0
#include "core/config/mistakes.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

namespace gatehouse::core {

namespace {

/// Removes "12:" from the front of `text`.  Returns 0 if it begins otherwise.
std::uint32_t take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || after == end || *after != ':') return 0;
    text.remove_prefix(static_cast<std::size_t>(after - text.data()) + 1);
    return number;
}

/// `text` without the two lines of excerpt().
std::string_view without_excerpt(std::string_view text) {
    if (!text.ends_with('^')) return text;
    const std::size_t caret = text.rfind("\n    ");
    const std::size_t line = caret == 0 || caret == text.npos ? text.npos : text.rfind("\n    ", caret - 1);
    return text.substr(0, line);
}

}  // namespace

// Errors cross the boundary of plugins as text only, so the location is read from the text.
Mistake Mistakes::mistake_of(const Error& error) const {
    Mistake made{.text = error.message.empty() ? error.detail : error.message};
    std::string_view text = made.text;
    if (text.starts_with(file_ + ":")) {
        text.remove_prefix(file_.size() + 1);
        std::string_view rest = text;
        const std::uint32_t line = take_number(rest), column = line ? take_number(rest) : 0;
        if (column) {
            made.line = line;
            made.column = column;
            text = without_excerpt(rest);
        }
        if (text.starts_with(' ')) text.remove_prefix(1);
    }
    made.message = text;
    return made;
}

std::size_t Mistakes::begin_of_message(const Mistake& mistake) const {
    if (mistake.line != 0)
        return (file_ + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": ")
            .size();
    return mistake.text.size() - mistake.message.size();
}

void Mistakes::add(const Error& error) {
    all_.push_back(mistake_of(error));
    ++count_;
}

void Mistakes::warn(const Error& error, LogForm log) {
    Mistake made = mistake_of(error);
    made.warning = true;
    made.log = std::move(log);
    // "file:3:8: warning: message", as compilers write it.
    made.text.insert(begin_of_message(made), "warning: ");
    all_.push_back(std::move(made));
}

std::vector<Mistake> Mistakes::in_order() const {
    std::vector<Mistake> sorted = all_;
    std::ranges::stable_sort(
        sorted, {}, [](const Mistake& one) { return std::tuple(one.line == 0, one.line, one.column); });
    return sorted;
}

std::string Mistakes::summary() const {
    if (count_ < 2) return {};
    return std::to_string(count_) + " mistakes" + (full() ? ", and maybe more" : "");
}

Error Mistakes::error() const {
    std::string all, first;
    for (const Mistake& one : in_order()) {
        if (one.warning) continue;
        if (first.empty()) {
            first = one.text;
            if (count_ > 1)
                first.insert(begin_of_message(one) + one.message.size(),
                             " (and " + std::to_string(count_ - 1) + " more)");
        }
        all += (all.empty() ? "" : "\n") + one.text;
    }
    if (count_ > 1) all += "\n" + summary();
    return {.kind = ErrorKind::bad_config, .message = std::move(all), .detail = std::move(first)};
}

}  // namespace gatehouse::core
