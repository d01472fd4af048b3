// SPDX-License-Identifier: Apache-2.0
// The line of the ledger for a settled request.  It has no text of the request or of the response.
#pragma once

#include "plugins/limiter/quota/taken.hpp"

#include <string>

namespace gatehouse::quota {

std::string ledger_line(const Plan& plan, const Bill& bill, const Actual& actual, const Context& context);

}  // namespace gatehouse::quota
