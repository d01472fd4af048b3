// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/schema/refs.hpp"

#include <gatehouse/json_unescape.hpp>

#include <charconv>

namespace gatehouse::oci {

namespace {

constexpr std::size_t small_object = 16;

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high =
            text[i] == '%' && i + 2 < text.size() ? gatehouse::detail::hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? gatehouse::detail::hex_digit(text[i + 2]) : -1;
        if (low < 0) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// Follows one step of a JSON pointer.
std::string unescaped(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
            out += token[++i] == '0' ? '~' : '/';
        else
            out += token[i];
    }
    return out;
}

}  // namespace

const Node* SchemaRefs::find(const std::string& reference) {
    const auto known = found_.find(reference);
    if (known != found_.end()) return known->second;
    return found_.emplace(reference, resolve(reference)).first->second;
}

const Node* SchemaRefs::resolve(std::string_view reference) {
    const std::size_t hash = std::min(reference.find('#'), reference.size());
    const std::string_view base = reference.substr(0, hash);
    const std::string fragment = percent_decoded(reference.substr(std::min(hash + 1, reference.size())));
    auto named = [&](const std::string& name) -> const Node* {
        if (!indexed_) index_names(root_);
        indexed_ = true;
        const auto found = names_.find(name);
        return found == names_.end() ? nullptr : found->second;
    };
    if (!fragment.empty() && fragment.front() != '/') {
        if (const Node* found = named(std::string(base) + "#" + fragment)) return found;
        return named("#" + fragment);
    }
    const Node* from = base.empty() ? &root_ : named(std::string(base));
    return from ? follow(*from, fragment) : nullptr;
}

const Node* SchemaRefs::follow(const Node& from, std::string_view pointer) {
    const Node* node = &from;
    while (!pointer.empty() && node) {
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        node = child(*node, unescaped(pointer.substr(0, end)));
        pointer.remove_prefix(end);
    }
    return node;
}

const Node* SchemaRefs::child(const Node& node, const std::string& key) {
    if (node.is_array()) {
        std::size_t index = 0;
        const char* end = key.data() + key.size();
        const auto read = std::from_chars(key.data(), end, index);
        return read.ec == std::errc() && read.ptr == end && index < node.items.size() ? &node.items[index]
                                                                                      : nullptr;
    }
    if (node.members.size() <= small_object) return node.find(key);
    auto& index = members_[&node];
    if (index.empty())
        for (const Member& member : node.members) index[member.key] = &member.value;
    const auto found = index.find(key);
    return found == index.end() ? nullptr : found->second;
}

void SchemaRefs::index_names(const Node& node) {
    for (const Member& member : node.members) {
        if (member.value.is_string()) {
            if (member.key == "$id") {
                std::string_view name = member.value.text;
                if (name.size() > 1 && name.ends_with('#')) name.remove_suffix(1);
                names_.emplace(name, &node);
            } else if (member.key == "$anchor" || member.key == "$dynamicAnchor") {
                names_.emplace("#" + member.value.text, &node);
            }
        }
        index_names(member.value);
    }
    for (const Node& item : node.items) index_names(item);
}

}  // namespace gatehouse::oci
