// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/foreign_parts.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatehouse::openai_format {

namespace {

using namespace upstream;

constexpr std::size_t max_text = 1024 * 1024;  // bytes
constexpr int max_depth = 16;

bool has_words(std::string_view member) {
    constexpr std::array<std::string_view, 7> names = {"title",   "url",    "source", "text",
                                                       "content", "stdout", "stderr"};
    return std::find(names.begin(), names.end(), member) != names.end();
}

void add_line(std::string& out, std::string_view line) {
    if (line.empty() || out.size() + line.size() > max_text) return;
    if (!out.empty()) out += '\n';
    out += line;
}

/// Adds the strings of members with words, in their order.
void add_words(std::string& out, dom::element value, bool words, int depth) {
    if (depth > max_depth) return;
    if (const auto text = string(value)) {
        if (words) add_line(out, *text);
    } else if (const auto list = array(value)) {
        for (dom::element one : *list) add_words(out, one, words, depth + 1);
    } else if (const auto members = object(value)) {
        for (const auto member : *members)
            if (has_words(member.key)) add_words(out, member.value, true, depth + 1);
    }
}

bool has_text(std::string_view type) {
    return type == "search_result" || type == "document" || type.ends_with("_tool_result");
}

std::string title_of(const File& file) {
    if (!file.filename.empty()) return file.filename;
    const std::string json = json::member_of(file.extra, "title");
    if (json.size() < 2 || json.front() != '"') return {};
    return JsonString::spelled(std::string_view(json).substr(1, json.size() - 2), true).str();
}

}  // namespace

std::string plain_text_of(const OtherPart& part) {
    std::string out;
    if (!has_text(part.type)) return out;
    std::string text = part.json.text;
    if (const auto tree = Tree::parse(text)) add_words(out, tree->root(), false, 0);
    return out;
}

Part translated_file(const File& file) {
    constexpr std::string_view plain = "data:text/plain;base64,";
    const std::string_view data = file.data;
    const std::string title = title_of(file);
    if (data.starts_with(plain))
        if (auto text = from_base64(data.substr(plain.size())))
            return Text{title.empty() ? *text : title + "\n\n" + *text};
    File kept = file;
    kept.extra = kept.inner_extra = {};
    // OpenAI requires a name.
    if (!kept.data.empty()) kept.filename = title.empty() ? "document.pdf" : title;
    return kept;
}

}  // namespace gatehouse::openai_format
