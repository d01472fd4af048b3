// SPDX-License-Identifier: Apache-2.0
// One line of the log, made in a signal handler: in a fixed buffer, with the form that log.hpp gives
// its lines.  Characters that would need an escape become "?".  One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::core {

class CrashLine {
public:
    /// Begins with the time, the level "error", the instance and the message.
    CrashLine(bool json, std::string_view instance, std::string_view message);

    CrashLine& field(std::string_view name, std::string_view value);
    /// A field of several parts: begin(), then text() and hex(), then end().
    CrashLine& begin(std::string_view name);
    CrashLine& text(std::string_view part);
    CrashLine& hex(std::uintptr_t number);
    CrashLine& end();

    void write_to(int descriptor) const;

private:
    void raw(std::string_view bytes);
    void number(std::uint64_t value, int digits);
    void time();

    const bool json_;
    std::array<char, 4096> line_;
    std::size_t size_ = 0;
};

}  // namespace gatehouse::core
