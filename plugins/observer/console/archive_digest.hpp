// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest =
    "69be65bf3855c973a06485736e150cf3fc2639d8124d14a2ec84044ba2c8e996";
}
