// SPDX-License-Identifier: Apache-2.0
// The facts about a request and its end as JSON for a library.  Functions without state: any
// thread.
#pragma once

#include <gatehouse/hook.hpp>

#include <string>
#include <string_view>

namespace gatehouse::c_hook {

/// The operation's name in c_hook.h.
std::string_view name_of(const Operation& operation);

/// The argument `info` of begin.  No header of the client is in it.
std::string info_json(const RequestInfo& info, const Operation& operation);

/// The argument `outcome` of done.
std::string outcome_json(const RequestOutcome& outcome);

}  // namespace gatehouse::c_hook
