// SPDX-License-Identifier: Apache-2.0
// Sentences about dates, for the member `warning` of a row in a table (sdk/PROVIDER.md).
// Functions without state: any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

using WarningTime = std::chrono::system_clock::time_point;

/// About a model that leaves on-demand use on `date`, such as "2027-01-22".  Empty if that is more than 180
/// days away, or if `date` is not a date.
std::string retirement_warning(std::string_view date, const std::vector<std::string>& replacements,
                               WarningTime now);

/// About a key that expires at `expiry`, in RFC 3339.  Empty if that is more than 30 days away.  `name`: for
/// the operator, such as `key "a" of "b"`.
std::string expiry_warning(const std::string& name, std::string_view expiry, WarningTime now);

/// ", such as A or B" for the first models of the list; empty for none.
std::string such_as(const std::vector<std::string>& models);

}  // namespace gatehouse::oci
