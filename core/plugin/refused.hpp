// SPDX-License-Identifier: Apache-2.0
// The error that says why a library is refused.
#pragma once

#include <gatehouse/result.hpp>

#include <string>
#include <utility>

namespace gatehouse::core {

inline Error refused(std::string why) { return {ErrorKind::bad_config, std::move(why)}; }

}  // namespace gatehouse::core
