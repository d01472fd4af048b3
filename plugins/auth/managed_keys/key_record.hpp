// SPDX-License-Identifier: Apache-2.0
// A key as the store and the admin API know it.  Plain values: one thread at a time.
#pragma once

#include "plugins/auth/managed_keys/key_text.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::managed_keys {

struct Secret {
    Digest digest = {};
    std::int64_t valid_until = 0;  // Unix seconds; 0: as long as the key
    bool operator==(const Secret&) const = default;
};

/// A value that few records have.  The others have an empty one, which takes no memory of its own.
template <typename T>
class Rare {
public:
    Rare() = default;
    Rare(T value) : value_(value == T() ? nullptr : std::make_unique<T>(std::move(value))) {}
    Rare(const Rare& other) : Rare(*other) {}
    Rare(Rare&&) = default;
    Rare& operator=(Rare other) {
        value_ = std::move(other.value_);
        return *this;
    }
    ~Rare() = default;

    const T& operator*() const {
        static const T empty{};
        return value_ ? *value_ : empty;
    }
    const T* operator->() const { return &**this; }

private:
    std::unique_ptr<T> value_;
};

/// All times are Unix seconds, and 0 means never.
struct KeyRecord {
    std::string id = {}, name = {};
    std::vector<std::string> groups = {}, models = {};  // as in Identity
    Rare<std::string> note = {};
    std::string created_by = {};  // the name of the caller's admin token
    std::int64_t created_at = 0, expires_at = 0;
    std::int64_t blocked_at = 0, revoked_at = 0;
    Rare<std::string> blocked_because = {};
    Secret secret = {};
    Rare<Secret> old_secret = {};  // the one before the last rotation
    std::size_t hash_of_text = 0;  // in the store; 0: the record was not read from it

    /// "active", "blocked", "expired" or "revoked".
    std::string_view state(std::int64_t now) const;
    /// Whether a client that presents this digest at `now` knows a secret of the key.
    bool knows(const Digest& digest, std::int64_t now) const;
};

using KeyPointer = std::shared_ptr<const KeyRecord>;

/// The records of one document of the store.
struct Shard {
    std::int64_t revision = 0;  // grows by 1 with each change
    std::vector<KeyPointer> keys = {};
};

std::string write_shard(const Shard& shard);
/// Finds a record that was read before, by its id; null: none.
using Known = std::function<KeyPointer(std::string_view id)>;
/// Takes an unchanged record from `known`, because few of thousands of records change.  `known` may be null.
/// The error is for the log.  REQUIRES: a body that write_shard() has written; another one is an error.
Result<Shard> read_shard(std::string body, const Known& known);

/// The record without its digests.  `last_used`: Unix seconds, or 0 if that is not known.
void write_public(JsonWriter& json, const KeyRecord& key, std::int64_t now, std::int64_t last_used);

}  // namespace gatehouse::managed_keys
