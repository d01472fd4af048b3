// SPDX-License-Identifier: Apache-2.0
// `gatehouse plugins`: which plugins there are, and why others are none.
#include "core/commands/output.hpp"
#include "core/plugin/library.hpp"

#include <iostream>

namespace gatehouse::core {

int list_plugins(const PluginFolders& where) {
    auto finder = make_finder(where);
    if (!finder) return fail(exit_status::usage, finder.error().message);

    const std::vector<ListedPlugin> all = finder->list();
    std::cout << padded("KIND", 15) << padded("NAME", 18) << padded("VERSION", 10) << "LIBRARY\n";
    for (const ListedPlugin& plugin : all)
        if (plugin.descriptor)
            std::cout << padded(kind_of(*plugin.descriptor), 15) << padded(plugin.descriptor->name, 18)
                      << padded(plugin.descriptor->version, 10) << plugin.path.string() << '\n';
    bool refused = false;
    for (const ListedPlugin& plugin : all)
        if (!plugin.descriptor) {
            std::cout << (refused ? "" : "\nRefused:\n") << "  " << plugin.refused << '\n';
            refused = true;
        }
    if (all.empty()) {
        std::cout << "\nNone found.  Searched:\n";
        for (const auto& folder : finder->folders()) std::cout << "  " << folder.string() << '\n';
    }
    return exit_status::ok;
}

}  // namespace gatehouse::core
