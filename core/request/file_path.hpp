// SPDX-License-Identifier: Apache-2.0
// Recognizes paths of files in a message.  Plain functions: [any thread].
#pragma once

#include <string_view>

namespace gatehouse::core {

/// Whether `name` ends with the extension of a source file.
bool is_source(std::string_view name);

/// Whether `token` is the path of a file or of a folder, with or without a line number.
/// Paths of APIs, such as /v1/models, are not.
bool is_path(std::string_view token);

}  // namespace gatehouse::core
