// SPDX-License-Identifier: Apache-2.0
// Replaces strings of the configuration; see substitute.hpp.
#include "core/config/substitute.hpp"

#include "core/util/ascii.hpp"
#include "core/util/text_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <system_error>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_value_bytes = 1024 * 1024;
constexpr std::string_view file_prefix = "file:", credential_prefix = "credential:";

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

Result<std::filesystem::path> file_of(const ConfigFile& file, std::string_view name) {
    if (name.empty()) return refused("\"file:\" must be followed by a path, such as file:/run/secrets/key");
    auto path = below_home(name);
    if (!path) return path.error();
    return file.resolve(*path);
}

Result<std::filesystem::path> credential_of(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos)
        return refused(
            "\"credential:\" must be followed by the name of a credential, without \"/\", such as "
            "credential:api_key");
    const char* folder = variable("CREDENTIALS_DIRECTORY");
    if (!folder)
        return refused(
            "\"credential:" + std::string(name) +
            "\" needs the environment variable CREDENTIALS_DIRECTORY, which is not set; systemd sets "
            "it for a service with LoadCredential=" +
            std::string(name) + ":PATH");
    return std::filesystem::path(folder) / name;
}

Result<std::string> content(const std::filesystem::path& path) {
    auto text = read_text_file(path, max_value_bytes);
    if (!text) return refused("cannot read " + path.string() + ": " + text.error().message);
    if (text->ends_with('\n')) text->resize(text->size() - (text->ends_with("\r\n") ? 2 : 1));
    if (text->find('\0') != std::string::npos)
        return refused(path.string() + " is not text: it has a NUL byte");
    return text;
}

Result<std::string> credential(std::string_view name) {
    const auto path = credential_of(name);
    if (!path) return path.error();
    std::error_code failure;
    if (!std::filesystem::exists(*path, failure) && !failure)
        return refused("there is no credential " + std::string(name) + ", because the file " +
                       path->string() + " does not exist; add LoadCredential=" + std::string(name) +
                       ":PATH to the unit");
    return content(*path);
}

/// Removes each `env:NAME:-` whose variable is not set.  Returns nothing if a variable has the value.
std::optional<std::string_view> without_variables(std::string_view text) {
    while (text.starts_with("env:")) {
        const std::size_t colon = text.find(":-");
        if (colon == std::string_view::npos || variable(std::string(text.substr(4, colon - 4))))
            return std::nullopt;
        text.remove_prefix(colon + 2);
    }
    return text;
}

}  // namespace

std::filesystem::path origin(const ConfigFile& file, std::string_view text) {
    const auto rest = without_variables(text);
    // systemd lets only the service read a credential.
    if (!rest || rest->starts_with("sha256:") || rest->starts_with(credential_prefix)) return {};
    return rest->starts_with(file_prefix) ? referenced_file(file, *rest) : file.path();
}

std::filesystem::path referenced_file(const ConfigFile& file, std::string_view text) {
    const auto rest = without_variables(text);
    if (!rest) return {};
    Result<std::filesystem::path> path = std::filesystem::path();
    if (rest->starts_with(file_prefix)) path = file_of(file, rest->substr(file_prefix.size()));
    if (rest->starts_with(credential_prefix)) path = credential_of(rest->substr(credential_prefix.size()));
    return path ? *path : std::filesystem::path();
}

bool is_reference(std::string_view text) {
    return text.starts_with("env:") || text.starts_with(file_prefix) || text.starts_with(credential_prefix);
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
    if (text.starts_with(credential_prefix)) return credential(text.substr(credential_prefix.size()));
    if (!text.starts_with(file_prefix)) return below_home(text);
    const auto path = file_of(file, text.substr(file_prefix.size()));
    return path ? content(*path) : path.error();
}

}  // namespace gatehouse::core
