// SPDX-License-Identifier: Apache-2.0
// Sums of a ledger: a file with one line of JSON for each request, which has `time_ms`, `client`,
// `client_name` if `client` is an id, `groups`, `model`, `status`, `prompt_tokens`, `completion_tokens`,
// `cost` (a decimal number in a string), `currency`, and `attempts` with a `route` each.  Absent members are
// 0 or empty.  The file may be damaged: memory is bounded, sums end at the largest number, and lines that are
// not of a ledger are counted. No interface uses this header.  Not synchronized.
#pragma once

#include "gatehouse/cost.hpp"
#include "gatehouse/json.hpp"
#include "gatehouse/json_writer.hpp"
#include "gatehouse/result.hpp"
#include "gatehouse/text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <istream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

namespace detail {

/// Billionths of a decimal number such as "12.000345"; 0 for another text.
inline std::int64_t nanos_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t nanos = 0, digits_left = -1;
    for (const char c : text) {
        if (c == '.' && digits_left < 0) {
            digits_left = 9;
            continue;
        }
        if (c < '0' || c > '9' || nanos > std::int64_t{900'000'000'000'000'000}) return 0;
        if (digits_left == 0) continue;
        nanos = nanos * 10 + (c - '0');
        if (digits_left > 0) --digits_left;
    }
    for (std::int64_t i = digits_left < 0 ? 9 : digits_left; i > 0; --i) {
        if (nanos > std::int64_t{900'000'000'000'000'000}) return 0;
        nanos *= 10;
    }
    return negative ? -nanos : nanos;
}

/// The sum, or the nearest number to it.
inline std::int64_t sum_of(std::int64_t a, std::int64_t b) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) return a < 0 ? -most : most;
    return std::max(sum, -most);
}

/// The last moment of the year 9999 in Unix milliseconds.
inline constexpr std::int64_t last_ms = 253'402'300'799'999;

/// "2026-11-15", in UTC.
inline std::string utc_day_of(std::int64_t time_ms) {
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time_ms)));
    const std::chrono::year_month_day date(day);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

}  // namespace detail

/// A moment in Unix milliseconds: "7d", "24h", "30m" or "2w" before `now_ms`, a date such as "2026-11-15" in
/// UTC, or Unix seconds.
inline Result<std::int64_t> spend_time(std::string_view text, std::int64_t now_ms) {
    const Error wrong{.kind = ErrorKind::bad_request,
                      .message = "expected a time such as 7d, 24h, 2026-11-15 or Unix seconds"};
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
        auto number = [&](std::size_t at, std::size_t size) {
            int value = -1;
            const auto read = std::from_chars(text.data() + at, text.data() + at + size, value);
            return read.ptr == text.data() + at + size ? value : -1;
        };
        const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                               std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                               std::chrono::day(static_cast<unsigned>(number(8, 2))));
        if (!date.ok()) return wrong;
        return std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400'000};
    }
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
    if (read.ec != std::errc() || value < 0 || value > 100'000'000'000) return wrong;
    if (unit.empty()) return value * 1'000;
    static constexpr std::pair<std::string_view, std::int64_t> units[] = {
        {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}};
    for (const auto& [name, ms] : units)
        if (unit == name && value < 1'000'000) return now_ms - value * ms;
    return wrong;
}

class SpendSums {
public:
    /// `by`: words of key, group, model, route, status, day and month, with commas; empty: one sum of all.
    /// Lines from `since_ms` on and before `until_ms` count.
    static Result<SpendSums> make(std::string_view by, std::int64_t since_ms, std::int64_t until_ms) {
        SpendSums sums;
        sums.since_ms_ = since_ms;
        sums.until_ms_ = until_ms;
        static constexpr std::string_view known[] = {"key",    "group", "model", "route",
                                                     "status", "day",   "month"};
        while (!by.empty()) {
            const std::string_view word = by.substr(0, by.find(','));
            by.remove_prefix(std::min(word.size() + 1, by.size()));
            if (std::ranges::count(known, word) == 0 || std::ranges::count(sums.by_, word) > 0)
                return Error{
                    .kind = ErrorKind::bad_request,
                    .message =
                        "by has words of key, group, model, route, status, day and month, with commas"};
            sums.by_.emplace_back(word);
        }
        return sums;
    }

    /// A line of the file.  Text that is not a line of a ledger is counted as invalid.
    void add(std::string_view line) {
        if (line.find_first_not_of(" \t\r\n") == line.npos) return;
        const auto read = read_json(line);
        const auto time = read ? (*read)["time_ms"].integer() : std::nullopt;
        if (!time || *time < 0 || *time > detail::last_ms) {
            ++invalid_;
            return;
        }
        begins_ms_ = std::min(begins_ms_, *time);
        if (*time < since_ms_ || *time >= until_ms_) return;
        // The currency is the last of the names.
        std::vector<std::string> names;
        add(*read, *time, 0, names, nullptr);
    }

    /// All lines of a file.  A line of more than 1 MiB is invalid.  Blocks.
    void add_lines(std::istream& file) {
        constexpr std::size_t longest_line = 1'048'576;
        std::string piece(65'536, '\0'), line;
        bool too_long = false;
        auto end_line = [&] {
            if (too_long)
                ++invalid_;
            else
                add(line);
            line.clear();
            too_long = false;
        };
        while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
            std::string_view rest(piece.data(), static_cast<std::size_t>(file.gcount()));
            for (std::size_t end; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
                if (too_long = too_long || line.size() + end > longest_line; !too_long)
                    line.append(rest.substr(0, end));
                end_line();
            }
            if (too_long = too_long || line.size() + rest.size() > longest_line; !too_long) line.append(rest);
        }
        end_line();
    }

    /// {"currency":"USD","rows":[{"key":"ci","requests":2,…,"cost":"0.0056"}]}, the dearest first.  A key
    /// with an id has its last `name` too.  Sums by route have `attempts` in place of `requests`, because a
    /// request may ask several routes, or one several times.  If the lines have several currencies, each row
    /// has the sum of one `currency`, and that of the object is empty.  `begins_at`, in Unix seconds, is the
    /// time of the oldest of all lines, absent without one.  `invalid_lines` counts damaged lines.
    std::string json() const {
        const std::set<std::string> currencies = named_currencies();
        const bool one = currencies.size() <= 1;
        std::map<std::vector<std::string>, Sum> merged;
        if (one)
            for (const auto& [names, sum] : sums_) merged[{names.begin(), names.end() - 1}].add(sum);
        std::vector<std::pair<std::vector<std::string>, Sum>> rows(one ? merged.begin() : sums_.begin(),
                                                                   one ? merged.end() : sums_.end());
        std::ranges::stable_sort(rows, [&](const auto& a, const auto& b) {
            if (!one && a.first.back() != b.first.back()) return a.first.back() < b.first.back();
            return a.second.cost > b.second.cost;
        });
        const bool by_attempts = std::ranges::count(by_, "route") > 0;
        std::string out;
        JsonWriter json(out);
        json.begin_object().member("currency",
                                   one && !currencies.empty() ? *currencies.begin() : std::string());
        json.key("rows").begin_array();
        for (const auto& [names, sum] : rows) {
            json.begin_object();
            for (std::size_t i = 0; i < by_.size(); ++i) {
                json.member(by_[i], names[i]);
                if (by_[i] == "key" && !names_.empty()) json.member("name", name_of_key(names[i]));
            }
            if (!one) json.member("currency", names.back());
            json.member(by_attempts ? "attempts" : "requests", sum.requests);
            json.member("prompt_tokens", sum.prompt);
            json.member("completion_tokens", sum.completion).member("cost", decimal_text(sum.cost));
            json.member(by_attempts ? "estimated_attempts" : "estimated_requests", sum.estimated);
            json.end_object();
        }
        json.end_array();
        if (begins_ms_ < detail::last_ms) json.member("begins_at", begins_ms_ / 1000);
        json.member("invalid_lines", invalid_).end_object();
        return out;
    }

private:
    struct Sum {
        std::int64_t requests = 0;  // or attempts
        std::int64_t prompt = 0, completion = 0, cost = 0, estimated = 0;

        void add(const Sum& other) {
            requests = detail::sum_of(requests, other.requests);
            prompt = detail::sum_of(prompt, other.prompt);
            completion = detail::sum_of(completion, other.completion);
            cost = detail::sum_of(cost, other.cost);
            estimated = detail::sum_of(estimated, other.estimated);
        }
    };
    static constexpr std::size_t most = 10'000, most_parts = 100, longest_name = 256;

    /// At most most_parts of them.
    template <typename Each>
    static void each_part(const JsonValue& list, Each&& each) {
        std::size_t left = most_parts;
        for (const JsonValue one : list.items()) {
            if (left-- == 0) return;
            each(one);
        }
    }

    static std::string name_in(const JsonValue& value) {
        return std::string(beginning(value.string().value_or(""), longest_name));
    }

    std::string name_of_key(const std::string& key) const {
        const auto found = names_.find(key);
        return found == names_.end() ? std::string() : found->second;
    }

    std::set<std::string> named_currencies() const {
        std::set<std::string> named;
        for (const auto& [names, sum] : sums_)
            if (!names.back().empty()) named.insert(names.back());
        return named;
    }

    /// The names from by_[at] on.  `attempt` has the numbers, if the sums are by route.
    void add(const JsonValue& line, std::int64_t time, std::size_t at, std::vector<std::string>& names,
             const JsonValue* attempt) {
        if (at == by_.size()) {
            names.push_back(name_in(line["currency"]));
            count(attempt ? *attempt : line, names);
            return names.pop_back();
        }
        auto next = [&](std::string name, const JsonValue* from) {
            names.push_back(std::move(name));
            add(line, time, at + 1, names, from);
            names.pop_back();
        };
        const std::string& word = by_[at];
        const std::string day = detail::utc_day_of(time);
        if (word == "route") {
            each_part(line["attempts"], [&](const JsonValue& one) { next(name_in(one["route"]), &one); });
        } else if (word == "group") {
            if (line["groups"].empty()) next("", attempt);
            each_part(line["groups"], [&](const JsonValue& group) { next(name_in(group), attempt); });
        } else if (word == "day" || word == "month") {
            next(word == "day" ? day : day.substr(0, 7), attempt);
        } else if (word == "status") {
            next(std::to_string(line["status"].integer().value_or(0)), attempt);
        } else if (word == "key") {
            const std::string key = name_in(line["client"]), name = name_in(line["client_name"]);
            if (!name.empty() && (names_.contains(key) || names_.size() < most)) names_[key] = name;
            next(key, attempt);
        } else {
            next(name_in(line["model"]), attempt);
        }
    }

    void count(const JsonValue& from, const std::vector<std::string>& names) {
        const bool fits = sums_.contains(names) || sums_.size() < most;
        Sum& sum = fits ? sums_[names] : sums_[others(names.back())];
        sum.add({.requests = 1,
                 .prompt = from["prompt_tokens"].integer().value_or(0),
                 .completion = from["completion_tokens"].integer().value_or(0),
                 .cost = detail::nanos_of(from["cost"].string().value_or("")),
                 .estimated = from["estimated"].boolean().value_or(false)});
    }

    /// The names of the sums that have no place of their own.  The currency stays, if it is one of a few.
    std::vector<std::string> others(const std::string& currency) {
        const bool stays = currencies_.contains(currency) || currencies_.size() < most_parts;
        std::vector<std::string> names(by_.size(), "(others)");
        names.push_back(stays ? currency : "(others)");
        currencies_.insert(names.back());
        return names;
    }

    std::vector<std::string> by_;
    std::int64_t since_ms_ = 0, until_ms_ = 0, invalid_ = 0;
    std::int64_t begins_ms_ = detail::last_ms;      // the time of the oldest line
    std::map<std::vector<std::string>, Sum> sums_;  // the last name is the currency
    std::set<std::string> currencies_;              // those of "(others)"
    std::map<std::string, std::string> names_;      // by the id of a key
};

}  // namespace gatehouse
