// SPDX-License-Identifier: Apache-2.0
// Upstreams accept names and ids of at most 64 bytes.
#include "plugins/dialect/openai/responses/tool_table.hpp"

#include <cstdint>

namespace gatehouse::openai_dialect::responses {

namespace {

constexpr std::size_t longest = 64, hash_digits = 16;

/// FNV-1a with 64 bits, in hexadecimal digits.
std::string hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string out(hash_digits, '0');
    for (auto digit = out.rbegin(); digit != out.rend(); ++digit, hash >>= 4)
        *digit = "0123456789abcdef"[hash & 15];
    return out;
}

std::string shortened(std::string text) {
    if (text.size() <= longest) return text;
    const std::string hash = hash_of(text);
    text.resize(longest - hash_digits - 1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.pop_back();
    return text.append("_").append(hash);
}

std::string joined_name(std::string_view space, std::string_view name) {
    if (space.empty()) return std::string(name);
    return shortened(std::string(space).append("__").append(name));
}

}  // namespace

std::string short_id(std::string id) { return shortened(std::move(id)); }

std::pair<std::string, bool> ToolTable::add(NamedTool tool) {
    const Place place{tool.space, tool.name};
    if (const auto known = flat_.find(place); known != flat_.end()) return {known->second, false};
    const std::string wanted = joined_name(tool.space, tool.name);
    std::string name = wanted;
    for (std::size_t number = 2; tools_.contains(name); ++number)
        name = shortened(wanted + "_" + std::to_string(number));
    tools_.emplace(name, std::move(tool));
    flat_.emplace(place, name);
    return {name, true};
}

std::string ToolTable::flat(std::string_view space, std::string_view name) const {
    const auto known = flat_.find({std::string(space), std::string(name)});
    return known == flat_.end() ? joined_name(space, name) : known->second;
}

bool ToolTable::has(std::string_view space, std::string_view name) const {
    return flat_.contains({std::string(space), std::string(name)});
}

const NamedTool* ToolTable::find(std::string_view flat) const {
    const auto found = tools_.find(flat);
    return found == tools_.end() ? nullptr : &found->second;
}

}  // namespace gatehouse::openai_dialect::responses
