// SPDX-License-Identifier: Apache-2.0
// Output and look-ups that several commands share.  [main thread]
#pragma once

#include "core/cli/commands.hpp"
#include "core/plugin/finder.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// Prints `text` on standard error and returns `status`.
int fail(int status, std::string_view text);

/// An error of the command line or of a file; `why` is for the user.
Error refused(std::string why);

/// Pads `text` with blanks, at least two, up to `width`.
std::string padded(std::string_view text, std::size_t width);

/// `text` with blanks instead of control characters: a name of a foreign file, of a client or of another
/// server must not control the terminal.
std::string without_controls(std::string_view text);

Result<Finder> make_finder(const PluginFolders& where);

}  // namespace gatehouse::core
