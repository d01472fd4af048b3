// SPDX-License-Identifier: Apache-2.0
// The SDK's base64 under its earlier name.
#pragma once

#include <gatehouse/base64.hpp>

namespace gatehouse::common {

using gatehouse::append_base64;
using gatehouse::base64_size;
using gatehouse::from_any_base64;
using gatehouse::from_base64;
using gatehouse::from_base64url;
using gatehouse::to_base64;

}  // namespace gatehouse::common
