// SPDX-License-Identifier: Apache-2.0
// The line of the access log about a finished request.  core/OPERATIONS.md explains its fields.
// [any thread]
#pragma once

#include "core/observe/log_line.hpp"
#include "core/observe/record.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

/// A defect and a failure of the gateway or of an upstream have a higher level, so that they are
/// logged even if `[log] level` omits ordinary requests.
Level access_level(const RequestRecord& record);

/// Omits the fields without a value.  `attributes` are those of the client that the line shows.
Line access_line(Line::Format format, const RequestRecord& record,
                 const std::vector<std::string>& attributes);

}  // namespace gatehouse::core
