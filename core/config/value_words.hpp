// SPDX-License-Identifier: Apache-2.0
// The words for types of values in messages about the configuration.  [any thread]
#pragma once

#include <gatehouse/schema.hpp>

#include <string>

namespace gatehouse::core {

/// "an integer", "a list of tables".
const char* expected_type(ValueType type);

/// The same with the words that the key allows instead of a table.
std::string expected_type(const Key& key);

/// Whether TOML writes a value of this type without quotes, such as a number.
bool stands_without_quotes(ValueType type);

}  // namespace gatehouse::core
