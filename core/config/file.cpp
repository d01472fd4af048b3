// SPDX-License-Identifier: Apache-2.0
// Reads and parses a configuration file; see file.hpp.
#include "core/config/file.hpp"

#include "core/config/document.hpp"
#include "core/config/excerpt.hpp"
#include "core/config/quoted_names.hpp"
#include "core/util/ascii.hpp"
#include "core/util/text_file.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_file_bytes = 4 * 1024 * 1024;

std::string located(const std::filesystem::path& path, std::string_view text, const SourceLocation& place,
                    const std::string& message) {
    std::string out = path.string();
    if (place.line) out += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
    return out + ": " + message + excerpt(text, place);
}

std::string syntax_message(std::string_view description) {
    std::string text = "not valid TOML: ";
    text += lower_case(description.substr(0, 1));
    text += description.substr(std::min<std::size_t>(1, description.size()));
    // The unexpected character may be a control character, which would affect the terminal.
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    // A number may be a secret without quotes.
    const std::size_t open = text.find('\'');
    const std::size_t close = open == std::string::npos ? open : text.find('\'', open + 1);
    if (close != std::string::npos && close - open > 2 &&
        std::string_view("+-0123456789").find(text[open + 1]) != std::string_view::npos)
        text.replace(open, close + 1 - open, "the number");
    if (text.find("error while parsing string: unescaped control characters") != std::string::npos)
        return "not valid TOML: the string has no closing quote in its line, or contains a control character";
    if (text.ends_with("could not determine value type")) text += "; a string needs quotes";
    return text;
}

/// Returns the location of a byte.
SourceLocation place_at(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto line = static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1);
    const auto column = static_cast<std::uint32_t>(at - line_start + 1);
    return {.line = line, .column = column};
}

}  // namespace

std::vector<std::pair<const toml::key*, const toml::node*>> in_order(const toml::table& table) {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (auto entry = table.begin(); entry != table.end(); ++entry)
        entries.emplace_back(&entry->first, &entry->second);
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
        const auto& x = a.first->source().begin;
        const auto& y = b.first->source().begin;
        return std::pair(x.line, x.column) < std::pair(y.line, y.column);
    });
    return entries;
}

const char* description(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "a list";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "an integer";
        case toml::node_type::floating_point: return "a number with a fraction";
        case toml::node_type::boolean: return "true or false";
        case toml::node_type::date: return "a date";
        case toml::node_type::time: return "a time of day";
        case toml::node_type::date_time: return "a date and time";
        case toml::node_type::none: break;
    }
    return "nothing";
}

Result<ConfigFile> ConfigFile::read(const std::filesystem::path& path) {
    auto text = read_text_file(path, max_file_bytes);
    if (!text) return Error{ErrorKind::bad_config, path.string() + ": " + text.error().message};
    return parse(*std::move(text), path);
}

Result<ConfigFile> ConfigFile::parse(std::string text, const std::filesystem::path& path) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);  // a byte order mark
    if (const std::size_t nul = text.find('\0'); nul != std::string::npos)
        return Error{ErrorKind::bad_config, located(path, text, place_at(text, nul),
                                                    "a NUL byte; a configuration is text in UTF-8")};
    try {
        toml::table root = toml::parse(std::string_view(text), std::string_view());
        return ConfigFile(std::make_shared<Document>(Document{path, std::move(text), std::move(root)}));
    } catch (const toml::parse_error& failure) {
        return Error{ErrorKind::bad_config,
                     located(path, text, place_of(failure.source()),
                             syntax_message(failure.description()) +
                                 hint_for_name(text, failure.source().begin, failure.description()))};
    }
}

const std::filesystem::path& ConfigFile::path() const { return document_->path; }

std::filesystem::path ConfigFile::resolve(const std::filesystem::path& path) const {
    return path.is_absolute() ? path : document_->path.parent_path() / path;
}

Error ConfigFile::error(const SourceLocation& place, const std::string& message) const {
    return {ErrorKind::bad_config, located(document_->path, document_->text, place, message)};
}

}  // namespace gatehouse::core
