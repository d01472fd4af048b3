// SPDX-License-Identifier: Apache-2.0
#include "core/cli/data_folder.hpp"

#include "core/plugin/finder.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace gatehouse::core {

namespace fs = std::filesystem;

Result<fs::path> example_folder(const std::string& name) {
    const fs::path program = program_folder();
    std::vector<fs::path> places = {(program / RELATIVE_CONFIG_DIR).lexically_normal()};
    if (program.filename() == "core") places.push_back(program.parent_path() / "config");
    std::error_code ignored;
    for (const fs::path& place : places)
        if (fs::is_directory(place / name, ignored)) return place / name;
    return Error{ErrorKind::bad_config,
                 "a folder of the program is missing: " + (places.front() / name).string()};
}

std::vector<std::string> names_with_suffix(const fs::path& folder, const std::string& suffix) {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(suffix)) names.push_back(name.substr(0, name.size() - suffix.size()));
    }
    std::ranges::sort(names);
    return names;
}

fs::path in_home(const std::string& path) {
    const char* home = std::getenv("HOME");
    return path.starts_with("~/") && home ? fs::path(home) / path.substr(2) : fs::path(path);
}

}  // namespace gatehouse::core
