// SPDX-License-Identifier: Apache-2.0
// Reads a small text file: a configuration, a key.  [any thread; may block]
#pragma once

#include <gatehouse/result.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace gatehouse::core {

/// The whole file.  The error is a phrase that goes behind the file's name:
/// "no such file or directory", "is a directory", "is larger than …".
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t max_bytes);

/// The system's message for an errno, beginning in lower case.
std::string system_message(int number);

}  // namespace gatehouse::core
