// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest = "7495aa07f4a69e07b6a86992976ae7a36e13bb3d14b14a533f307fb1314f5aad";
}
