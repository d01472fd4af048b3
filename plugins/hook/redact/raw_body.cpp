// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/raw_body.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/hook/redact/json_masker.hpp"

#include <optional>

namespace gatehouse::redact {

namespace {

using common::lower_case;

/// Whether a body of this type is text.  An unknown type is masked to be safe.
bool is_text(std::string_view content_type) {
    const std::string type(common::trimmed(lower_case(content_type.substr(0, content_type.find(';')))));
    return type.empty() || type.starts_with("text/") || type.find("json") != type.npos ||
           type == "application/x-www-form-urlencoded" || type.ends_with("xml");
}

/// The parameter `boundary` of multipart/form-data (RFC 2046, 5.1.1).
std::optional<std::string> boundary_of(std::string_view content_type) {
    const std::string folded = lower_case(content_type);
    constexpr std::string_view name = "boundary=";
    const std::size_t at = folded.find(name);
    if (!folded.starts_with("multipart/") || at == folded.npos) return std::nullopt;
    std::string_view value = content_type.substr(at + name.size());
    if (value.starts_with('"'))
        value = value.substr(1, value.find('"', 1) - 1);
    else
        value = common::trimmed(value.substr(0, value.find(';')));
    if (value.empty()) return std::nullopt;
    return std::string(value);
}

/// Whether the headers of a part of a form belong to a file.
bool is_file(std::string_view headers) {
    const std::string folded = lower_case(headers);
    return folded.find("filename=") != folded.npos || folded.find("filename*=") != folded.npos;
}

/// Appends one part: headers, an empty line, and the content.
void append_part(const Rules& rules, Tally& tally, std::string_view part, std::string& out) {
    constexpr std::string_view blank_line = "\r\n\r\n";
    const std::size_t end = part.find(blank_line);
    const std::string_view headers = part.substr(0, end);
    const std::string_view content = end == part.npos ? "" : part.substr(end + blank_line.size());
    out += masked(rules, tally, headers);
    if (end == part.npos) return;
    out += blank_line;
    out += is_file(headers) ? std::string(content) : masked_json(rules, tally, content);
}

std::string masked_form(const Rules& rules, Tally& tally, const std::string& boundary,
                        std::string_view body) {
    const std::string line = "--" + boundary;
    std::string out;
    while (!body.empty()) {
        const std::size_t end = std::min(body.find(line), body.size());
        append_part(rules, tally, body.substr(0, end), out);
        out += body.substr(end, line.size());
        body.remove_prefix(std::min(end + line.size(), body.size()));
    }
    return out;
}

}  // namespace

std::string masked_body(const Rules& rules, Tally& tally, std::string_view content_type, std::string body) {
    if (const auto boundary = boundary_of(content_type)) return masked_form(rules, tally, *boundary, body);
    return is_text(content_type) ? masked_json(rules, tally, body) : body;
}

}  // namespace gatehouse::redact
