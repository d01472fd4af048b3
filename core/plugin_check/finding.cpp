// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/finding.hpp"

#include <gatehouse/json_writer.hpp>

#include <array>
#include <optional>

namespace gatehouse::core::plugin_check {

namespace {

constexpr char field_end = '\x1F', entry_end = '\n';

// Tabs and line ends of a fact, which may be TOML, survive; nothing else does.
std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) >= 0x20)
            out += c;
    }
    return out;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && i + 1 < text.size();
        if (escape) ++i;
        out += escape && text[i] == 'n' ? '\n' : text[i];
    }
    return out;
}

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(field_end, at), line.size());
        fields.push_back(unescaped(line.substr(at, end - at)));
        at = end + 1;
    }
    return fields;
}

std::optional<Severity> severity_of(std::string_view word) {
    if (word == "error") return Severity::error;
    if (word == "warning") return Severity::warning;
    if (word == "note") return Severity::note;
    return std::nullopt;
}

constexpr std::array severity_words = {"error", "warning", "note"};

}  // namespace

std::string encoded(const Finding& finding) {
    std::string line = severity_words[static_cast<std::size_t>(finding.severity)];
    for (const std::string* field : {&finding.id, &finding.text, &finding.context, &finding.contract})
        line.append(1, field_end).append(escaped(*field));
    return line += entry_end;
}

std::string encoded_fact(std::string_view name, std::string_view value) {
    std::string line = "fact";
    line.append(1, field_end).append(escaped(name)).append(1, field_end).append(escaped(value));
    return line += entry_end;
}

void decode(std::string_view lines, Record& into) {
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = lines.find(entry_end, at);
        if (end == std::string_view::npos) return;  // cut short by the end of its writer
        const std::vector<std::string> fields = fields_of(lines.substr(at, end - at));
        at = end + 1;
        if (fields.size() == 3 && fields[0] == "fact") {
            into.facts[fields[1]] = fields[2];
        } else if (fields.size() == 5) {
            if (const auto severity = severity_of(fields[0]))
                into.findings.push_back({*severity, fields[1], fields[2], fields[3], fields[4]});
        }
    }
}

void mask(Record& record, const std::vector<std::string>& secrets) {
    auto hide = [](std::string& text, const std::string& secret) {
        const std::string begin = secret.substr(0, telling_part);
        for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
            std::size_t size = begin.size();
            while (size < secret.size() && at + size < text.size() && text[at + size] == secret[size]) ++size;
            text.replace(at, size, "********");
        }
    };
    for (const std::string& secret : secrets) {
        if (secret.size() < shortest_secret) continue;
        for (Finding& finding : record.findings)
            for (std::string* text : {&finding.text, &finding.context}) hide(*text, secret);
        for (auto& [name, text] : record.facts) hide(text, secret);
    }
}

std::string printable(std::string_view text, std::size_t longest) {
    std::string out;
    while (!text.empty() && out.size() < longest) {
        const std::size_t length = gatehouse::detail::utf8_length(text);
        const auto lead = static_cast<unsigned char>(text.front());
        if (length == 0 || lead < 0x20 || lead == 0x7F)
            out += lead == '\n' ? "\\n" : lead == '\r' ? "\\r" : "?";
        else
            out += text.substr(0, length);
        text.remove_prefix(length ? length : 1);
    }
    return text.empty() ? out : out + "…";
}

}  // namespace gatehouse::core::plugin_check
