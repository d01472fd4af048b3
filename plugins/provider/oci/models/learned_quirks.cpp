// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/models/learned_quirks.hpp"

namespace gatehouse::oci {

Quirks LearnedQuirks::about(std::string_view model) const {
    const std::lock_guard lock(mutex_);
    const auto found = quirks_.find(model);
    return found == quirks_.end() ? Quirks{} : found->second;
}

void LearnedQuirks::add(std::string_view model, const Quirks& quirks) {
    const std::lock_guard lock(mutex_);
    auto found = quirks_.find(model);
    if (found == quirks_.end()) {
        if (quirks_.size() >= max_models) return;
        found = quirks_.emplace(model, Quirks{}).first;
    }
    found->second.drop.add(quirks.drop);
    if (quirks.max_completion_tokens) found->second.max_completion_tokens = quirks.max_completion_tokens;
}

}  // namespace gatehouse::oci
