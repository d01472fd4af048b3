// SPDX-License-Identifier: Apache-2.0
// Answers that an author has recorded, such as `curl -si` prints them.
#include "core/plugin_check/answers.hpp"

#include <gatehouse/name_pattern.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::uintmax_t max_file_bytes = 16 * 1024 * 1024;
constexpr std::string_view operation_header = "x-check-operation";

Error wrong(const std::filesystem::path& path, const std::string& why) {
    return {ErrorKind::bad_config, path.string() + ": " + why};
}

/// Removes and returns the first line without its line end; nothing if there is no line.
std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// 200 of "HTTP/1.1 200 OK", of "HTTP/2 200" and of "200".
int status_in(std::string_view line) {
    if (line.starts_with("HTTP/")) line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
    int status = 0;
    std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 3), status);
    return status >= 100 && status <= 599 ? status : 0;
}

Result<Answer> parsed(const std::filesystem::path& path, std::string_view text) {
    Answer answer{.name = path.filename().string(), .head = {}, .body = {}, .recorded = true};
    const auto first = take_line(text);
    answer.head.status = first ? status_in(*first) : 0;
    if (answer.head.status == 0) return wrong(path, "expected a status line first, such as HTTP/1.1 200 OK");
    for (;;) {
        const auto line = take_line(text);
        if (!line) return wrong(path, "the headers do not end with an empty line");
        if (line->empty()) break;
        const std::size_t colon = line->find(':');
        if (colon == line->npos) return wrong(path, "a header has no colon: " + std::string(*line));
        std::string_view value = line->substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        answer.head.headers.add(std::string(line->substr(0, colon)), std::string(value));
    }
    auto take = [&](std::string_view header) {
        std::string value(answer.head.headers.get(header));
        answer.head.headers.remove(header);
        return value;
    };
    answer.operation = take(operation_header);
    answer.method = take("x-check-method");
    answer.url = take("x-check-url");
    answer.contains = take("x-check-contains");
    // The bytes of the file are those of the body, whatever framing they once had.
    answer.head.headers.remove("transfer-encoding");
    if (answer.operation.empty())
        answer.operation =
            answer.head.headers.get("content-type").starts_with("text/event-stream") ? "stream" : "chat";
    const auto known = {"chat", "stream", "embed", "rerank", "models", "fetch"};
    if (std::ranges::find(known, answer.operation) == known.end())
        return wrong(path, std::string(operation_header) +
                               " must be chat, stream, embed, rerank, models or fetch, not " +
                               answer.operation);
    if (answer.operation == "fetch" && answer.url.empty())
        return wrong(path, "an answer of a fetch needs x-check-url: a URL, or its beginning and *");
    answer.body = text;
    return answer;
}

}  // namespace

bool answers_fetch(const Answer& answer, const http::Request& request) {
    if (answer.operation != "fetch" || !matches_pattern(answer.url, request.url)) return false;
    if (!answer.method.empty() && answer.method != request.method) return false;
    auto has = [&](std::string_view text) { return text.find(answer.contains) != text.npos; };
    return has(request.url) || has(request.body) ||
           std::ranges::any_of(request.headers, [&](const auto& header) { return has(header.second); });
}

Result<std::vector<Answer>> recorded_answers(const std::filesystem::path& folder) {
    std::error_code failure;
    std::vector<std::filesystem::path> paths;
    for (auto entry = std::filesystem::directory_iterator(folder, failure);
         !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure))
        if (entry->path().extension() == ".http") paths.push_back(entry->path());
    if (failure) return wrong(folder, failure.message());
    if (paths.empty()) return wrong(folder, "there is no file NAME.http in it");
    std::ranges::sort(paths);
    std::vector<Answer> answers;
    for (const auto& path : paths) {
        if (std::filesystem::file_size(path, failure) > max_file_bytes || failure)
            return wrong(path, failure ? failure.message() : "has more than 16 MiB");
        std::ifstream file(path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        auto answer = parsed(path, text);
        if (!answer) return answer.error();
        answers.push_back(*std::move(answer));
    }
    return answers;
}

std::vector<Answer> recorded_for_provider(const std::filesystem::path& folder) {
    auto all = recorded_answers(folder);
    if (!all) return {};
    std::erase_if(*all, [](const Answer& answer) { return answer.operation == "fetch"; });
    return *std::move(all);
}

}  // namespace gatehouse::core::plugin_check
