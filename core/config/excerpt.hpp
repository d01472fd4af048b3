// SPDX-License-Identifier: Apache-2.0
// The line of the file that an error points at, with a caret, and without possible secrets.
//
// An error often does not know which strings are secret, because the file may not parse or
// the plugin may not exist.  Therefore every string value is masked, except names (`name`, `use`, `groups`,
// `may`), and the value that the error is about if its key is not secret.  The references env:NAME, file:PATH
// and credential:NAME are shown.  Comments are left out.
#pragma once

#include "core/config/file.hpp"

#include <string>
#include <string_view>

namespace gatehouse::core {

/// "\n    the line\n    ^", or nothing if there is no such line.
std::string excerpt(std::string_view text, const SourceLocation& place);

}  // namespace gatehouse::core
