// SPDX-License-Identifier: Apache-2.0
// The SDK's length and hash of a streamed text under its earlier name.
#pragma once

#include <gatehouse/text_so_far.hpp>

namespace gatehouse::upstream {

using gatehouse::TextSoFar;

}  // namespace gatehouse::upstream
