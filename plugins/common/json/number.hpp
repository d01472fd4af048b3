// SPDX-License-Identifier: Apache-2.0
// Numbers as JSON writes them, from the SDK.
#pragma once

#include <gatehouse/json_number.hpp>

namespace gatehouse::json {

using gatehouse::check_number;
using gatehouse::double_of;
using gatehouse::integer_of;
using gatehouse::NumberCheck;

}  // namespace gatehouse::json
