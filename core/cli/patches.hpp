// SPDX-License-Identifier: Apache-2.0
// Adds members to the text of a client's own configuration file.  Plain functions.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace gatehouse::core {

/// Members that a file must have.  Objects are merged with those of the file; another value replaces that of
/// the file.
using Members = nlohmann::ordered_json;

/// JSON.  Comments are lost.
Result<std::string> patched_json(const std::string& before, const Members& members);

/// TOML.  Changes only the lines of these members; comments stay.
Result<std::string> patched_toml(const std::string& before, const Members& members);

/// YAML with lists at its top.  An entry of a list replaces the entry with the same `name`, or becomes the
/// first one. Scalars are added only to an empty file.  Comments stay.
Result<std::string> patched_yaml(const std::string& before, const Members& members);

/// Merges `from` into `into` as described above.
void merge(Members& into, const Members& from);

}  // namespace gatehouse::core
