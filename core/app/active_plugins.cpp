// SPDX-License-Identifier: Apache-2.0
#include "core/app/active_plugins.hpp"

#include "core/plugin/library_copy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <string_view>

namespace gatehouse::core {

namespace {

constexpr char field_end = '\x1F', line_end = '\x1E';

constexpr std::array members = {&UsedPlugin::kind,    &UsedPlugin::instance, &UsedPlugin::name,
                                &UsedPlugin::version, &UsedPlugin::library,  &UsedPlugin::digest};

/// A text of a plugin or of the configuration may have the signs that separate the fields.
void add_field(std::string& text, std::string field) {
    std::ranges::replace_if(
        field, [](char c) { return c == field_end || c == line_end; }, ' ');
    text += field + field_end;
}

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

void PublishedPlugins::publish(const ActivePlugins& active) {
    std::string text;
    add_field(text, std::to_string(active.reloads));
    add_field(text, active.rejected);
    add_field(text, std::to_string(active.failed_upgrades));
    add_field(text, active.upgrade_failure);
    for (const std::string& warning : active.warnings) add_field(text, warning);
    text += line_end;
    for (const UsedPlugin& plugin : active.plugins) {
        for (const auto member : members) add_field(text, plugin.*member);
        text += line_end;
    }
    file_.write(text);
}

std::optional<ActivePlugins> active_plugins(pid_t process) {
    const std::string content = AnonymousFile::read(process, "gatehouse-plugins");
    if (content.empty()) return std::nullopt;
    std::string_view rest = content;
    ActivePlugins active;
    std::string_view first = take_field(rest, line_end);
    active.reloads = number_in(take_field(first, field_end));
    active.rejected = take_field(first, field_end);
    active.failed_upgrades = number_in(take_field(first, field_end));
    active.upgrade_failure = take_field(first, field_end);
    while (!first.empty()) active.warnings.emplace_back(take_field(first, field_end));
    while (!rest.empty()) {
        std::string_view line = take_field(rest, line_end);
        UsedPlugin& plugin = active.plugins.emplace_back();
        for (const auto member : members) plugin.*member = take_field(line, field_end);
    }
    return active;
}

std::vector<std::string> changed_libraries(const std::vector<UsedPlugin>& plugins) {
    std::vector<std::string> lines;
    std::set<std::string_view> seen;
    for (const UsedPlugin& plugin : plugins) {
        if (plugin.digest.empty() || !seen.insert(plugin.library).second) continue;
        if (sha256_of_file(plugin.library) != plugin.digest)
            lines.push_back(plugin.library + ": " + plugin.version + " runs, another file is on disk");
    }
    return lines;
}

}  // namespace gatehouse::core
