// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/models/learned.hpp"

namespace gatehouse::oci {

Lesson Learned::about(std::string_view model) const {
    const std::lock_guard lock(mutex_);
    const auto found = lessons_.find(model);
    return found == lessons_.end() ? Lesson{} : found->second;
}

void Learned::add(std::string_view model, const Lesson& lesson) {
    const std::lock_guard lock(mutex_);
    auto found = lessons_.find(model);
    if (found == lessons_.end()) {
        if (lessons_.size() >= max_models) return;
        found = lessons_.emplace(model, Lesson{}).first;
    }
    found->second.drop.add(lesson.drop);
    if (lesson.max_completion_tokens) found->second.max_completion_tokens = lesson.max_completion_tokens;
}

}  // namespace gatehouse::oci
