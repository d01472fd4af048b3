// SPDX-License-Identifier: Apache-2.0
// Converts a library's event into an Event.  A function without state: any
// thread.
#pragma once

#include <gatehouse/event.hpp>

#include <string>

namespace gatehouse::c_bridge {

/// AnswerRules checks the order of events.  Overwrites `json`.  Throws Mistake.
Event read_event(std::string& json);

}  // namespace gatehouse::c_bridge
