// SPDX-License-Identifier: Apache-2.0
#include "core/admin/plugin_report.hpp"

namespace gatehouse::core {

void write_plugins(JsonWriter& json, const std::vector<UsedPlugin>& plugins) {
    json.key("plugins").begin_array();
    for (const UsedPlugin& one : plugins)
        json.begin_object()
            .member("kind", one.kind)
            .member("instance", one.instance)
            .member("plugin", one.name)
            .member("version", one.version)
            .member("library", one.library)
            .member("sha256", one.digest)
            .end_object();
    json.end_array();
}

std::string plugin_report(const std::vector<UsedPlugin>& plugins) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_plugins(json, plugins);
    json.end_object();
    return out;
}

}  // namespace gatehouse::core
