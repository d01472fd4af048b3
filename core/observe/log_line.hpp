// SPDX-License-Identifier: Apache-2.0
// One line of the log, without its time and level, as text or as JSON.
//
// Values are bounded and escaped: control characters, line and paragraph
// separators and marks that turn the reading direction never come out as they
// are, so a value can neither end its line nor look like another field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::core {

class Line {
public:
    enum class Format { text, json };
    /// A longer value is cut, and ends in "...".
    static constexpr std::size_t max_value_bytes = 4096;

    /// Begins with `instance message`, or `"instance":…,"message":…`.
    Line(Format format, std::string_view instance, std::string_view message);

    Line& field(std::string_view name, std::string_view value, std::size_t max_bytes = max_value_bytes);
    /// Numbers and words of our own: never quoted.
    Line& number(std::string_view name, std::int64_t value);
    /// A number of billionths, with at least two digits after the point.
    Line& decimal(std::string_view name, std::int64_t nano);
    Line& flag(std::string_view name, bool value);

    /// For JSON without the braces around it.
    const std::string& content() const { return out_; }

private:
    void begin(std::string_view name);

    const Format format_;
    std::string out_;
};

}  // namespace gatehouse::core
