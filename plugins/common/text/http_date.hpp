// SPDX-License-Identifier: Apache-2.0
// The SDK's dates of HTTP headers under their earlier name.
#pragma once

#include <gatehouse/http_date.hpp>

namespace gatehouse::common {

using gatehouse::read_http_date;
using gatehouse::to_http_date;

}  // namespace gatehouse::common
