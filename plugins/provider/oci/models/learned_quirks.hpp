// SPDX-License-Identifier: Apache-2.0
// Fields that models have refused since the start, and each model's name of the
// token limit.  Only the first request after a start fails upstream because of
// them.  Bounded; any thread.
#pragma once

#include "plugins/provider/oci/models/fields.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

struct Quirks {
    FieldSet drop = {};
    std::optional<bool> max_completion_tokens = {};
};

class LearnedQuirks {
public:
    Quirks about(std::string_view model) const;
    void add(std::string_view model, const Quirks& quirks);

private:
    static constexpr std::size_t max_models = 1000;  // clients choose the names if a route has a star

    mutable std::mutex mutex_;
    std::map<std::string, Quirks, std::less<>> quirks_;
};

}  // namespace gatehouse::oci
