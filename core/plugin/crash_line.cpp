// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/crash_line.hpp"

#include <unistd.h>

#include <chrono>
#include <ctime>

namespace gatehouse::core {

CrashLine::CrashLine(bool json, std::string_view instance, std::string_view message) : json_(json) {
    raw(json_ ? "{\"time\":\"" : "");
    time();
    raw(json_ ? "\",\"level\":\"error\",\"instance\":\"" : " error ");
    text(instance);
    raw(json_ ? "\",\"message\":\"" : " ");
    text(message);
    raw(json_ ? "\"" : "");
}

CrashLine& CrashLine::field(std::string_view name, std::string_view value) {
    return begin(name).text(value).end();
}

CrashLine& CrashLine::begin(std::string_view name) {
    raw(json_ ? ",\"" : " ");
    raw(name);
    raw(json_ ? "\":\"" : "=\"");
    return *this;
}

CrashLine& CrashLine::text(std::string_view part) {
    for (char c : part) {
        const bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        const char shown = plain ? c : '?';
        raw({&shown, 1});
    }
    return *this;
}

CrashLine& CrashLine::hex(std::uintptr_t number) {
    raw("0x");
    bool begun = false;
    for (int shift = static_cast<int>(sizeof number) * 8 - 4; shift >= 0; shift -= 4) {
        const auto digit = static_cast<std::size_t>((number >> shift) & 15);
        begun = begun || digit != 0 || shift == 0;
        if (begun) raw(std::string_view("0123456789abcdef").substr(digit, 1));
    }
    return *this;
}

CrashLine& CrashLine::end() {
    raw("\"");
    return *this;
}

void CrashLine::write_to(int descriptor) const {
    std::array<char, sizeof line_ + 3> whole;
    std::size_t size = 0;
    for (; size < size_; ++size) whole[size] = line_[size];
    // A line that was cut in a value ends this value.
    if (size_ == line_.size()) whole[size++] = '"';
    if (json_) whole[size++] = '}';
    whole[size++] = '\n';
    (void)!::write(descriptor, whole.data(), size);
}

void CrashLine::raw(std::string_view bytes) {
    for (char c : bytes)
        if (size_ < line_.size()) line_[size_++] = c;
}

void CrashLine::number(std::uint64_t value, int digits) {
    std::array<char, 20> text;
    for (int i = digits; i-- > 0; value /= 10)
        text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    raw({text.data(), static_cast<std::size_t>(digits)});
}

// The time zone is UTC, so no function of the C library is necessary.
void CrashLine::time() {
    namespace chrono = std::chrono;
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const auto day = chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(now.tv_sec)));
    const chrono::year_month_day date(day);
    const auto second = static_cast<std::uint64_t>(now.tv_sec - day.time_since_epoch().count() * 86'400);
    number(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
    raw("-");
    number(static_cast<unsigned>(date.month()), 2);
    raw("-");
    number(static_cast<unsigned>(date.day()), 2);
    raw("T");
    number(second / 3600, 2);
    raw(":");
    number(second / 60 % 60, 2);
    raw(":");
    number(second % 60, 2);
    raw(".");
    number(static_cast<std::uint64_t>(now.tv_nsec / 1'000'000), 3);
    raw("Z");
}

}  // namespace gatehouse::core
