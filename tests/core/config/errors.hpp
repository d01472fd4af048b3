// SPDX-License-Identifier: Apache-2.0
// For tests of configuration errors: what a text is answered with, and the keys
// of a plugin that has one of everything.
#pragma once

#include "core/config/checked_config.hpp"
#include "core/config/settings.hpp"
#include "core/config/written_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::core::test {

struct NamedKey {
    std::string name;
    std::string key;
    std::int64_t limit = 0;
};
struct Model {
    std::string family = "plain";
    std::vector<std::string> stop;
};
struct Everything {
    bool flag = false;
    std::int64_t count = 1;
    double ratio = 0.5;
    std::string text;
    std::string pass;
    std::vector<std::string> list;
    std::vector<NamedKey> keys;
    std::map<std::string, Model> models;
    std::map<std::string, std::vector<std::string>> routes;
};

inline const Fields<Everything> everything = {
    optional("flag", &Everything::flag, "A flag."),
    ranged("count", &Everything::count, 1, 9, "A count."),
    optional("ratio", &Everything::ratio, "A ratio."),
    required("text", &Everything::text, "Some text, such as \"this\"."),
    secret("pass", &Everything::pass, "A secret."),
    optional("list", &Everything::list, "A list."),
    tables("keys", &Everything::keys,
           Fields<NamedKey>{required("name", &NamedKey::name, "Whose key it is."),
                            secret("key", &NamedKey::key, "The key itself."),
                            ranged("limit", &NamedKey::limit, 0, 100, "A limit.")},
           "Keys by name."),
    table_map("models", &Everything::models,
              Fields<Model>{choice("family", &Model::family, {"plain", "strict"}, "How it behaves."),
                            optional("stop", &Model::stop, "Where it stops.")},
              "Models by name."),
    string_lists("routes", &Everything::routes, "Routes by model."),
};

/// The mistakes in `text` as "test.toml", checked with the keys above for every plugin; empty: none.  The
/// tables of the core, the outline and the tables of plugins are each looked at if the ones before are right.
inline std::string error_of(const std::string& text) {
    auto file = ConfigFile::parse(text, "test.toml");
    if (!file) return file.error().message;
    Mistakes mistakes(file->path());
    read_settings(*file, mistakes);
    const auto all = mistakes.empty() ? instances(*file, mistakes) : std::vector<InstanceConfig>();
    if (mistakes.empty()) check_written_files(*file, mistakes);
    if (mistakes.empty())
        for (const InstanceConfig& one : all) check(*file, one, keys_of(everything), mistakes);
    return mistakes.empty() ? "" : mistakes.error().message;
}

/// The configuration `text` of one instance [provider.p] with the keys above, as if it were in `path`.
inline CheckedConfig checked(const std::string& text, const std::string& path = "test.toml") {
    auto file = ConfigFile::parse(text, path);
    REQUIRE(file);
    auto all = instances(*file);
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    auto config = check(*file, all->front(), keys_of(everything));
    INFO(std::string(config ? "" : config.error().message));
    REQUIRE(config);
    return *std::move(config);
}

/// Sets a variable of the environment while it lives; null: unsets it.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        set(value);
    }
    ~Variable() { set(before_ ? before_->c_str() : nullptr); }
    Variable(const Variable&) = delete;

private:
    void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }
    const char* name_;
    std::optional<std::string> before_;
};

}  // namespace gatehouse::core::test
