// SPDX-License-Identifier: Apache-2.0
// All keys in memory, found by their id in constant time.  [any thread]
#pragma once

#include "plugins/auth/managed_keys/key_record.hpp"

#include <array>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace gatehouse::managed_keys {

using KeyPointer = std::shared_ptr<const KeyRecord>;

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

    /// Replaces the keys of a shard.  Returns false if the table has a newer revision already.
    bool replace(std::size_t number, const Shard& shard);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
        std::size_t operator()(const KeyPointer& key) const { return (*this)(std::string_view(key->id)); }
    };
    struct Same {
        using is_transparent = void;
        static std::string_view id(std::string_view text) { return text; }
        static std::string_view id(const KeyPointer& key) { return key->id; }
        bool operator()(const auto& a, const auto& b) const { return id(a) == id(b); }
    };
    struct Part {
        std::int64_t revision = -1;
        std::unordered_set<KeyPointer, Hash, Same> keys = {};
    };

    mutable std::shared_mutex mutex_;
    std::array<Part, shards> parts_;
};

}  // namespace gatehouse::managed_keys
