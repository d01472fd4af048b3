// SPDX-License-Identifier: Apache-2.0
// Advice for an operator whose upstream cannot be reached; shared by all providers.  A
// function without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <string>

namespace gatehouse::upstream {

/// `where` is the configuration key of the URL, such as "base_url".  Empty if the error says what to do.
std::string advise_unreachable(const Error& error, const std::string& host, const std::string& where);

}  // namespace gatehouse::upstream
