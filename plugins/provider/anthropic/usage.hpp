// SPDX-License-Identifier: Apache-2.0
// The tokens of an answer, of which the API counts those read from its cache apart.
// One thread at a time.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>

namespace gatehouse::anthropic {

class TokenCounts {
public:
    /// The member `usage`, if there is one.  Counts are of the answer so far: the last ones hold.
    void read(upstream::dom::object from);
    /// Nothing if nothing has been counted.
    std::optional<Usage> total() const;

private:
    std::optional<std::int64_t> input_, output_, cache_read_, cache_creation_, thinking_;
};

}  // namespace gatehouse::anthropic
