// SPDX-License-Identifier: Apache-2.0
#include "core/admin/config_report.hpp"

#include "core/admin/plugin_report.hpp"
#include "core/config/core_tables.hpp"
#include "core/config/diff.hpp"
#include "core/config/instances.hpp"
#include "core/config/masked.hpp"

#include <gatehouse/json_writer.hpp>

#include <map>

namespace gatehouse::core {

namespace {

std::map<std::string, std::vector<Key>> known_keys(const ConfigSnapshot& snapshot) {
    std::map<std::string, std::vector<Key>> all;
    for (const CoreTable& table : core_tables()) {
        const std::size_t dot = table.name.find('.');
        std::vector<Key>& keys = all["[" + table.name.substr(0, dot) + "]"];
        if (dot == table.name.npos)
            keys = table.keys;
        else
            keys.push_back(
                {.name = table.name.substr(dot + 1), .type = ValueType::table, .keys = table.keys});
    }
    for (const auto& [title, keys] : snapshot.instances->keys()) {
        std::vector<Key>& both = all[title];
        both = keys;
        const std::vector<Key>& core = core_keys(title.substr(1, title.find('.') - 1));
        both.insert(both.end(), core.begin(), core.end());
    }
    return all;
}

/// The first line of a message with many; the file's text is not shown.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

void write_difference(JsonWriter& json, const ConfigFile& active) {
    const auto on_disk = ConfigFile::read(active.path());
    if (!on_disk) {
        json.key("difference").begin_array().end_array();
        json.member("file_error", first_line(on_disk.error().message));
        return;
    }
    json.member("difference", difference(active, *on_disk, false));  // a mapper may have secrets
}

}  // namespace

std::string config_report(const ConfigFile& active, const ConfigSnapshot& snapshot) {
    const auto known = known_keys(snapshot);
    const auto tables = masked(active, [&](const std::string& title) {
        const auto found = known.find(title);
        return found == known.end() ? nullptr : &found->second;
    });
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("file", active.path().string()).key("tables").begin_array();
    for (const MaskedTable& table : tables) {
        json.begin_object().member("title", table.title).key("keys").begin_array();
        for (const MaskedKey& key : table.keys)
            json.begin_object()
                .member("name", key.name)
                .member("value", key.value)
                .member("masked", key.masked)
                .member("line", key.line)
                .end_object();
        json.end_array().end_object();
    }
    json.end_array();
    write_difference(json, active);
    write_plugins(json, snapshot.instances->used());
    json.end_object();
    return text;
}

}  // namespace gatehouse::core
