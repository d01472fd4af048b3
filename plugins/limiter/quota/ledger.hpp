// SPDX-License-Identifier: Apache-2.0
// The line of the ledger for a settled request.  It has no text of the request or of the response.
#pragma once

#include "plugins/limiter/quota/taken.hpp"

#include <string>

namespace gatehouse::quota {

/// `attempts` has the cost of each attempt of `bill`, and `all` is their sum.
std::string ledger_line(const Plan& plan, const Bill& bill, const Actual& all,
                        const std::vector<Actual>& attempts, const Context& context);

}  // namespace gatehouse::quota
