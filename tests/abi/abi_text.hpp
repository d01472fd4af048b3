// SPDX-License-Identifier: Apache-2.0
// Everything that two binaries must agree on, as text: sizes, members with types and
// offsets, alternatives, values and the order of virtual functions.
#pragma once

#include <string>

/// One line per fact, in a fixed order; begins with "abi N".
std::string abi_text();
