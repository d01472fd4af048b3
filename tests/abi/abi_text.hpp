// SPDX-License-Identifier: Apache-2.0
// All that two binaries must agree on, as text: sizes, members with their types
// and places, alternatives, values and the order of virtual functions.
#pragma once

#include <string>

/// One line per fact, in a fixed order; begins with "abi N".
std::string abi_text();
