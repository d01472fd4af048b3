// SPDX-License-Identifier: Apache-2.0
// Finds plugins in the folders of `[plugins] path`, then in the folders next to the
// running binary, installed or in a build tree.
//
// In each folder a plugin is looked for as KIND/NAME.so, KIND/NAME/NAME.so (a
// build tree) and NAME.so.  [main thread]
#pragma once

#include "core/plugin/library.hpp"

#include <gatehouse/plugin.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct FoundPlugin {
    const Descriptor* descriptor = nullptr;
    std::filesystem::path path;
};

/// A library as `gatehouse plugins` shows it.
struct ListedPlugin {
    std::filesystem::path path;
    const Descriptor* descriptor = nullptr;  // null: refused
    std::string refused;                     // why, in one line
};

/// The folder in which the plugins of a kind are; authenticators and signers share one.
std::string_view folder_of(std::string_view kind);

/// The file of the running binary when the process started.  Read it before an installation replaces the
/// file.
std::filesystem::path program_file();

/// The folder of the running binary.
std::filesystem::path program_folder();

class Finder {
public:
    /// `configured` is `[plugins] path`; the folders next to the running binary come after it.
    explicit Finder(std::vector<std::filesystem::path> configured, PluginPins pins = {});
    /// The same for a binary in the folder `program_folder`.
    Finder(std::vector<std::filesystem::path> configured, const std::filesystem::path& program_folder,
           PluginPins pins = {});

    /// Makes find() load libraries from private copies, for a process that runs long.
    void load_copies() { loading_ = Loading::copy; }

    /// The plugin that `use = "name"` means in a `[kind.…]` table.  An error says
    /// where it was looked for, and which names there are, or why it is refused.
    Result<FoundPlugin> find(std::string_view kind, std::string_view name) const;

    /// Every library in the folders, in their order, those that are refused too.
    std::vector<ListedPlugin> list() const;

    const std::vector<std::filesystem::path>& folders() const { return folders_; }

private:
    std::vector<std::filesystem::path> folders_;
    PluginPins pins_;
    Loading loading_ = Loading::file;
};

}  // namespace gatehouse::core
