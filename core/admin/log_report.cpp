// SPDX-License-Identifier: Apache-2.0
#include "core/admin/log_report.hpp"

#include "core/util/ascii.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::core {

namespace {

/// The end of the file, from the beginning of a line on; `from` is its place in the file.
Result<std::string> tail_of(const std::string& path, std::uint64_t& from) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) return Error{ErrorKind::unavailable, "the log's file cannot be read"};
    const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
    from = size > log_report_bytes ? size - log_report_bytes : 0;
    std::string text(static_cast<std::size_t>(size - from), '\0');
    file.seekg(static_cast<std::streamoff>(from));
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    if (from == 0) return text;
    const std::size_t line = std::min(text.find('\n'), text.size() - 1) + 1;
    from += line;
    return text.substr(line);
}

}  // namespace

Result<std::string> log_report(const std::string& file, std::string_view text, std::string_view level) {
    if (file == "stderr" || file == "stdout")
        return Error{.kind = ErrorKind::not_found,
                     .message = "the log goes to " + file + ": set file in [log] to a path to search it here",
                     .code = "no_log_file"};
    std::uint64_t from = 0;
    const auto tail = tail_of(file, from);
    if (!tail) return tail.error();
    const std::string wanted = lower_case(text);
    // "level":"error" in a log in JSON, and the word between blanks in a text.
    const std::string in_json = "\"" + std::string(level) + "\"", in_text = " " + std::string(level) + " ";
    std::vector<std::string_view> lines;
    std::size_t matching = 0;
    for (std::string_view rest = *tail; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::string_view head = line.substr(0, 120);
        if (!level.empty() && head.find(in_json) == head.npos && head.find(in_text) == head.npos) continue;
        if (!wanted.empty() && lower_case(line).find(wanted) == std::string::npos) continue;
        ++matching;
        lines.push_back(line.substr(0, 4096));
    }
    if (lines.size() > log_report_lines) lines.erase(lines.begin(), lines.end() - log_report_lines);
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("file", file).member("complete", from == 0).member("matching", matching);
    json.member("lines", lines).end_object();
    return out;
}

}  // namespace gatehouse::core
