// SPDX-License-Identifier: Apache-2.0
// The excerpt of an error; see excerpt.hpp.
#include "core/config/excerpt.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

struct Range {
    std::size_t begin, end;  // bytes of the text
};

// Their values are names, which the log shows anyway.
constexpr std::string_view harmless_keys[] = {"name", "use", "signer", "store", "for"};
// The same for lists.
constexpr std::string_view harmless_lists[] = {"may", "groups", "models", "routes"};

// A minimal TOML scanner that separates keys from values, also in invalid text, and collects
// the parts that must not be shown.
class Masker {
public:
    explicit Masker(std::string_view text) : text_(text) {
        while (at_ < text_.size()) step();
    }

    const std::vector<Range>& masks() const { return masks_; }
    /// The beginning of a comment in the last line, or the end of the text.
    std::size_t comment() const { return comment_; }

private:
    bool in_value() const { return after_equals_ || (!brackets_.empty() && brackets_.back() == '['); }

    void step() {
        const char c = text_[at_];
        if (c == '\n' || c == ',') {
            ++at_;
            after_equals_ = after_equals_ && !brackets_.empty() && c == '\n';
            first_word_ = true;
        } else if (c == '#') {
            comment_ = at_;
            at_ = std::min(text_.find('\n', at_), text_.size());
            if (at_ < text_.size()) comment_ = text_.size();
        } else if (c == '=') {
            ++at_;
            after_equals_ = true;
            // No list has a key: its end is missing, and the value may be a secret.
            if (!brackets_.empty() && brackets_.back() == '[') harmless_list_ = 0;
            harmless_ = std::ranges::count(harmless_keys, key_) != 0;
            begins_harmless_list_ = std::ranges::count(harmless_lists, key_) != 0;
            key_ = {};
        } else if (c == '"' || c == '\'') {
            string(c);
        } else if (in_value() && (c == '[' || c == '{')) {
            ++at_;
            brackets_.push_back(c);
            if (begins_harmless_list_ && c == '[') harmless_list_ = brackets_.size();
            after_equals_ = harmless_ = begins_harmless_list_ = false;
            first_word_ = true;
        } else if (!brackets_.empty() && (c == ']' || c == '}')) {
            ++at_;
            const bool matches = (c == ']') == (brackets_.back() == '[');
            if (harmless_list_ == brackets_.size() || !matches) harmless_list_ = 0;
            brackets_.pop_back();
            after_equals_ = true;  // the rest of this line is not a key
        } else if (is_word(c)) {
            word();
        } else {
            ++at_;
        }
    }

    void string(char quote) {
        const bool value = in_value();
        const bool three = value && text_.substr(at_, 3) == std::string(3, quote);
        const std::size_t begin = at_ += three ? 3 : 1;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\' && quote == '"')
                ++at_;
            else if (text_[at_] == quote && (!three || text_.substr(at_, 3) == std::string(3, quote)))
                break;
            else if (text_[at_] == '\n' && !three)
                break;
        }
        const std::size_t end = at_ = std::min(at_, text_.size());
        if (at_ < text_.size() && text_[at_] == quote) at_ += three ? 3 : 1;
        const bool harmless =
            std::exchange(harmless_, false) || (harmless_list_ > 0 && harmless_list_ == brackets_.size());
        if ((value && !harmless) || (!value && !is_key())) mask(begin, end);
        first_word_ = false;
    }

    // Missing quotes and a missing equals sign are common mistakes, and the value may be a
    // secret.  A short word is more likely a number, true or false.
    void word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        const bool key = !in_value() && (first_word_ || text_[begin] == '.');
        key_ = key ? text_.substr(begin, at_ - begin) : std::string_view();
        if (!key && at_ - begin >= 6) mask(begin, at_);
        first_word_ = false;
    }

    /// Returns whether the following text shows that a quoted key has just ended.
    bool is_key() const {
        const std::size_t next = text_.find_first_not_of(" \t", at_);
        return next != std::string_view::npos &&
               std::string_view("=.]").find(text_[next]) != std::string_view::npos;
    }

    static bool is_word(char c) {
        return std::string_view(" \t\r\n,[]{}#\"'=").find(c) == std::string_view::npos;
    }

    void mask(std::size_t begin, std::size_t end) {
        const std::string_view content = text_.substr(begin, end - begin);
        if (content.starts_with("file:") || content.starts_with("credential:")) return;
        if (content.starts_with("env:")) {
            const std::size_t fallback = content.find(":-");
            if (fallback == std::string_view::npos) return;
            begin += fallback + 2;
        }
        if (begin < end) masks_.push_back({begin, end});
    }

    const std::string_view text_;
    std::size_t at_ = 0, comment_ = text_.size();
    bool after_equals_ = false;
    bool first_word_ = true;  // the first word of a key
    std::string_view key_;    // the last key without quotes, before its equals sign
    bool harmless_ = false;   // the next string is the value of a harmless key
    bool begins_harmless_list_ = false;
    std::string brackets_;
    std::size_t harmless_list_ = 0;  // the depth of the list of a harmless key; 0: outside of one
    std::vector<Range> masks_;
};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The byte at which `column`, counted in code points from 1, begins.
std::size_t byte_of(std::string_view line, std::uint32_t column) {
    std::size_t at = 0;
    for (std::uint32_t n = 1; n < column && at < line.size(); ++n) do
            ++at;
        while (at < line.size() && continues(line[at]));
    return at;
}

}  // namespace

std::string excerpt(std::string_view text, const SourceLocation& place) {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < place.line; ++line) {
        begin = text.find('\n', begin);
        if (begin == std::string_view::npos) return {};
        ++begin;
    }
    if (place.line == 0) return {};
    const std::size_t line_end = std::min(text.find('\n', begin), text.size());
    const Masker masker(text.substr(0, line_end));
    // A comment may contain an old secret.
    std::string_view line = text.substr(begin, std::max(masker.comment(), begin) - begin);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
        line.remove_suffix(1);
    const std::size_t caret = byte_of(line, place.column);

    std::vector<bool> hidden(line.size());
    auto hide = [&](std::size_t from, std::size_t to, bool value) {
        for (std::size_t at = from; at < std::min(to, line.size()); ++at) hidden[at] = value;
    };
    for (const Range& range : masker.masks())
        if (range.end > begin) hide(std::max(range.begin, begin) - begin, range.end - begin, true);
    const std::size_t value_end =
        place.end_line == place.line ? byte_of(line, place.end_column) : line.size();
    const bool is_string = caret < line.size() && (line[caret] == '"' || line[caret] == '\'');
    if (place.show == SourceLocation::Show::always) hide(caret, value_end, false);
    if (place.show == SourceLocation::Show::never && !is_string) hide(caret, value_end, true);

    // A very long line is cut around the caret.
    constexpr std::size_t before = 100, width = 160;
    std::size_t from = caret > before ? caret - before : 0, to = std::min(line.size(), from + width);
    while (from > 0 && from < line.size() && continues(line[from])) ++from;
    while (to < line.size() && continues(line[to])) ++to;

    std::string shown = from > 0 ? "..." : "", under = from > 0 ? "   " : "";
    for (std::size_t at = from; at < to; ++at) {
        const char c = line[at];
        const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
        if (!hidden[at] || c == '\t')
            shown += control ? '?' : c;
        else if (!continues(c))
            shown += '*';
        if (at < caret && !continues(c)) under += c == '\t' ? '\t' : ' ';
    }
    if (to < line.size()) shown += "...";
    return "\n    " + shown + "\n    " + under + "^";
}

}  // namespace gatehouse::core
