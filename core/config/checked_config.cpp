// SPDX-License-Identifier: Apache-2.0
// Tables of a file as Configs; see checked_config.hpp.
#include "core/config/checked_config.hpp"

#include "core/config/parts.hpp"
#include "core/config/table_reader.hpp"
#include "core/util/suggest.hpp"

#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace gatehouse::core {

namespace {

/// Removes a quoted key from the front of `path`.  Returns nothing if the quote is not closed.
std::optional<std::string> take_quoted(std::string_view& path) {
    std::string name;
    for (std::size_t at = 1; at < path.size(); ++at) {
        if (path[at] == '"') {
            path.remove_prefix(at + 1);
            return name;
        }
        unsigned control = 0;  // as toml_quoted writes them: \u001B
        if (path[at] == '\\' && path.substr(at + 1, 3) == "u00" && at + 5 < path.size() &&
            std::from_chars(&path[at + 4], &path[at + 6], control, 16).ptr == &path[at + 6]) {
            name += static_cast<char>(control);
            at += 5;
        } else if (path[at] == '\\' && at + 1 < path.size()) {
            ++at;
            name += path[at] == 'n' ? '\n' : path[at];
        } else {
            name += path[at];
        }
    }
    return std::nullopt;
}

/// Returns the part of `placed` that `path` begins with, and removes its name from `path`.
const Placed* take_step(const Placed& placed, std::string_view& path) {
    if (path.starts_with('.')) path.remove_prefix(1);
    if (path.starts_with('"')) {
        const auto name = take_quoted(path);
        for (const Placed& inside : placed.inside)
            if (name && inside.name == *name) return &inside;
        return nullptr;
    }
    const Placed* best = nullptr;
    for (const Placed& inside : placed.inside) {
        const std::string_view name = inside.name;
        const bool ends =
            path.size() == name.size() ||
            (path.size() > name.size() && (path[name.size()] == '.' || path[name.size()] == '['));
        if (path.starts_with(name) && ends && (!best || name.size() > best->name.size())) best = &inside;
    }
    if (best) path.remove_prefix(best->name.size());
    return best;
}

/// The node at "server" or "server.tls"; null if it is missing.
const toml::node* find_table(const ConfigFile& file, std::string_view path) {
    const std::size_t dot = path.find('.');
    const toml::node* node = file.document().root.get(path.substr(0, dot));
    if (!node || dot == path.npos) return node;
    const toml::table* outer = node->as_table();
    return outer ? outer->get(path.substr(dot + 1)) : nullptr;
}

/// Overwrites every text.
void wipe(Table& table) {
    const auto wipe_text = [](std::string& text) { ::explicit_bzero(text.data(), text.size()); };
    for (Entry& entry : table.entries) {
        auto& data = entry.value.data;
        if (auto* text = std::get_if<std::string>(&data)) wipe_text(*text);
        if (auto* list = std::get_if<std::vector<std::string>>(&data))
            for (std::string& text : *list) wipe_text(text);
        if (auto* inside = std::get_if<Table>(&data)) wipe(*inside);
        if (auto* tables = std::get_if<std::vector<Table>>(&data))
            for (Table& one : *tables) wipe(one);
    }
}

void collect(const Placed& placed, std::vector<Exposed>& out) {
    const auto same = [&](const Exposed& one) { return one.file == placed.secret_in; };
    if (!placed.secret_in.empty() && std::ranges::none_of(out, same) && others_may_read(placed.secret_in))
        out.push_back({placed.secret_in, placed.where});
    for (const Placed& inside : placed.inside) collect(inside, out);
}

void collect_doubts(const Placed& placed, const std::string& path, std::vector<Doubt>& out) {
    if (!placed.doubt.empty()) out.push_back({path, placed.doubt});
    for (const Placed& inside : placed.inside) {
        const bool in_list = inside.name.starts_with('[');
        const std::string name = in_list ? inside.name : as_key(inside.name);
        collect_doubts(inside, path + (path.empty() || in_list ? "" : ".") + name, out);
    }
}

}  // namespace

Error CheckedConfig::error(std::string_view path, std::string message) const {
    const Placed* at = &endpoints_;
    while (!path.empty()) {
        const Placed* next = take_step(*at, path);
        if (!next) break;
        at = next;
    }
    return file_.error(at->where, message);
}

void CheckedConfig::forget_values() {
    wipe(table_);
    table_.entries.clear();
}

std::vector<Exposed> CheckedConfig::exposed() const {
    std::vector<Exposed> all;
    collect(endpoints_, all);
    return all;
}

std::vector<Doubt> CheckedConfig::doubts() const {
    std::vector<Doubt> all;
    collect_doubts(endpoints_, "", all);
    return all;
}

Error CheckedConfig::error(const Exposed& exposed, Exposure exposure) const {
    return file_.error(exposed.where, exposed_message(exposed.file, exposure));
}

bool others_may_read(const std::filesystem::path& file) {
    struct stat info {};
    // A file without readable status does not count as open.
    return ::stat(file.c_str(), &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

std::string exposed_message(const std::filesystem::path& file, Exposure exposure) {
    const char* const other = exposure == Exposure::refused
                                  ? ", or remove strict_permissions from [server] to get only a warning"
                                  : "";
    return "users other than its owner may read " + file.string() +
           ", which contains a secret: `chmod 600` it" + other;
}

LogForm exposed_log(const std::string& instance, const std::filesystem::path& file) {
    return {
        instance, "file with a secret is readable by other users: `chmod 600` it", {{"file", file.string()}}};
}

bool has_table(const ConfigFile& file, std::string_view table) { return find_table(file, table) != nullptr; }

Error error_at(const ConfigFile& file, std::string_view table, std::string_view key,
               const std::string& message) {
    const toml::node* node = find_table(file, table);
    const toml::node* value = node && node->is_table() ? node->as_table()->get(key) : nullptr;
    if (value) node = value;
    return file.error(node ? place_of(node->source(), SourceLocation::Show::always) : SourceLocation(),
                      message);
}

std::optional<CheckedConfig> check(const ConfigFile& file, std::string_view name,
                                   const std::vector<Key>& keys, Mistakes& mistakes,
                                   const std::vector<Key>& elsewhere) {
    CheckedConfig config(file, std::string(name));
    const toml::node* node = find_table(file, name);
    if (!node) return config;
    const std::string title = "[" + std::string(name) + "]";
    const toml::table* table = node->as_table();
    if (!table) {
        mistakes.add(file.error(place_of(node->source()), std::string(name) + " must be a table, not " +
                                                              description(*node) + ": write " + title));
        return std::nullopt;
    }
    config.endpoints_.where = place_of(table->source());
    const std::size_t before = mistakes.count();
    config.table_ =
        TableReader(file, mistakes).table(*table, {keys, elsewhere}, title, "", config.endpoints_);
    if (mistakes.count() > before) return std::nullopt;
    return config;
}

std::optional<CheckedConfig> check(const ConfigFile& file, const InstanceConfig& instance,
                                   const std::vector<Key>& keys, Mistakes& mistakes) {
    CheckedConfig config(file, instance.name);
    config.endpoints_.where = instance.where;
    const std::size_t before = mistakes.count();
    config.table_ = TableReader(file, mistakes)
                        .table(table_of(file, instance), {keys, core_keys(instance.kind)}, instance.title(),
                               "", config.endpoints_);
    if (mistakes.count() > before) return std::nullopt;
    return config;
}

Result<CheckedConfig> check(const ConfigFile& file, std::string_view table, const std::vector<Key>& keys) {
    Mistakes mistakes(file.path());
    auto config = check(file, table, keys, mistakes);
    return config ? Result<CheckedConfig>(*std::move(config)) : mistakes.error();
}

Result<CheckedConfig> check(const ConfigFile& file, const InstanceConfig& instance,
                            const std::vector<Key>& keys) {
    Mistakes mistakes(file.path());
    auto config = check(file, instance, keys, mistakes);
    return config ? Result<CheckedConfig>(*std::move(config)) : mistakes.error();
}

}  // namespace gatehouse::core
