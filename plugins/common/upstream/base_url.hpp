// SPDX-License-Identifier: Apache-2.0
// The SDK's base URLs under their earlier name.
#pragma once

#include <gatehouse/base_url.hpp>

namespace gatehouse::upstream {

using gatehouse::BaseUrl;
using gatehouse::parse_base_url;
using gatehouse::strip_ending;

}  // namespace gatehouse::upstream
