// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/time_zone.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>

namespace gatehouse::quota {

namespace {

constexpr const char* folder = "/usr/share/zoneinfo/";
constexpr std::size_t most_bytes = 1'048'576;

Error damaged() { return {ErrorKind::bad_config, "the time zone's file is damaged"}; }

bool is_zone_name(std::string_view name) {
    const auto is_good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
               c == '_' || c == '-' || c == '+';
    };
    return !name.empty() && name.size() < 100 && name.front() != '/' && std::ranges::all_of(name, is_good);
}

/// Big-endian numbers of a file, with bounds.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::int64_t number(std::size_t size) {
        if (rest_.size() < size) return fail();
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(size);
        return size == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value);
    }
    void skip(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size())
            fail();
        else
            rest_.remove_prefix(static_cast<std::size_t>(size));
    }
    bool good() const { return good_; }
    std::string_view rest() const { return rest_; }

private:
    std::int64_t fail() {
        good_ = false;
        rest_ = {};
        return 0;
    }
    std::string_view rest_;
    bool good_ = true;
};

struct BlockSizes {
    std::int64_t utc, standard, leaps, times, types, letters;
};

/// The header of a block; nothing if it is not one.
std::optional<BlockSizes> header(Reader& file) {
    if (!file.rest().starts_with("TZif")) return std::nullopt;
    file.skip(20);
    BlockSizes counts{};
    for (auto* count :
         {&counts.utc, &counts.standard, &counts.leaps, &counts.times, &counts.types, &counts.letters})
        *count = file.number(4);
    const auto all = {counts.utc, counts.standard, counts.leaps, counts.times, counts.types, counts.letters};
    if (!file.good() || std::ranges::any_of(all, [](auto count) { return count < 0 || count > 100'000; }))
        return std::nullopt;
    return counts;
}

/// The text at the end of a file, a TZ variable of POSIX: "CET-1CEST,M3.5.0,M10.5.0/3".
class RuleReader {
public:
    explicit RuleReader(std::string_view text) : rest_(text) {}

    std::optional<TimeZone::Rule> read() {
        TimeZone::Rule rule;
        skip_name();
        rule.standard = rule.summer = -time();
        if (rest_.empty()) return good_ ? std::optional(rule) : std::nullopt;
        skip_name();
        rule.summer = rest_.starts_with(',') ? rule.standard + 3'600 : -time();
        rule.begin = change();
        rule.end = change();
        return good_ && rest_.empty() ? std::optional(rule) : std::nullopt;
    }

private:
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_name() {
        const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        if (take('<')) {
            rest_.remove_prefix(std::min(rest_.find('>'), rest_.size() - 1) + 1);
        } else {
            while (!rest_.empty() && is_letter(rest_.front())) rest_.remove_prefix(1);
        }
    }
    int number() {
        int value = 0;
        const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (read.ec != std::errc() || value < 0) good_ = false;
        rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
        return value;
    }
    Seconds time() {
        const bool minus = take('-');
        if (!minus) take('+');
        Seconds seconds = Seconds{number()} * 3'600;
        if (take(':')) seconds += Seconds{number()} * 60;
        if (take(':')) seconds += number();
        return minus ? -seconds : seconds;
    }
    TimeZone::Change change() {
        TimeZone::Change change;
        good_ = good_ && take(',') && take('M');  // the database has no other form today
        if (!good_) return change;
        change.month = number();
        good_ = good_ && take('.');
        change.week = number();
        good_ = good_ && take('.');
        change.day = number();
        if (take('/')) change.time = time();
        good_ = good_ && change.month >= 1 && change.month <= 12 && change.week >= 1 && change.week <= 5 &&
                change.day <= 6;
        return change;
    }

    std::string_view rest_;
    bool good_ = true;
};

/// The change in `year`, as a local clock shows it.
Seconds local_time(const TimeZone::Change& change, std::chrono::year year) {
    namespace chrono = std::chrono;
    const chrono::month month(static_cast<unsigned>(change.month));
    const chrono::weekday weekday(static_cast<unsigned>(change.day));
    const chrono::sys_days date =
        change.week == 5 ? chrono::sys_days(year / month / weekday[chrono::last])
                         : chrono::sys_days(year / month / weekday[static_cast<unsigned>(change.week)]);
    return date.time_since_epoch().count() * seconds_per_day + change.time;
}

}  // namespace

Result<TimeZone> TimeZone::find(const std::string& name) {
    if (name == "UTC") return TimeZone();
    std::ifstream file;
    if (is_zone_name(name)) file.open(folder + name, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!bytes.starts_with("TZif") || bytes.size() > most_bytes)
        return Error{ErrorKind::bad_config, "there is no time zone \"" + name.substr(0, 100) + "\" in " +
                                                folder +
                                                "; expected a name such as \"Europe/Berlin\" or \"UTC\""};
    return parse(bytes);
}

Result<TimeZone> TimeZone::parse(std::string_view bytes) {
    Reader file(bytes);
    const bool is_old = bytes.size() < 5 || bytes[4] < '2';
    auto counts = header(file);
    if (!counts || is_old) return damaged();
    // The first block has times of 32 bits; the second one is the same with 64 bits.
    file.skip(counts->times * 5 + counts->types * 6 + counts->letters + counts->leaps * 8 + counts->standard +
              counts->utc);
    counts = header(file);
    if (!counts || counts->types == 0) return damaged();
    TimeZone zone;
    for (std::int64_t i = 0; i < counts->times; ++i) zone.times_.push_back(file.number(8));
    std::vector<std::size_t> types = {0};
    for (std::int64_t i = 0; i < counts->times; ++i)
        types.push_back(static_cast<std::size_t>(file.number(1) & 0xff));
    std::vector<Seconds> offsets;
    for (std::int64_t i = 0; i < counts->types; ++i) {
        offsets.push_back(file.number(4));
        file.skip(2);
    }
    file.skip(counts->letters + counts->leaps * 12 + counts->standard + counts->utc + 1);
    for (const std::size_t type : types) {
        if (type >= offsets.size()) return damaged();
        zone.offsets_.push_back(offsets[type]);
    }
    const std::string_view text = file.rest().substr(0, file.rest().find('\n'));
    if (!file.good() || !std::ranges::is_sorted(zone.times_)) return damaged();
    const auto rule = RuleReader(text).read();
    if (!text.empty() && !rule) return damaged();
    zone.rule_ = rule.value_or(Rule{.standard = zone.offsets_.back(), .summer = zone.offsets_.back()});
    return zone;
}

Seconds TimeZone::offset(Seconds utc) const {
    const auto next = std::ranges::upper_bound(times_, utc);
    if (next == times_.end()) return offset_by_rule(utc);
    return offsets_[static_cast<std::size_t>(next - times_.begin())];
}

Seconds TimeZone::offset_by_rule(Seconds utc) const {
    namespace chrono = std::chrono;
    if (!rule_.begin || !rule_.end) return rule_.standard;
    const auto today =
        chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(utc + rule_.standard)));
    const chrono::year year = chrono::year_month_day(today).year();
    const Seconds begin = local_time(*rule_.begin, year) - rule_.standard;
    const Seconds end = local_time(*rule_.end, year) - rule_.summer;
    // In the south, summer time begins late in the year and ends early in it.
    const bool is_summer = begin < end ? begin <= utc && utc < end : !(end <= utc && utc < begin);
    return is_summer ? rule_.summer : rule_.standard;
}

// No zone has two changes within two days.
Seconds TimeZone::to_utc(Seconds local) const {
    const Seconds before = offset(local - seconds_per_day), after = offset(local + seconds_per_day);
    if (const Seconds utc = local - before; offset(utc) == before) return utc;
    if (const Seconds utc = local - after; offset(utc) == after) return utc;
    Seconds low = local - seconds_per_day, high = local + seconds_per_day;  // the change is in (low, high]
    while (high - low > 1) {
        const Seconds middle = low + (high - low) / 2;
        (offset(middle) == after ? high : low) = middle;
    }
    return high;
}

}  // namespace gatehouse::quota
