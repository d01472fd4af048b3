// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/inbound/client_facts.hpp"

#include <gatehouse/schema.hpp>

#include <algorithm>

namespace gatehouse::inbound {

namespace {

constexpr std::size_t longest_name = 64, longest_fact = 200;

void check_fact(std::string_view text, const std::string& what, const std::string& path) {
    if (!is_fact(text)) throw KeyError(path, what + " must have 1 to 200 bytes and no control characters");
}

}  // namespace

bool is_client_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), is_visible);
}

bool is_fact(std::string_view text) {
    return !text.empty() && text.size() <= longest_fact && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

void check_facts(const std::vector<std::string>& groups, const Attributes& attributes,
                 const std::string& path) {
    for (std::size_t i = 0; i < groups.size(); ++i)
        check_fact(groups[i], "a group", path + "groups[" + std::to_string(i) + "]");
    for (const auto& [name, values] : attributes) {
        const std::string at = path + "attributes." + toml_quoted(name);
        check_fact(name, "the name of an attribute", at);
        for (std::size_t i = 0; i < values.size(); ++i)
            check_fact(values[i], "the value of an attribute", at + "[" + std::to_string(i) + "]");
    }
}

}  // namespace gatehouse::inbound
