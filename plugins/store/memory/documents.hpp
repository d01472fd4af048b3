// SPDX-License-Identifier: Apache-2.0
// Documents in memory, with bounds.  If a bound is exceeded, the document that was written first
// goes first.  Documents of the gateway never go, and a new one is refused if they leave no room.  Not
// synchronized; its owner has the lock.
#pragma once

#include "plugins/common/store/bounds.hpp"
#include "plugins/common/store/rules.hpp"

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace gatehouse::memory_store {

using stores::Bounds;
using stores::Time;

class Documents {
public:
    /// `version` is the version before the first one.
    Documents(const Bounds& bounds, std::uint64_t version) : bounds_(bounds), version_(version) {}

    /// A document that can be copied without the lock.
    struct View {
        std::shared_ptr<const std::string> body;
        std::uint64_t version = 0;
    };
    std::optional<View> find(const StoreKey& key, Time now) const;
    Result<std::uint64_t> put(Put put, Time now);
    bool erase(const StoreKey& key, Time now);
    /// Removes expired documents, a limited number in each call.
    void remove_expired(Time now);

    std::size_t size() const { return all_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    struct Document;
    using Entry = std::pair<const StoreKey, Document>;
    using Ages = std::list<Entry*>;  // the oldest first
    struct Owner {
        std::size_t bytes = 0;
        Ages ages = {};
    };
    struct Document {
        View view = {};
        std::multimap<Time, Entry*>::iterator expiry = {};
        Ages::iterator age = {}, age_of_owner = {};
    };

    Result<void> has_room(const Put& put) const;
    void insert(Put put, Time expires);
    void remove(Entry& entry);
    void keep_bounds(const std::string& owner);

    const Bounds bounds_;
    std::uint64_t version_;
    std::size_t bytes_ = 0;
    std::unordered_map<StoreKey, Document, stores::KeyHash> all_;
    std::unordered_map<std::string, Owner> owners_;
    std::multimap<Time, Entry*> expiries_;
    Ages ages_;  // without the documents of the gateway
};

}  // namespace gatehouse::memory_store
