// SPDX-License-Identifier: Apache-2.0
#include "core/request/stack_trace.hpp"

#include "core/request/file_path.hpp"
#include "core/util/ascii.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_frame_bytes = 300;

/// The file of "in C:\\x.cs:line 3".
bool has_line_of_source(std::string_view frame) {
    const std::size_t line = frame.find(":line ");
    return line != frame.npos && is_source(frame.substr(0, line));
}

/// "com.example.Model.run", "Object.<anonymous>", "async f"; not the words of a sentence.
bool is_function(std::string_view text) {
    for (const std::string_view word : {"async ", "new "})
        if (text.starts_with(word)) text.remove_prefix(word.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    return !text.empty() && text.find_first_of(" \t\r\n,;") == text.npos;
}

/// "at com.example.Model.run(Model.java:88)", "at f (native)", "at X.Y() in C:\\x.cs:line 3".
bool is_frame(std::string_view text) {
    constexpr std::string_view next = " at ";
    const std::size_t end = text.substr(0, max_frame_bytes + next.size()).find(next, 1);
    const std::string_view frame = text.substr(0, std::min(end, max_frame_bytes));
    const std::size_t open = frame.find('('), close = frame.find(')', open == frame.npos ? 0 : open);
    if (open == frame.npos || close == frame.npos || !is_function(frame.substr(0, open))) return false;
    if (has_line_of_source(frame)) return true;
    const std::string_view place = frame.substr(open + 1, close - open - 1);
    return is_path(place) || place.starts_with("node:") || place == "Native Method" ||
           place == "Unknown Source" || place == "native" || place == "<anonymous>";
}

std::size_t first_frame(std::string_view text) {
    for (std::size_t at = text.find("at "); at != text.npos; at = text.find("at ", at + 1))
        if ((at == 0 || is_blank(text[at - 1])) && is_frame(text.substr(at + 3))) return at;
    return text.npos;
}

}  // namespace

std::string_view without_trace(std::string_view text) {
    static constexpr std::array<std::string_view, 7> marks = {
        "Traceback (most recent", "Exception in thread", "stack trace:", "Stack trace:",
        "stack backtrace:",       "Caused by: ",         "goroutine "};
    std::size_t end = first_frame(text);
    for (const std::string_view mark : marks) {
        const std::size_t at = text.find(mark);
        if (mark != "goroutine " || (at != text.npos && text.substr(at).find(" [running]") < 24))
            end = std::min(end, at);
    }
    if (end == text.npos) return text;
    text = text.substr(0, end);
    while (!text.empty() && (is_blank(text.back()) || text.back() == ':' || text.back() == '('))
        text.remove_suffix(1);
    return text;
}

}  // namespace gatehouse::core
