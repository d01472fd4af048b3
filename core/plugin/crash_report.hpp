// SPDX-License-Identifier: Apache-2.0
// Reports a crash in the log before the process dies: the signal, the plugin call that the thread has noted,
// and the addresses of the back trace.  The process then dies by the same signal as without a report.
//
//     … error rogue plugin crashed the process signal=SIGSEGV library=/x/rogue.so call=Exchange::end
//     request_id=req_… … error rogue back trace of the crash frames="/x/rogue.so+0x1a2b …"
#pragma once

namespace gatehouse::core {

/// Reports crashes and calls of exit() by plugins from now on, to standard error as text.  Threads that
/// call plugins get a separate stack for the report of an exhausted stack.  [main thread, before others]
void report_crashes();

/// Where the report goes.  Changes may happen at any time.  [main thread]
void set_crash_log(int descriptor, bool json);

}  // namespace gatehouse::core
