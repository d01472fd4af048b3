// SPDX-License-Identifier: Apache-2.0
#include "core/cli/tables.hpp"

#include "core/plugin/library.hpp"
#include "core/util/suggest.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::core {

std::string_view doc_of_kind(std::string_view kind) {
    if (kind == "authenticator")
        return "Authenticates clients. Several authenticators are called in the order of the file.";
    if (kind == "signer") return "Authenticates the gateway to an upstream.";
    if (kind == "provider") return "Sends requests to an upstream, or responds to them itself.";
    if (kind == "mapper") return "Maps model names to providers. Exactly one mapper is required.";
    if (kind == "dialect") return "A protocol that clients use.";
    if (kind == "hook")
        return "Inspects, changes or rejects requests and responses. Hooks run in the order of the file.";
    if (kind == "limiter") return "Limits rates and cost of requests. At most one limiter is allowed.";
    if (kind == "observer") return "Gets the record of each finished request, such as for traces.";
    if (kind == "store") return "Keeps documents and counters for other plugins.";
    return {};
}

std::vector<std::string> plugin_names(const std::vector<ListedPlugin>& all, std::string_view kind) {
    std::vector<std::string> names;
    for (const ListedPlugin& plugin : all) {
        if (!plugin.descriptor || kind_of(*plugin.descriptor) != kind) continue;
        const std::string name = plugin.descriptor->name;
        // A plugin with another file name is not found.
        if (plugin.path.stem() != name || !is_plain_name(name)) continue;
        if (!std::ranges::count(names, name)) names.push_back(name);
    }
    return names;
}

bool has_minimum(const Key& key) { return key.minimum != std::numeric_limits<std::int64_t>::min(); }
bool has_maximum(const Key& key) { return key.maximum != std::numeric_limits<std::int64_t>::max(); }

std::string remarks(const Key& key) {
    std::string text;
    const char* before = key.type == ValueType::table_map ? "Or, instead of the tables, " : "One of ";
    for (const std::string& word : key.allowed) text += (text.empty() ? before : ", ") + toml_quoted(word);
    if (!text.empty()) text += '.';
    auto add = [&](const std::string& remark) { text += (text.empty() ? "" : " ") + remark; };
    const bool low = has_minimum(key), high = has_maximum(key);
    if (low && high)
        add("Between " + std::to_string(key.minimum) + " and " + std::to_string(key.maximum) + ".");
    else if (low)
        add("At least " + std::to_string(key.minimum) + ".");
    else if (high)
        add("At most " + std::to_string(key.maximum) + ".");
    if (key.secret)
        add("Secret: never printed; keep it out of the file with env:NAME, file:PATH or credential:NAME.");
    return text;
}

std::string wrapped(std::string_view text, const std::string& indent, std::size_t width) {
    auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
    std::string out, line = indent;
    bool empty = true;
    auto flush = [&] {
        if (!empty) out += line + '\n';
        line = indent;
        empty = true;
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = static_cast<std::size_t>(
            std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_blank) -
            text.begin());
        if (!empty && line.size() + 1 + end - at > width) flush();
        if (end > at) {
            line.append(empty ? "" : " ").append(text, at, end - at);
            empty = false;
        }
        at = end + 1;
    }
    flush();
    return out;
}

}  // namespace gatehouse::core
