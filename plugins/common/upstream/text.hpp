// SPDX-License-Identifier: Apache-2.0
// The SDK's text helpers of the providers under their earlier name.
#pragma once

#include "plugins/common/text/text.hpp"

#include <gatehouse/url.hpp>

namespace gatehouse::upstream {

using common::lower_case;
using gatehouse::in_quotes;
using gatehouse::percent_encoded;

}  // namespace gatehouse::upstream
