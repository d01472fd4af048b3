// SPDX-License-Identifier: Apache-2.0
// The SDK's joining of characters under its earlier name.  Tree::parse_event() marks the halves.
#pragma once

#include <gatehouse/half_characters.hpp>

namespace gatehouse::upstream {

using gatehouse::HalfCharacters;
using gatehouse::JoiningSink;
using gatehouse::marked_half;

}  // namespace gatehouse::upstream
