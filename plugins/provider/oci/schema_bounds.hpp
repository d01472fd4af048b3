// SPDX-License-Identifier: Apache-2.0
// Exclusive bounds said with inclusive ones, for those who know no others.
// Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/schema_keywords.hpp"

#include <optional>
#include <string>

namespace gatehouse::oci {

struct InclusiveBound {
    std::string value;      // that may be reached, of whole numbers the next one; empty: none
    std::string note = {};  // what that does not say, as a sentence
};

/// What the lower or upper bound of `from` is, if an exclusive one is among its keywords.
std::optional<InclusiveBound> inclusive_bound(const Keywords& from, bool lower);

/// The notes of both.
std::string bounds_note(const Keywords& from);

}  // namespace gatehouse::oci
