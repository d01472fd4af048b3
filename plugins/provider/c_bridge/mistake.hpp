// SPDX-License-Identifier: Apache-2.0
// What a library got wrong, in its author's terms; thrown and caught inside the bridge.
#pragma once

#include <gatehouse/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace gatehouse::c_bridge {

struct Mistake : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The client learns nothing of it, the log all.
inline Error defect(std::string what) { return {ErrorKind::internal, "internal error", std::move(what)}; }

}  // namespace gatehouse::c_bridge
