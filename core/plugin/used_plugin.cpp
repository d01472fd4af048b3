// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/used_plugin.hpp"

#include "core/observe/log.hpp"
#include "core/plugin/finder.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/origins.hpp"

#include <filesystem>
#include <set>

namespace gatehouse::core {

UsedPlugin note_use(const std::string& kind, const std::string& instance, const FoundPlugin& found,
                    Log& log) {
    static std::set<const Descriptor*> told;
    const Descriptor& plugin = *found.descriptor;
    const std::string library = std::filesystem::absolute(found.path).lexically_normal().string();
    note_instance(instance, library);
    if (const Descriptor* before = replaced_by(plugin); before && told.insert(&plugin).second)
        log.write(Level::info, instance, "new file of a plugin was loaded",
                  {{"library", library}, {"version", plugin.version}, {"before", before->version}});
    return {kind, instance, plugin.name, plugin.version, library, digest_of(plugin)};
}

}  // namespace gatehouse::core
