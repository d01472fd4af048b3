// SPDX-License-Identifier: Apache-2.0
// Runs a part of the check in a process of its own, so that a crash, an endless
// loop or an exit() of the plugin is a finding and not the end of the check.
// [main thread; the process has no other]
#pragma once

#include "core/plugin_check/check.hpp"

namespace gatehouse::core::plugin_check {

/// Adds to `record` what `part` finds, and how it ended if not well.  False: it did not
/// come to its end.
bool run_apart(const Effort& effort, Record& record, const std::function<void(Check&)>& part);

}  // namespace gatehouse::core::plugin_check
