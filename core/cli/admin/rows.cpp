// SPDX-License-Identifier: Apache-2.0
#include "core/cli/admin/rows.hpp"

#include "core/cli/output.hpp"

#include <gatehouse/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace gatehouse::core {

namespace {

using Row = std::vector<std::string>;

// Limits of a table for people: the document is that of another process.
constexpr std::size_t most_columns = 100, widest_cell = 200;

/// A string without quotes, a list with commas, another value as it is.
std::string cell(const JsonValue& value) {
    if (value.is(JsonType::array)) {
        std::string text;
        for (const JsonValue one : value.items()) text += (text.empty() ? "" : ",") + cell(one);
        return text;
    }
    return without_controls(value.string().value_or(value ? std::string(value.raw()) : std::string()));
}

/// The same for people: the member `name` may be a time.
std::string cell(std::string_view name, const JsonValue& value) {
    const auto seconds = name.ends_with("_at") || name.ends_with("_until") ? value.integer() : std::nullopt;
    std::string date = seconds ? date_of(*seconds) : std::string();
    return date.empty() ? cell(value) : date;
}

JsonValue first_list(const JsonValue& document) {
    for (const JsonMember member : document.members())
        if (member.value.is(JsonType::array)) return member.value;
    return {};
}

std::vector<std::string> members_of(const JsonValue& list) {
    std::vector<std::string> names;
    for (const JsonValue row : list.items())
        for (const JsonMember member : row.members())
            if (names.size() < most_columns && std::ranges::count(names, member.key) == 0)
                names.emplace_back(member.key);
    return names;
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// At most widest_cell characters.
std::string narrow(std::string text) {
    std::size_t left = widest_cell;
    for (std::size_t at = 0; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && left-- == 0)
            return text.substr(0, at) + "...";
    return text;
}

std::string as_table(std::vector<Row> rows) {
    for (Row& row : rows)
        for (std::string& text : row) text = narrow(std::move(text));
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
    std::string out;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size()) out.append(widths[i] + 2 - characters(row[i]), ' ');
        }
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

/// RFC 4180.  A text that a spreadsheet would compute is marked as text.
std::string as_csv(const std::vector<Row>& rows) {
    std::string out;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::string text = row[i];
            const bool formula =
                !text.empty() && std::string_view("=+-@").find(text.front()) != std::string::npos;
            const bool number = text.find_first_not_of("-.0123456789") == std::string::npos;
            if (formula && !number) text.insert(0, "'");
            if (text.find_first_of(",\"") != std::string::npos) {
                for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2)
                    text.insert(at, "\"");
                text = '"' + text + '"';
            }
            out += (i > 0 ? "," : "") + text;
        }
        out += "\r\n";
    }
    return out;
}

}  // namespace

std::string date_of(std::int64_t seconds) {
    constexpr std::int64_t last = 253'402'300'799;  // in the year 9999
    if (seconds == 0) return "never";
    if (seconds < 0 || seconds > last) return {};
    const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
    return text;
}

std::string rows_of(std::string_view document, RowFormat format, const std::vector<std::string>& columns) {
    if (format == RowFormat::json) return std::string(document) + "\n";
    const JsonValue list = first_list(JsonValue::unchecked(document));
    std::vector<Row> rows = {columns.empty() ? members_of(list) : columns};
    for (const JsonValue row : list.items()) {
        Row cells;
        for (const std::string& name : rows.front())
            cells.push_back(format == RowFormat::table ? cell(name, row[name]) : cell(row[name]));
        rows.push_back(std::move(cells));
    }
    for (std::string& name : rows.front()) name = without_controls(name);
    if (rows.size() == 1 && format == RowFormat::table) return "nothing found\n";
    return format == RowFormat::table ? as_table(std::move(rows)) : as_csv(rows);
}

std::string lines_of(std::string_view document) {
    std::vector<Row> rows;
    for (const JsonMember member : JsonValue::unchecked(document).members())
        rows.push_back({without_controls(member.key), cell(member.key, member.value)});
    return rows.empty() ? std::string() : as_table(std::move(rows));
}

}  // namespace gatehouse::core
