// SPDX-License-Identifier: Apache-2.0
// Stores hashes only.  conversation_of() in table.cpp identifies the conversation of a request.
#include "plugins/mapper/table/conversations.hpp"

#include <utility>

namespace gatehouse::table {

// FNV-1a, with the last step of SplitMix64, because the first alone hardly changes the high bits.
std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    return hash ^ (hash >> 31);
}

void Conversations::remember(std::uint64_t conversation, std::uint64_t route, Time now) {
    const std::lock_guard lock(mutex_);
    places_.put(conversation, {route, now});
}

std::optional<std::uint64_t> Conversations::find(std::uint64_t conversation, Time now) {
    const std::lock_guard lock(mutex_);
    Place* place = places_.find(conversation);
    if (!place) return std::nullopt;
    if (now - std::exchange(place->seen, now) <= lifetime_) return place->route;
    places_.erase(conversation);
    return std::nullopt;
}

}  // namespace gatehouse::table
