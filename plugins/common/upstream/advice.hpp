// SPDX-License-Identifier: Apache-2.0
// What an operator should look at when an upstream cannot be reached at all: the
// same for every provider.  A function without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::upstream {

/// `where` is what the configuration calls the address, such as "base_url".
std::string advise_unreachable(const Error& error, const std::string& host, const std::string& where);

}  // namespace gatehouse::upstream
