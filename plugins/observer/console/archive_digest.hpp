// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest =
    "92b0518c6953f59fe6e332ef160b924ef81b25bb8d09e71ad72a4adb3e5e55e7";
}
