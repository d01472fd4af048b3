// SPDX-License-Identifier: Apache-2.0
// Whether a file is a whole shared library: the linker maps a file that was cut
// short without a complaint, and the process then dies of a bus error.
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>

namespace gatehouse::core {

/// The error is a phrase for behind the file's name.
Result<void> check_elf(const std::filesystem::path& path);

}  // namespace gatehouse::core
