// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/target.hpp"

#include "core/plugin/library.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

const Key* find(const std::vector<Key>& keys, std::string_view name) {
    const auto found = std::ranges::find(keys, name, &Key::name);
    return found == keys.end() ? nullptr : &*found;
}

/// A value as TOML, tables in their short form.
std::string written(const Value& value, const Key* key, bool for_eyes);

std::string written(const Table& table, const std::vector<Key>* keys, const Key* each, bool for_eyes) {
    std::string out;
    for (const Entry& entry : table.entries)
        add_to_list(out, as_key(entry.name) + " = " +
                             written(entry.value,
                                     each   ? each
                                     : keys ? find(*keys, entry.name)
                                            : nullptr,
                                     for_eyes));
    return "{" + out + "}";
}

std::string written(const Value& value, const Key* key, bool for_eyes) {
    if (key && key->secret && for_eyes) return "\"…\"";
    const std::vector<Key>* inner = key ? &key->keys : nullptr;
    if (auto* list = std::get_if<std::vector<Table>>(&value.data)) {
        std::string out;
        for (const Table& table : *list) add_to_list(out, written(table, inner, nullptr, for_eyes));
        return "[" + out + "]";
    }
    if (auto* table = std::get_if<Table>(&value.data)) {
        // Each entry of a table_map is a table with the inner keys; of a string_list_map, a list.
        if (!key || key->type != ValueType::table_map) return written(*table, nullptr, nullptr, for_eyes);
        std::string out;
        for (const Entry& entry : table->entries)
            if (auto* one = std::get_if<Table>(&entry.value.data))
                add_to_list(out, as_key(entry.name) + " = " + written(*one, inner, nullptr, for_eyes));
        return "{" + out + "}";
    }
    const std::string text = to_toml(value);
    return for_eyes && text.size() > 100 ? printable(text, 100) : text;
}

void collect_secrets(const Table& table, const std::vector<Key>& keys, std::vector<std::string>& out) {
    for (const Entry& entry : table.entries) {
        const Key* key = find(keys, entry.name);
        if (!key) continue;
        if (auto* text = std::get_if<std::string>(&entry.value.data); text && key->secret)
            out.push_back(*text);
        if (auto* list = std::get_if<std::vector<std::string>>(&entry.value.data); list && key->secret)
            out.insert(out.end(), list->begin(), list->end());
        if (auto* list = std::get_if<std::vector<Table>>(&entry.value.data))
            for (const Table& one : *list) collect_secrets(one, key->keys, out);
        if (auto* map = std::get_if<Table>(&entry.value.data))
            for (const Entry& one : map->entries)
                if (auto* inner = std::get_if<Table>(&one.value.data))
                    collect_secrets(*inner, key->keys, out);
    }
}

/// Notes where the plugin wants its message to stand.
class NotingConfig final : public Config {
public:
    explicit NotingConfig(const CheckedConfig& config) : config_(config) {}
    std::string_view instance() const override { return config_.instance(); }
    const Table& table() const override { return config_.table(); }
    Error error(std::string_view path, std::string message) const override {
        asked = true;
        at = path;
        said = message;
        return config_.error(path, std::move(message));
    }
    mutable bool asked = false;
    mutable std::string at, said;

private:
    const CheckedConfig& config_;
};

}  // namespace

Result<Target> Target::load(const Given& given) {
    auto descriptor = core::load(given.library);
    if (!descriptor) return descriptor.error();
    Target target;
    target.given_ = given;
    target.descriptor_ = *descriptor;
    auto keys = declared_keys(**descriptor);
    if (!keys) return Error{ErrorKind::bad_config, given.library.string() + ": " + keys.error().message};
    target.keys_ = *std::move(keys);
    if (given.answers)
        if (auto recorded = recorded_answers(*given.answers)) target.network_->answers = *std::move(recorded);
    return target;
}

std::string Target::kind() const { return std::string(kind_of(*descriptor_)); }

void Target::use(Table table, std::string instance) {
    table_ = std::move(table);
    instance_name_ = std::move(instance);
    confidential_->secrets.clear();
    collect_secrets(table_, keys_, confidential_->secrets);
}

Result<void> Target::use_file() {
    auto file = ConfigFile::read(*given_.config);
    if (!file) return file.error();
    auto all = instances(*file);
    if (!all) return all.error();
    for (const InstanceConfig& one : *all) {
        if (one.kind != kind() || one.use != descriptor_->name) continue;
        auto config = check(*file, one, keys_);
        if (!config) return config.error();
        use(config->table(), one.name);
        return {};
    }
    return Error{ErrorKind::bad_config, given_.config->string() + " has no [" + kind() +
                                            ".NAME] with use = " + toml_quoted(descriptor_->name)};
}

std::string Target::toml(const Table& table, bool for_eyes) const {
    std::string out;
    for (const Entry& entry : table.entries)
        if (!find(core_keys(kind()), entry.name))
            out +=
                as_key(entry.name) + " = " + written(entry.value, find(keys_, entry.name), for_eyes) + "\n";
    return out;
}

// Through a real file's text, so that what the core would refuse never gets further.
Result<CheckedConfig> Target::checked(const Table& table) const {
    const std::string text = "[" + kind() + "." + as_key(instance_name_) +
                             "]\nuse = " + toml_quoted(descriptor_->name) + "\n" + toml(table, false);
    auto file = ConfigFile::parse(text, "plugin-check.toml");
    if (!file) return file.error();
    auto all = instances(*file);
    if (!all) return all.error();
    return check(*file, all->front(), keys_);
}

Result<Table> Target::parsed(const std::string& toml) const {
    auto file = ConfigFile::parse(
        "[" + kind() + ".check]\nuse = " + toml_quoted(descriptor_->name) + "\n" + toml, "plugin-check.toml");
    if (!file) return file.error();
    auto all = instances(*file);
    if (!all) return all.error();
    auto config = check(*file, all->front(), keys_);
    if (!config) return config.error();
    return config->table();
}

Target::Instance Target::instance(Check& check, const Table& table, const Limits& limits,
                                  std::optional<Refusal>* why) {
    auto refuse = [&](Refusal refusal) {
        if (why)
            *why = std::move(refusal);
        else
            check.error("config", "no instance can be made", "plugin.hpp, Descriptor::create",
                        refusal.error.message);
        return Instance{};
    };
    auto config = checked(table);
    if (!config) return refuse({config.error(), {}, true});
    Instance made;
    made.owner = std::make_shared<int>(0);
    made.host = std::make_unique<CheckHost>(check, *confidential_, *network_, limits, made.owner);
    const NotingConfig noting(*config);
    std::optional<Result<std::unique_ptr<Plugin>>> plugin;
    if (!check.calls("plugin.hpp, Descriptor::create",
                     [&] { plugin.emplace(descriptor_->create(noting, *made.host)); }))
        return refuse({{ErrorKind::internal, "create() threw"}, {}, false});
    if (!*plugin) {
        if (plugin->error().kind != ErrorKind::bad_config)
            check.error("config-kind", "a wrong configuration gives another kind of error than bad_config",
                        "schema.hpp, Config::error", plugin->error().message);
        Error error = plugin->error();
        if (noting.asked) error.message = noting.said;
        return refuse({std::move(error), noting.at, false});
    }
    if (!**plugin) {
        check.error("config-null", "create() returns nothing, and no error",
                    "plugin.hpp, Descriptor::create");
        return refuse({{ErrorKind::internal, "create() returned nothing"}, {}, false});
    }
    made.plugin = *std::move(*plugin);
    return made;
}

std::optional<Refusal> Target::refusal(Check& check, const Table& table) {
    std::optional<Refusal> why;
    Instance made = instance(check, table, {}, &why);
    made.owner.reset();
    made.plugin.reset();
    return why;
}

}  // namespace gatehouse::core::plugin_check
