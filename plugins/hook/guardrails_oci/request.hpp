// SPDX-License-Identifier: Apache-2.0
// The texts of a request: which of them are checked, and how they are masked.  Functions without
// state: any thread.
#pragma once

#include "plugins/hook/guardrails_oci/checker.hpp"

#include <gatehouse/operation.hpp>

#include <string>

namespace gatehouse::guardrails_oci {

/// The texts of `operation`, joined.  `only_new`: of a chat only the messages after the last turn of
/// the assistant.
std::string texts_of(const Operation& operation, bool only_new);

/// Replaces what was found in texts of messages and in inputs.  Returns false if something that was
/// found is still in the request, for example in the arguments of a tool call.
bool mask(Operation& operation, const Decision& decision);

}  // namespace gatehouse::guardrails_oci
