// SPDX-License-Identifier: Apache-2.0
// Looking for plugins; see finder.hpp.
#include "core/plugin/finder.hpp"

#include "core/plugin/library.hpp"
#include "core/plugin/refused.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 8> kind_folders = {"provider", "auth",    "mapper",   "dialect",
                                                     "hook",     "limiter", "observer", "store"};

std::string with_article(std::string_view kind) {
    return (kind == "authenticator" || kind == "observer" ? "an " : "a ") + std::string(kind);
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() != fs::file_type::not_found && !ignored;
}

/// The places of `name` in one folder, in the order in which they are tried.
std::array<fs::path, 3> places(const fs::path& folder, std::string_view kind_folder,
                               const std::string& name) {
    const std::string library = name + ".so";
    return {folder / kind_folder / library, folder / kind_folder / name / library, folder / library};
}

/// The libraries directly in `folder`, by name; none if it cannot be read.
std::vector<fs::path> libraries_in(const fs::path& folder, bool and_below) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (auto entry = fs::directory_iterator(folder, ignored); !ignored && entry != fs::directory_iterator();
         entry.increment(ignored)) {
        const fs::path& path = entry->path();
        if (path.extension() == ".so") found.push_back(path);
        // NAME/NAME.so, as a build tree has it.
        const fs::path inner = path / (path.filename().string() + ".so");
        if (and_below && path.extension().empty() && is_there(inner)) found.push_back(inner);
    }
    std::ranges::sort(found);
    return found;
}

/// The folders next to the binary: installed, then in a build tree, where the
/// binary is core/gatehouse.
std::vector<fs::path> folders_beside(const fs::path& program_folder) {
    if (program_folder.empty()) return {};
    std::vector<fs::path> folders = {(program_folder / RELATIVE_PLUGIN_DIR).lexically_normal()};
    if (program_folder.filename() == "core") folders.push_back(program_folder.parent_path() / "plugins");
    return folders;
}

}  // namespace

std::string_view folder_of(std::string_view kind) {
    return kind == "authenticator" || kind == "signer" ? "auth" : kind;
}

fs::path program_file() {
    std::error_code ignored;
    return fs::read_symlink("/proc/self/exe", ignored);
}

fs::path program_folder() { return program_file().parent_path(); }

Finder::Finder(std::vector<fs::path> configured, PluginPins pins)
    : Finder(std::move(configured), program_folder(), std::move(pins)) {}

Finder::Finder(std::vector<fs::path> configured, const fs::path& program_folder, PluginPins pins)
    : folders_(std::move(configured)), pins_(std::move(pins)) {
    for (fs::path& folder : folders_beside(program_folder)) folders_.push_back(std::move(folder));
}

Result<FoundPlugin> Finder::find(std::string_view kind, std::string_view name) const {
    for (const fs::path& folder : folders_)
        for (const fs::path& path : places(folder, folder_of(kind), std::string(name))) {
            if (!is_there(path)) continue;
            auto plugin = load(path, pins_, loading_);
            if (!plugin) return plugin.error();
            const std::string_view found_kind = kind_of(**plugin), found_name = (*plugin)->name;
            if (found_name != name)
                return refused(path.string() + " calls itself \"" + std::string(found_name) +
                               "\": rename it to " + std::string(found_name) + ".so");
            if (found_kind != kind)
                return refused("\"" + std::string(name) + "\" is " + with_article(found_kind) + ", not " +
                               with_article(kind) + ": use it in [" + std::string(found_kind) + ".NAME]");
            return FoundPlugin{*plugin, path};
        }

    std::set<std::string> names;
    for (const ListedPlugin& listed : list())
        if (listed.descriptor && kind_of(*listed.descriptor) == kind) names.insert(listed.descriptor->name);
    const std::vector<std::string> known(names.begin(), names.end());
    std::vector<std::string> searched;
    for (const fs::path& folder : folders_) searched.push_back(folder.string());
    return refused("there is no " + std::string(kind) + " plugin \"" + std::string(name) + "\"" +
                   suggestion(name, known) + " (" +
                   (known.empty() ? "none found" : "found: " + joined(known)) +
                   "; searched: " + joined(searched) + ")");
}

std::vector<ListedPlugin> Finder::list() const {
    std::vector<ListedPlugin> all;
    std::set<fs::path> seen;
    auto add = [&](const std::vector<fs::path>& paths) {
        for (const fs::path& path : paths) {
            if (!seen.insert(path.lexically_normal()).second) continue;
            auto plugin = load(path, pins_);
            all.push_back({path, plugin ? *plugin : nullptr, plugin ? "" : plugin.error().message});
        }
    };
    for (const fs::path& folder : folders_) {
        for (const char* kind_folder : kind_folders) add(libraries_in(folder / kind_folder, true));
        add(libraries_in(folder, false));
    }
    return all;
}

}  // namespace gatehouse::core
