// SPDX-License-Identifier: Apache-2.0
// The facts about a request and its end as JSON, for hooks in other languages (c_hook.h, and the program of
// hook/process).  Functions without state: any thread.
#pragma once

#include <gatehouse/hook.hpp>

#include <string>
#include <string_view>

namespace gatehouse::hook_texts {

/// The operation's name in c_hook.h.
std::string_view name_of(const Operation& operation);

/// `info` of a request.  No header of the client is in it.
std::string info_json(const RequestInfo& info, const Operation& operation);

/// `outcome` of a request that has ended.
std::string outcome_json(const RequestOutcome& outcome);

}  // namespace gatehouse::hook_texts
