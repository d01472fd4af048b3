// SPDX-License-Identifier: Apache-2.0
#include "core/cli/output.hpp"

#include "core/config/settings.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

namespace gatehouse::core {

int fail(int status, std::string_view text) {
    std::cerr << text << std::endl;
    return status;
}

Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

std::string padded(std::string_view text, std::size_t width) {
    const std::size_t blanks = text.size() + 2 <= width ? width - text.size() : 2;
    return std::string(text) + std::string(blanks, ' ');
}

std::string without_controls(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return text;
}

Result<Finder> make_finder(const PluginFolders& where) {
    std::vector<std::filesystem::path> folders = where.folders;
    PluginPins pins;
    if (where.config) {
        auto file = ConfigFile::read(*where.config);
        if (!file) return file.error();
        auto settings = read_settings(*file);
        if (!settings) return settings.error();
        folders.insert(folders.end(), settings->plugins.path.begin(), settings->plugins.path.end());
        auto parsed = PluginPins::parse(settings->plugins.pins);
        if (!parsed) return file->error({}, "[plugins] pins: " + parsed.error().message);
        pins = *std::move(parsed);
    }
    return Finder(std::move(folders), std::move(pins));
}

}  // namespace gatehouse::core
