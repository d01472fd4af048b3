// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/masker.hpp"

#include <algorithm>

namespace gatehouse::redact {

namespace {

// A large piece is processed in parts, so that text_ stays small.
constexpr std::size_t part_bytes = 64 * 1024;

// A longer delayed text is scanned again only after it has grown by held() / patience, so that
// the total time stays proportional to its length.
constexpr std::size_t patient_bytes = 4096, patience = 64;

// Sent bytes that stay in text_, to know whether a word begins here.
constexpr std::size_t context_bytes = 4;

// Returns the size of `text` without an incomplete character at its end.
std::size_t complete(std::string_view text) {
    std::size_t at = text.size();
    for (int back = 1; back <= 3 && at > 0; ++back) {
        const auto c = static_cast<unsigned char>(text[--at]);
        if (c < 0x80) break;
        if (c < 0xC0) continue;
        const int length = c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF8 ? 4 : 1;
        return length > back ? at : text.size();
    }
    return text.size();
}

}  // namespace

Masker::Masker(const Rules& rules, Tally& tally)
    : rules_(rules), tally_(tally), cursors_(rules.all().size()) {}

void Masker::feed(std::string_view piece, Output& out) {
    do {
        text_ += piece.substr(0, part_bytes);
        piece.remove_prefix(std::min(piece.size(), part_bytes));
        if (held() > patient_bytes && text_.size() - seen_ < held() / patience) continue;
        scan(false, out);
    } while (!piece.empty());
}

void Masker::release(Output& out) {
    if (held() == 0) return;
    // These matches are temporary, because more text may extend them.
    const auto cursors = cursors_;
    const auto matches = matches_;
    const std::size_t end = complete(text_);
    find_all(std::string_view(text_).substr(0, end), 0, true);
    send(end, out);
    cursors_ = cursors;
    matches_ = matches;
}

void Masker::finish(Output& out) {
    scan(true, out);
    text_.clear();
    sent_ = covered_ = seen_ = 0;
    std::fill(cursors_.begin(), cursors_.end(), 0);
    matches_.clear();
}

void Masker::scan(bool is_end, Output& out) {
    const std::size_t end = is_end ? text_.size() : complete(text_);
    const std::string_view text = std::string_view(text_).substr(0, end);
    seen_ = text_.size();
    const std::size_t window = end > longest_secret ? end - longest_secret : 0;

    // Most texts have no match: one search with all rules together shows that.
    const auto [first_cursor, last_cursor] = std::minmax_element(cursors_.begin(), cursors_.end());
    if (matches_.empty() && *first_cursor == *last_cursor) {
        const std::size_t from = *first_cursor;
        const std::size_t hold = is_end ? end : rules_.hold(text, std::max(from, window));
        if (hold <= from || rules_.first(text, from) >= hold) {
            send(hold, out);
            std::fill(cursors_.begin(), cursors_.end(), std::max(from, hold));
            return forget();
        }
    }
    send(find_all(text, window, is_end), out);
    forget();
}

/// Adds the matches that later bytes cannot change.  Returns the end of the decided text.
std::size_t Masker::find_all(std::string_view text, std::size_t window, bool is_end) {
    std::size_t decided = text.size();
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
        const Rules::Rule& rule = rules_.all()[i];
        std::size_t& cursor = cursors_[i];
        auto hold = [&] { return is_end ? text.size() : rule.pattern->hold(text, std::max(cursor, window)); };
        std::size_t limit = hold();
        while (cursor < limit) {
            const auto match = rule.pattern->find(text, cursor);
            if (!match || match->begin >= limit) break;
            tally_.found[rule.name] = true;
            matches_.push_back({match->begin, match->end, rule.name});
            cursor = rule.pattern->after(text, *match);
            if (cursor > limit) limit = hold();
        }
        cursor = std::max(cursor, limit);
        decided = std::min(decided, limit);
    }
    // The longest of the matches that begin at the same place comes first and gives the name.
    std::stable_sort(matches_.begin(), matches_.end(), [](const Match& a, const Match& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    return decided;
}

void Masker::send(std::size_t limit, Output& out) {
    auto match = matches_.begin();
    for (; match != matches_.end() && match->begin < limit; ++match) {
        if (match->begin >= covered_) {
            send_bytes(match->begin, out);
            if (match->end > sent_) {
                out.mask(rules_.mask(match->name));
                ++tally_.masked[match->name];
            }
        }
        covered_ = std::max(covered_, match->end);
    }
    matches_.erase(matches_.begin(), match);
    send_bytes(limit, out);
}

void Masker::send_bytes(std::size_t limit, Output& out) {
    const std::string_view text = text_;
    auto upto = [&](std::size_t end, auto&& tell) {
        if (end <= sent_) return;
        tell(text.substr(sent_, end - sent_));
        sent_ = end;
    };
    upto(std::min(covered_, limit), [&](std::string_view bytes) { out.hidden(bytes); });
    upto(limit, [&](std::string_view bytes) { out.plain(bytes); });
}

void Masker::forget() {
    const std::size_t first = std::min(sent_, *std::min_element(cursors_.begin(), cursors_.end()));
    if (first <= context_bytes) return;
    const std::size_t gone = first - context_bytes;
    text_.erase(0, gone);
    sent_ -= gone;
    seen_ -= gone;
    covered_ -= std::min(covered_, gone);
    for (std::size_t& cursor : cursors_) cursor -= gone;
    for (Match& match : matches_) match.begin -= gone, match.end -= gone;
}

std::string masked(const Rules& rules, Tally& tally, std::string_view text) {
    if (rules.first(text, 0) == std::string_view::npos) return std::string(text);
    std::string out;
    out.reserve(text.size());
    TextOutput output(out);
    Masker masker(rules, tally);
    masker.feed(text, output);
    masker.finish(output);
    return out;
}

}  // namespace gatehouse::redact
