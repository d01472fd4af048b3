// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/memory/documents.hpp"

namespace gatehouse::memory_store {

namespace {

constexpr int most_removals = 100;  // in one call, so that no caller waits long

std::size_t size_of(const StoreKey& key, const std::string& body) {
    return stores::bytes_of(key) + body.size();
}

}  // namespace

std::optional<Documents::View> Documents::find(const StoreKey& key, Time now) const {
    const auto found = all_.find(key);
    if (found == all_.end() || found->second.expiry->first <= now) return std::nullopt;
    return found->second.view;
}

Result<std::uint64_t> Documents::put(Put put, Time now) {
    if (auto ok = stores::check(put.key, put.keep_for); !ok) return ok.error();
    if (size_of(put.key, put.body) > bounds_.record_bytes) return stores::larger_than("max_record_bytes");
    remove_expired(now);
    const auto old = find(put.key, now);
    if (put.expected && *put.expected != (old ? old->version : 0)) return stores::conflict();
    const auto found = all_.find(put.key);
    // The gateway's own document may grow.
    if (auto ok = has_room(put); !ok && (found == all_.end() || !stores::belongs_to_gateway(put.key)))
        return ok.error();
    if (found != all_.end()) remove(*found);
    const std::string owner = put.key.owner;
    const Time expires = stores::expiry(now, put.keep_for, bounds_.age);
    insert(std::move(put), expires);
    keep_bounds(owner);
    return version_;
}

/// Whether a new document fits together with those that are never dropped.
Result<void> Documents::has_room(const Put& put) const {
    const auto gateway = owners_.find("");
    const std::size_t bytes = gateway == owners_.end() ? 0 : gateway->second.bytes;
    const std::size_t records = gateway == owners_.end() ? 0 : gateway->second.ages.size();
    const bool fits = bytes + size_of(put.key, put.body) <= bounds_.bytes && records < bounds_.records;
    return fits ? Result<void>() : stores::full();
}

void Documents::insert(Put put, Time expires) {
    const std::size_t size = size_of(put.key, put.body);
    auto body = std::make_shared<const std::string>(std::move(put.body));
    Entry& entry = *all_.try_emplace(std::move(put.key)).first;
    Owner& owner = owners_[entry.first.owner];
    entry.second = {{std::move(body), ++version_},
                    expiries_.emplace(expires, &entry),
                    stores::belongs_to_gateway(entry.first) ? ages_.end() : ages_.insert(ages_.end(), &entry),
                    owner.ages.insert(owner.ages.end(), &entry)};
    bytes_ += size;
    owner.bytes += size;
}

// The newest document fits: the constructor of the plugin checks that no bound is smaller than
// max_record_bytes.
void Documents::keep_bounds(const std::string& name) {
    Owner& owner = owners_[name];
    while (!name.empty() && owner.bytes > bounds_.bytes_per_owner) remove(*owner.ages.front());
    while ((bytes_ > bounds_.bytes || all_.size() > bounds_.records) && !ages_.empty())
        remove(*ages_.front());
}

void Documents::remove(Entry& entry) {
    const std::size_t size = size_of(entry.first, *entry.second.view.body);
    const auto owner = owners_.find(entry.first.owner);
    owner->second.bytes -= size;
    owner->second.ages.erase(entry.second.age_of_owner);
    if (owner->second.ages.empty()) owners_.erase(owner);
    bytes_ -= size;
    if (!stores::belongs_to_gateway(entry.first)) ages_.erase(entry.second.age);
    expiries_.erase(entry.second.expiry);
    all_.erase(all_.find(entry.first));
}

bool Documents::erase(const StoreKey& key, Time now) {
    const auto found = all_.find(key);
    if (found == all_.end()) return false;
    const bool was_there = found->second.expiry->first > now;
    remove(*found);
    return was_there;
}

void Documents::remove_expired(Time now) {
    for (int i = 0; i < most_removals && !expiries_.empty() && expiries_.begin()->first <= now; ++i)
        remove(*expiries_.begin()->second);
}

}  // namespace gatehouse::memory_store
