// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/stores.hpp"

#include <functional>

namespace gatehouse::core {

namespace {
std::size_t hash_of(const std::string& text) { return std::hash<std::string>()(text); }
}  // namespace

std::shared_ptr<StoreInstance> Stores::find(const std::string& name, const std::string& text) const {
    const auto found = all_.find({name, hash_of(text)});
    return found == all_.end() ? nullptr : found->second.lock();
}

void Stores::add(const std::string& name, const std::string& text,
                 const std::shared_ptr<StoreInstance>& made) {
    std::erase_if(all_, [](const auto& known) { return known.second.expired(); });
    all_[{name, hash_of(text)}] = made;
}

}  // namespace gatehouse::core
