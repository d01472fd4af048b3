// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/gateway/log: the last lines of the log's file.  It reads the file: [a helper thread].
#pragma once

#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::core {

inline constexpr std::size_t log_report_bytes = 1'048'576;  // read at the end of the file
inline constexpr std::size_t log_report_lines = 500;

/// JSON with the last lines that contain `text`, without regard to ASCII case, and `level` as a word; empty:
/// every line.  `file` is [log] file.
Result<std::string> log_report(const std::string& file, std::string_view text, std::string_view level);

}  // namespace gatehouse::core
