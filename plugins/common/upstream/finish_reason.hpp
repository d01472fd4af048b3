// SPDX-License-Identifier: Apache-2.0
// The SDK's finish reasons under their earlier name.
#pragma once

#include <gatehouse/finish_reason.hpp>

namespace gatehouse::upstream {

using gatehouse::is_cut;
using gatehouse::read_finish_reason;

}  // namespace gatehouse::upstream
