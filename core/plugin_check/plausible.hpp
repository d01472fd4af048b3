// SPDX-License-Identifier: Apache-2.0
// A configuration that a plugin may take, guessed from its keys, their docs and its
// own complaints.  [the part's thread]
#pragma once

#include "core/plugin_check/target.hpp"

namespace gatehouse::core::plugin_check {

/// A value for `key`: the `nth` guess, from 0; nothing when there are no more.
std::optional<Value> plausible(const Key& key, std::size_t nth);

/// A table with which an instance can be made, or the last refusal.
Result<Table> plausible_table(Check& check, Target& target);

}  // namespace gatehouse::core::plugin_check
