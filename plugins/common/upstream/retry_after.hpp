// SPDX-License-Identifier: Apache-2.0
// The SDK's `retry-after` under its earlier name.
#pragma once

#include <gatehouse/retry_after.hpp>

namespace gatehouse::upstream {

using gatehouse::retry_after_seconds;

}  // namespace gatehouse::upstream
