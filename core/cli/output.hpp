// SPDX-License-Identifier: Apache-2.0
// Output and look-ups that several commands share.  [main thread]
#pragma once

#include "core/cli/commands.hpp"
#include "core/plugin/finder.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// `text` on standard error, as the last words of a command.
int fail(int status, std::string_view text);

/// `text` with blanks behind it, at least two and up to `width`.
std::string padded(std::string_view text, std::size_t width);

Result<Finder> make_finder(const PluginFolders& where);

}  // namespace gatehouse::core
