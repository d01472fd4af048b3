// SPDX-License-Identifier: Apache-2.0
// A library's error, described for its author.  Thrown and caught inside the bridge.
#pragma once

#include <gatehouse/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace gatehouse::c_bridge {

struct Mistake : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The client receives "internal error"; the log has the text.
inline Error defect(std::string what) { return {ErrorKind::internal, "internal error", std::move(what)}; }

}  // namespace gatehouse::c_bridge
