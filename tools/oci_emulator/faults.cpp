// SPDX-License-Identifier: Apache-2.0
// Reads the mock words.
#include "tools/oci_emulator/faults.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view prefix = "mock:";

// Removes the number at the start of `text` and returns it, or nothing if `text`
// starts otherwise.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || value < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

// The length of the JSON object at the start of `text`: to its closing brace, or
// to the end of the line if the arguments are broken.
std::size_t object_length(std::string_view text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"' || i >= text.size();
            continue;
        }
        if (c == '"') in_string = true;
        if (c == '{') ++depth;
        if (c == '}' && --depth == 0) return i + 1;
    }
    return std::min(text.find('\n'), text.size());
}

// NAME:{json}; the arguments may be left out.
void read_tool(std::string_view& text, Faults& faults) {
    const std::size_t end = std::min(text.find_first_of(": \n\t"), text.size());
    if (end == 0) return;
    MockCall call{std::string(text.substr(0, end)), "{}"};
    text.remove_prefix(end);
    if (take(text, ":")) {
        const std::size_t length =
            text.starts_with('{') ? object_length(text) : std::min(text.find_first_of(" \n\t"), text.size());
        call.arguments = text.substr(0, length);
        text.remove_prefix(length);  // mock words in the arguments are ignored
    }
    faults.calls.push_back(std::move(call));
}

void read_error(std::string_view& text, Faults& faults) {
    const auto status = take_number(text);
    if (!status || *status < 400 || *status > 599) return;
    faults.status = static_cast<int>(*status);
    if (!take(text, ":env")) return;
    faults.in_usual_body = true;
    if (!take(text, ":")) return;
    if (const auto seconds = take_number(text))
        faults.retry_after = static_cast<int>(std::min<std::int64_t>(*seconds, 86'400));
}

void read_finish(std::string_view& text, Faults& faults) {
    const std::size_t end = std::min(
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"), text.size());
    faults.finish = text.substr(0, std::min<std::size_t>(end, 64));
    text.remove_prefix(end);
}

void read_flaky(std::string_view& text, Faults& faults) {
    const auto count = take_number(text);
    const auto status = count && take(text, ":") ? take_number(text) : std::nullopt;
    if (!status || *status < 400 || *status > 599) return;
    faults.fails_first = static_cast<int>(std::min<std::int64_t>(*count, 1000));
    faults.flaky_status = static_cast<int>(*status);
}

void read_word(std::string_view& text, Faults& faults) {
    const auto milliseconds = [&]() -> Faults::Milliseconds {
        return Faults::Milliseconds(std::min<std::int64_t>(take_number(text).value_or(0), 600'000));
    };
    if (take(text, "tool:"))
        read_tool(text, faults);
    else if (take(text, "err:"))
        read_error(text, faults);
    else if (take(text, "flaky:"))
        read_flaky(text, faults);
    else if (take(text, "toolong"))
        faults.too_long = true;
    else if (take(text, "miderr"))
        faults.cut = true;
    else if (take(text, "errevent"))
        faults.error_event = true;
    else if (take(text, "garbage"))
        faults.garbage = true;
    else if (take(text, "nofinish"))
        faults.no_finish = true;
    else if (take(text, "nodone"))
        faults.no_done = true;
    else if (take(text, "finish:"))
        read_finish(text, faults);
    else if (take(text, "reset"))
        faults.reset = true;
    else if (take(text, "drip:"))
        faults.drip = milliseconds();
    else if (take(text, "wait:"))
        faults.wait = milliseconds();
    else if (take(text, "split:"))
        faults.piece = static_cast<std::size_t>(take_number(text).value_or(0));
    else if (take(text, "long:"))
        faults.long_words = std::min<std::int64_t>(take_number(text).value_or(0), 10'000'000);
}

}  // namespace

Faults read_faults(std::string_view text) {
    Faults faults;
    for (char before = ' '; !text.empty();) {
        // Not within a word such as "hammock:".
        const bool inside = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
                            before == '_' || (before >= '0' && before <= '9');
        before = text.front();
        if (inside || !take(text, prefix)) {
            text.remove_prefix(1);
            continue;
        }
        before = ':';
        read_word(text, faults);
    }
    return faults;
}

}  // namespace gatehouse::emulator
