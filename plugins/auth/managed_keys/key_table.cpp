// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_table.hpp"

#include <algorithm>
#include <mutex>

namespace gatehouse::managed_keys {

std::size_t KeyTable::shard_of(std::string_view id) {
    // The same in every build and process, unlike std::hash.
    std::uint32_t hash = 2'166'136'261u;  // FNV-1a
    for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
    return hash % shards;
}

KeyPointer KeyTable::find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const Part& part = parts_[shard_of(id)];
    const auto found = part.keys.find(id);
    return found == part.keys.end() ? nullptr : *found;
}

std::vector<KeyPointer> KeyTable::page(std::string_view after, std::size_t most) const {
    std::vector<KeyPointer> all;
    {
        const std::shared_lock lock(mutex_);
        for (const Part& part : parts_)
            for (const KeyPointer& key : part.keys)
                if (key->id > after) all.push_back(key);
    }
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
    std::partial_sort(all.begin(), end, all.end(),
                      [](const KeyPointer& a, const KeyPointer& b) { return a->id < b->id; });
    all.erase(end, all.end());
    return all;
}

std::vector<KeyPointer> KeyTable::expiring(std::int64_t after, std::int64_t until) const {
    std::vector<KeyPointer> found;
    {
        const std::shared_lock lock(mutex_);
        for (const Part& part : parts_)
            for (const KeyPointer& key : part.keys)
                if (key->expires_at > after && key->expires_at <= until && key->state(after) == "active")
                    found.push_back(key);
    }
    std::ranges::sort(found, {}, [](const KeyPointer& key) { return key->expires_at; });
    return found;
}

std::size_t KeyTable::size() const {
    const std::shared_lock lock(mutex_);
    std::size_t count = 0;
    for (const Part& part : parts_) count += part.keys.size();
    return count;
}

bool KeyTable::has_name(std::string_view name, std::string_view other_than) const {
    const std::shared_lock lock(mutex_);
    return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
        return std::any_of(part.keys.begin(), part.keys.end(), [&](const KeyPointer& key) {
            return key->name == name && key->id != other_than && !key->revoked_at;
        });
    });
}

bool KeyTable::replace(std::size_t number, const Shard& shard) {
    Part part{shard.revision, {}};
    part.keys.reserve(shard.keys.size());
    for (const KeyRecord& key : shard.keys) part.keys.insert(std::make_shared<const KeyRecord>(key));
    const std::unique_lock lock(mutex_);
    if (parts_[number].revision > shard.revision) return false;
    std::swap(parts_[number], part);
    return true;
}

}  // namespace gatehouse::managed_keys
