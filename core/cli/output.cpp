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

namespace {

/// The bytes of a control character, or of a character that changes the direction of text, at `at` of UTF-8;
/// 0: another character.
std::size_t control_at(std::string_view text, std::size_t at) {
    auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
    };
    if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
    if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return 2;                     // C1
    if (byte(0) == 0xE2 && byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) return 3;  // U+2028 to 202E
    if (byte(0) == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 3;  // U+2066 to 2069
    return 0;
}

}  // namespace

std::string without_controls(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t bytes = control_at(text, at);
        out += bytes > 0 ? ' ' : text[at];
        at += std::max<std::size_t>(bytes, 1);
    }
    return out;
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
