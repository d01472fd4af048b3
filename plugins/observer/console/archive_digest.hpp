// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of console.pages, written by tools/console/build.mjs.  Plain value.
#pragma once

namespace gatehouse::console {
inline constexpr const char* archive_digest = "3e1e738d2af9485bdda4b060054938dbf4cbf612a854d4d59a5236466fc77340";
}
