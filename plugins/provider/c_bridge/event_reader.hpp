// SPDX-License-Identifier: Apache-2.0
// One event as a library writes it, as one of ours.  A function without state: any
// thread.
#pragma once

#include <gatehouse/event.hpp>

#include <string>

namespace gatehouse::c_bridge {

/// Whether it may come at this point is for AnswerRules.  `json` is used up.  Throws Mistake.
Event read_event(std::string& json);

}  // namespace gatehouse::c_bridge
