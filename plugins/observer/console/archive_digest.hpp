// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest = "a7f3613c0aa2752b9b7bdc03ed7b4f1308a5404c6dba39b56ea2fa0031c96cf5";
}
