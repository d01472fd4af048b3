// SPDX-License-Identifier: Apache-2.0
#include "core/config/masked.hpp"

#include "core/config/parts.hpp"
#include "core/util/ascii.hpp"

#include <gatehouse/value.hpp>

#include <algorithm>
#include <sstream>

namespace gatehouse::core {

namespace {

/// Whether a name sounds like that of a secret.  Tables with free names, such as headers, declare none.
bool sounds_secret(std::string_view name) {
    const std::string lower = lower_case(name);
    static constexpr std::string_view words[] = {"auth",   "cookie",   "credential", "key",
                                                 "passwd", "password", "secret",     "token"};
    return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

/// The reference at the beginning of a string, such as env:NAME; empty for another string.
std::string reference_in(std::string_view text) {
    for (const std::string_view scheme : {"env:", "file:", "credential:"}) {
        if (!text.starts_with(scheme)) continue;
        const std::size_t fallback = scheme == "env:" ? text.find(":-") : text.npos;
        if (fallback == text.npos) return std::string(text);
        return std::string(text.substr(0, fallback)) + ":-" + std::string(mask);
    }
    return {};
}

std::string as_toml(const toml::node& node) {
    std::ostringstream out;
    node.visit([&](const auto& one) { out << one; });
    return out.str();
}

class Masking {
public:
    explicit Masking(std::vector<MaskedKey>& out) : out_(out) {}

    /// `keys` null: nothing is known, and everything is masked.
    void table(const toml::table& table, const std::vector<Key>* keys, const std::string& path) {
        for (const auto& [name, node] : in_order(table)) {
            const Key* known = nullptr;
            if (keys)
                if (const auto at = std::ranges::find(*keys, name->str(), &Key::name); at != keys->end())
                    known = &*at;
            line_ = place_of(name->source()).line;
            value(*node, known, joined_path(path, name->str()));
        }
    }

private:
    void value(const toml::node& node, const Key* key, const std::string& path) {
        const bool hidden = !key || key->secret;
        if (const auto* inner = node.as_table()) {
            if (key && key->type == ValueType::table_map) return named_tables(*inner, *key, path);
            if (key && key->type == ValueType::string_list_map) return named_lists(*inner, path);
            return table(*inner, hidden ? nullptr : &key->keys, path);
        }
        const auto* list = node.as_array();
        if (list && list->size() > 0 && list->get(0)->is_table()) {
            for (std::size_t i = 0; i < list->size(); ++i)
                if (const auto* entry = list->get(i)->as_table())
                    table(*entry, hidden ? nullptr : &key->keys, path + "[" + std::to_string(i) + "]");
            return;
        }
        leaf(node, hidden, path);
    }

    void named_tables(const toml::table& entries, const Key& key, const std::string& path) {
        for (const auto& [name, node] : in_order(entries)) {
            const std::string at = joined_path(path, name->str());
            line_ = place_of(name->source()).line;
            if (const auto* inner = node->as_table())
                table(*inner, &key.keys, at);
            else
                leaf(*node, true, at);
        }
    }

    void named_lists(const toml::table& entries, const std::string& path) {
        for (const auto& [name, node] : in_order(entries)) {
            line_ = place_of(name->source()).line;
            leaf(*node, sounds_secret(name->str()), joined_path(path, name->str()));
        }
    }

    void leaf(const toml::node& node, bool hidden, const std::string& path) {
        const auto* list = node.as_array();
        if (!list) return add(path, shown(node, hidden), hidden);
        std::string all;
        for (const toml::node& one : *list) all += (all.empty() ? "" : ", ") + shown(one, hidden);
        add(path, "[" + all + "]", hidden && !all.empty());
    }

    static std::string shown(const toml::node& node, bool hidden) {
        const auto* text = node.as_string();
        if (text)
            if (const std::string reference = reference_in(text->get()); !reference.empty())
                return toml_quoted(reference);
        if (hidden || node.is_table() || node.is_array()) return std::string(mask);
        return text ? toml_quoted(without_credentials(text->get())) : as_toml(node);
    }

    void add(std::string name, std::string text, bool hidden) {
        out_.push_back({std::move(name), std::move(text), hidden, line_});
    }

    std::vector<MaskedKey>& out_;
    std::uint32_t line_ = 0;
};

}  // namespace

std::string without_credentials(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == url.npos) return std::string(url);
    std::string out(url.substr(0, scheme + 3));
    std::string_view rest = url.substr(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        out += std::string(mask) + "@";
        rest.remove_prefix(at + 1);
    }
    const std::size_t query = rest.find_first_of("?#");
    out += rest.substr(0, query);
    if (query != rest.npos) out += rest[query] + std::string(mask);
    return out;
}

std::vector<MaskedTable> masked(const ConfigFile& file,
                                const std::function<const std::vector<Key>*(const std::string&)>& keys_of) {
    std::vector<MaskedTable> all;
    for (const auto& [title, table] : parts_of(file)) {
        MaskedTable& made = all.emplace_back();
        made.title = title;
        Masking(made.keys).table(*table, keys_of(title), "");
    }
    return all;
}

}  // namespace gatehouse::core
