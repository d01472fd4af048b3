// SPDX-License-Identifier: Apache-2.0
// Replaces a string of the configuration by its value: a variable of the environment,
// a file's content, a path below the home folder, or the string itself.  [main thread]
//
//     env:NAME            the variable's value; an error if it is unset or empty
//     env:NAME:-default   the default instead, which may itself be any of these
//     file:PATH           the file's content, without one newline at its end
//     credential:NAME     the same for the file NAME in $CREDENTIALS_DIRECTORY, which systemd makes of
//                         LoadCredential=NAME:PATH
//     ~/path              below $HOME
#pragma once

#include "core/config/file.hpp"

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The error is a phrase that follows the key's name.  It names variables and files, never
/// their content.
Result<std::string> substitute(const ConfigFile& file, std::string_view text);

/// The file that holds the value of `text`: the file that `text` names, or the
/// configuration itself.  Empty for a variable, for a credential, which only the service can read, and for a
/// digest, which is not secret.
std::filesystem::path origin(const ConfigFile& file, std::string_view text);

/// The file whose content `text` stands for by `file:` or `credential:`; empty for other texts.
std::filesystem::path referenced_file(const ConfigFile& file, std::string_view text);

/// Whether `text` begins with env:, file: or credential:.
bool is_reference(std::string_view text);

}  // namespace gatehouse::core
