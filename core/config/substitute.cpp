// SPDX-License-Identifier: Apache-2.0
// Replaces strings of the configuration; see substitute.hpp.
#include "core/config/substitute.hpp"

#include "core/util/ascii.hpp"
#include "core/util/text_file.hpp"

#include <algorithm>
#include <cstdlib>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_value_bytes = 1024 * 1024;

Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

bool is_variable_name(std::string_view name) {
    return !name.empty() && !is_digit(name[0]) &&
           std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

/// An empty variable counts as unset, as with the shell's `:-`.
const char* variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value && *value ? value : nullptr;
}

Result<std::string> below_home(std::string_view text) {
    if (!text.starts_with("~/")) return std::string(text);
    const char* home = variable("HOME");
    if (!home) return refused("\"~/\" needs the environment variable HOME, which is not set");
    return home + std::string(text.substr(1));
}

Result<std::string> content(const ConfigFile& file, std::string_view name) {
    if (name.empty()) return refused("\"file:\" must be followed by a path, such as file:/run/secrets/key");
    auto path = below_home(name);
    if (!path) return path.error();
    const std::filesystem::path resolved = file.resolve(*path);
    auto text = read_text_file(resolved, max_value_bytes);
    if (!text) return refused("cannot read " + resolved.string() + ": " + text.error().message);
    if (text->ends_with('\n')) text->resize(text->size() - (text->ends_with("\r\n") ? 2 : 1));
    if (text->find('\0') != std::string::npos)
        return refused(resolved.string() + " is not text: it has a NUL byte");
    return text;
}

}  // namespace

std::filesystem::path origin(const ConfigFile& file, std::string_view text) {
    while (text.starts_with("env:")) {
        const std::size_t colon = text.find(":-");
        if (colon == std::string_view::npos || variable(std::string(text.substr(4, colon - 4)))) return {};
        text.remove_prefix(colon + 2);
    }
    if (!text.starts_with("file:"))
        return text.starts_with("sha256:") ? std::filesystem::path() : file.path();
    auto path = below_home(text.substr(5));
    return path ? file.resolve(*path) : std::filesystem::path();
}

Result<std::string> substitute(const ConfigFile& file, std::string_view text) {
    while (text.starts_with("env:")) {
        text.remove_prefix(4);
        const std::size_t colon = text.find(":-");
        const std::string name(text.substr(0, colon));
        if (!is_variable_name(name))
            return refused(
                "\"env:\" must be followed by the name of an environment variable, such as env:MY_REGION");
        if (const char* value = variable(name)) return below_home(value);
        if (colon == std::string_view::npos)
            return refused("the environment variable " + name + " is " +
                           (std::getenv(name.c_str()) ? "empty" : "not set") +
                           "; set it, or give a default: \"env:" + name + ":-...\"");
        text.remove_prefix(colon + 2);
    }
    return text.starts_with("file:") ? content(file, text.substr(5)) : below_home(text);
}

}  // namespace gatehouse::core
