// SPDX-License-Identifier: Apache-2.0
// Replaces exclusive bounds by inclusive bounds, for models that refuse exclusive
// ones.  Stateless functions: any thread.
#pragma once

#include "plugins/provider/oci/schema/keywords.hpp"

#include <optional>
#include <string>

namespace gatehouse::oci {

struct InclusiveBound {
    std::string value;      // inclusive bound, for integers the next integer; empty: no bound
    std::string note = {};  // sentence with the part that the bound cannot express
};

/// Returns the lower or upper bound of `from` if its keywords include an exclusive
/// bound.
std::optional<InclusiveBound> inclusive_bound(const Keywords& from, bool lower);

/// Returns the notes of both bounds.
std::string bounds_note(const Keywords& from);

}  // namespace gatehouse::oci
