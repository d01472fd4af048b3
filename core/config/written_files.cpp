// SPDX-License-Identifier: Apache-2.0
#include "core/config/written_files.hpp"

#include "core/config/document.hpp"
#include "core/config/parts.hpp"
#include "core/config/references.hpp"
#include "core/config/substitute.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

struct Use {
    std::string key;  // "[log] file"
    bool writes = false, of_store = false;
};

bool is_written(std::string_view title, std::string_view key) {
    return key == "file" || (title.starts_with("[store.") && key == "path");
}

bool is_standard_stream(std::string_view path) {
    return path == "stderr" || path == "stdout" || path == "/dev/stderr" || path == "/dev/stdout";
}

class WrittenFiles {
public:
    WrittenFiles(const ConfigFile& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {
        uses_.emplace(identity(file.path()), Use{.key = "this configuration"});
        for (const FileReference& one : file_references(file))
            uses_.emplace(identity(one.file), Use{.key = one.key});
    }

    void check() {
        for (const auto& [title, table] : parts_of(file_)) {
            for (const auto& [key, node] : in_order(*table)) add(title, key->str(), *node);
            if (title != "[server]") continue;
            if (const auto* tls = (*table)["tls"].as_table())
                for (const auto& [key, node] : in_order(*tls))
                    if (key->str() != "client_certificate") read("[server.tls]", key->str(), *node);
        }
    }

private:
    void add(const std::string& title, std::string_view key, const toml::node& node) {
        if (is_written(title, key))
            use(node, {title + " " + std::string(key), true, title.starts_with("[store.")});
        else if (key.ends_with("_file"))
            read(title, key, node);
    }

    void read(const std::string& title, std::string_view key, const toml::node& node) {
        use(node, {title + " " + std::string(key)});
    }

    void use(const toml::node& node, const Use& now) {
        const auto* text = node.as_string();
        const auto path = text ? substitute(file_, text->get()) : std::string();
        if (!path || path->empty() || is_standard_stream(*path)) return;
        const std::string name = identity(file_.resolve(*path));
        if (std::error_code error; fs::exists(name, error) && !fs::is_regular_file(name, error)) return;
        const auto [known, is_new] = uses_.emplace(name, now);
        const Use& before = known->second;
        if (is_new || (!now.writes && !before.writes) || (now.of_store && before.of_store)) return;
        mistakes_.add(file_.error(place_of(node.source(), SourceLocation::Show::always),
                                  *path + " is also the file of " + before.key +
                                      ": name another file, because the content of both would be mixed"));
    }

    /// The same text for every path to the same file.
    static std::string identity(const fs::path& path) {
        std::error_code error;
        const fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
        return error ? path.lexically_normal().string() : whole.string();
    }

    const ConfigFile& file_;
    Mistakes& mistakes_;
    std::map<std::string, Use> uses_;  // by path: the first use
};

}  // namespace

void check_written_files(const ConfigFile& file, Mistakes& mistakes) { WrittenFiles(file, mistakes).check(); }

}  // namespace gatehouse::core
