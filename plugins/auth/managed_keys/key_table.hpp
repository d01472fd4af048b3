// SPDX-License-Identifier: Apache-2.0
// All keys in memory, found by their id in constant time.  [any thread]
#pragma once

#include "plugins/auth/managed_keys/key_record.hpp"

#include <array>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <vector>

namespace gatehouse::managed_keys {

class KeyTable {
public:
    static constexpr std::size_t shards = 64;
    /// Each key is in the shard of its id.
    static std::size_t shard_of(std::string_view id);

    /// Null if there is no such key.
    KeyPointer find(std::string_view id) const;
    /// At most `most` keys with larger ids than `after`, by id.
    std::vector<KeyPointer> page(std::string_view after, std::size_t most) const;
    std::size_t size() const;
    /// Active keys that expire after `after` and not after `until`, by their ends.  Looks at all keys.
    std::vector<KeyPointer> expiring(std::int64_t after, std::int64_t until) const;
    /// Whether a key that is not revoked has this name and another id.
    bool has_name(std::string_view name, std::string_view other_than) const;

    /// The revision is -1 if nothing was read yet.
    Shard shard(std::size_t number) const;
    /// Replaces the keys of a shard.  Returns false if the table has a newer revision already.
    bool replace(std::size_t number, const Shard& shard);

private:
    /// A hash table with open addressing, because the nodes of std::unordered_set take more memory.
    struct Part {
        std::int64_t revision = -1;
        std::size_t count = 0;
        std::vector<KeyPointer> places = {};  // null: free; a fifth of them is

        explicit Part(const Shard& shard);
        Part() = default;
        /// The key's place, or the free one where it would be.  REQUIRES: there are places.
        std::size_t place_of(std::string_view id) const;
    };
    template <typename Each>
    void each(Each&& each) const;

    mutable std::shared_mutex mutex_;
    std::array<Part, shards> parts_;
};

}  // namespace gatehouse::managed_keys
