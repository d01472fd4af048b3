// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_table.hpp"

#include <algorithm>
#include <functional>
#include <mutex>

namespace gatehouse::managed_keys {

std::size_t KeyTable::shard_of(std::string_view id) {
    // The same in every build and process, unlike std::hash.
    std::uint32_t hash = 2'166'136'261u;  // FNV-1a
    for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619u;
    return hash % shards;
}

KeyTable::Part::Part(const Shard& shard)
    : revision(shard.revision), places(shard.keys.empty() ? 0 : shard.keys.size() * 5 / 4 + 1) {
    for (const KeyPointer& key : shard.keys) {
        KeyPointer& place = places[place_of(key->id)];
        count += !place;
        place = key;
    }
}

std::size_t KeyTable::Part::place_of(std::string_view id) const {
    std::size_t place = std::hash<std::string_view>()(id) % places.size();
    while (places[place] && places[place]->id != id) place = (place + 1) % places.size();
    return place;
}

/// REQUIRES: the lock.
template <typename Each>
void KeyTable::each(Each&& each) const {
    for (const Part& part : parts_)
        for (const KeyPointer& key : part.places)
            if (key) each(key);
}

KeyPointer KeyTable::find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const Part& part = parts_[shard_of(id)];
    return part.places.empty() ? nullptr : part.places[part.place_of(id)];
}

std::vector<KeyPointer> KeyTable::page(std::string_view after, std::size_t most) const {
    std::vector<KeyPointer> all;
    {
        const std::shared_lock lock(mutex_);
        each([&](const KeyPointer& key) {
            if (key->id > after) all.push_back(key);
        });
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
        each([&](const KeyPointer& key) {
            if (key->expires_at > after && key->expires_at <= until && key->state(after) == "active")
                found.push_back(key);
        });
    }
    std::ranges::sort(found, {}, [](const KeyPointer& key) { return key->expires_at; });
    return found;
}

Shard KeyTable::shard(std::size_t number) const {
    const std::shared_lock lock(mutex_);
    const Part& part = parts_[number];
    Shard all{.revision = part.revision};
    for (const KeyPointer& key : part.places)
        if (key) all.keys.push_back(key);
    return all;
}

std::size_t KeyTable::size() const {
    const std::shared_lock lock(mutex_);
    std::size_t count = 0;
    for (const Part& part : parts_) count += part.count;
    return count;
}

bool KeyTable::has_name(std::string_view name, std::string_view other_than) const {
    const std::shared_lock lock(mutex_);
    bool found = false;
    each([&](const KeyPointer& key) {
        found = found || (key->name == name && key->id != other_than && !key->revoked_at);
    });
    return found;
}

bool KeyTable::replace(std::size_t number, const Shard& shard) {
    Part part(shard);
    const std::unique_lock lock(mutex_);
    if (parts_[number].revision > shard.revision) return false;
    std::swap(parts_[number], part);
    return true;
}

}  // namespace gatehouse::managed_keys
