// SPDX-License-Identifier: Apache-2.0
// Repeats the check under valgrind and turns its errors into findings.
// [main thread]
#pragma once

#include "core/plugin_check/finding.hpp"

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::core::plugin_check {

/// Runs this program with `arguments` and a file for its record under valgrind.
/// Errors that lie in `library` are findings; those of others are not the author's.
Result<Record> under_valgrind(const std::vector<std::string>& arguments,
                              const std::filesystem::path& library);

/// The errors of one file that valgrind has written as XML.
std::vector<Finding> valgrind_findings(const std::string& xml, const std::filesystem::path& library);

}  // namespace gatehouse::core::plugin_check
