// SPDX-License-Identifier: Apache-2.0
// The row of events of an answer: what event.hpp promises of it, and the row as text,
// so that two can be compared.  [the part's thread]
#pragma once

#include "core/plugin_check/check.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/operation.hpp>

namespace gatehouse::core::plugin_check {

/// Says of a complete answer to `operation` what event.hpp forbids.  `utf8`: the upstream's
/// bytes were, so that each delta should be.
void check_events(Check& check, const std::vector<Event>& events, const Operation& operation,
                  bool utf8 = true);

/// One line for each event.  Neighbouring deltas are joined, for they may be cut
/// anywhere; times are left out; ids of tool calls, which may be made up, are numbered.
std::string described(const std::vector<Event>& events);

/// All text of all choices.
std::string text_of(const std::vector<Event>& events);

}  // namespace gatehouse::core::plugin_check
