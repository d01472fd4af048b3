// SPDX-License-Identifier: Apache-2.0
#include "core/cli/init_template.hpp"

#include "core/util/text_file.hpp"

#include <gatehouse/value.hpp>

#include <sstream>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_form_bytes = 64 * 1024;

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

Question question_of(const std::string& line) {
    std::vector<std::string> parts;
    std::istringstream in(line);
    for (std::string part; std::getline(in, part, '|');) parts.push_back(trimmed(part));
    // A default after the last bar may be empty.
    const bool has_default = parts.size() > 2 || (parts.size() == 2 && line.ends_with('|'));
    parts.resize(3);
    return {parts[0], parts[1], parts[2], !has_default};
}

/// `text` as it stands between the quotes of a TOML string.
std::string escaped(const std::string& text) {
    const std::string quoted = toml_quoted(text);
    return quoted.substr(1, quoted.size() - 2);
}

std::string with_answers(const std::string& line, const std::map<std::string, std::string>& answers) {
    std::string out;
    for (std::size_t at = 0;;) {
        const std::size_t open = line.find('@', at);
        const std::size_t close = open == std::string::npos ? open : line.find('@', open + 1);
        if (close == std::string::npos) return out + line.substr(at);
        const auto answer = answers.find(line.substr(open + 1, close - open - 1));
        out += line.substr(at, open - at);
        out += answer == answers.end() ? line.substr(open, close + 1 - open) : escaped(answer->second);
        at = close + 1;
    }
}

}  // namespace

Result<InitTemplate> read_init_template(const std::filesystem::path& path) {
    auto text = read_text_file(path, max_form_bytes);
    if (!text) return Error{ErrorKind::bad_config, path.string() + ": " + text.error().message};
    InitTemplate form;
    std::istringstream in(*text);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("#! "))
            form.title = line.substr(3);
        else if (line.starts_with("#? "))
            form.questions.push_back(question_of(line.substr(3)));
        else
            form.body += line + '\n';
    }
    return form;
}

std::string filled(const InitTemplate& form, const std::map<std::string, std::string>& answers) {
    std::string out;
    std::istringstream in(form.body);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('?')) {
            const std::size_t blank = line.find(' ');
            const auto answer = answers.find(line.substr(1, blank - 1));
            if (answer == answers.end() || answer->second.empty()) continue;
            line = blank == std::string::npos ? "" : line.substr(blank + 1);
        }
        out += with_answers(line, answers) + '\n';
    }
    return out;
}

}  // namespace gatehouse::core
