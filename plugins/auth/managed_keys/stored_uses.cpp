// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/stored_uses.hpp"

#include <gatehouse/json.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace gatehouse::managed_keys {

namespace {

constexpr std::chrono::seconds first_look{1};
constexpr std::chrono::minutes next_look{1};
constexpr int renewal = 60;  // looks: a store limits the lifetime of its documents
constexpr std::chrono::hours for_ever{24 * 3650};
constexpr std::size_t max_document_bytes = 8u << 20;

StoreKey document_of(std::size_t number) { return {"", "managed_keys", "uses/" + std::to_string(number)}; }

}  // namespace

StoredUses::StoredUses(Host& host, const KeyStore& keys, KeyUses& uses)
    : host_(host), store_(*host.store()), keys_(keys), uses_(uses) {}

void StoredUses::start() { look_after(first_look); }

void StoredUses::look_after(std::chrono::milliseconds delay) {
    host_.after(delay, [this] { keys_.loaded() ? look(0) : look_after(first_look); });
}

// One document at a time, because all together may be large.
void StoredUses::look(std::size_t number) {
    if (number == KeyTable::shards) {
        ++looks_;
        return look_after(next_look);
    }
    store_.get({document_of(number)}, max_document_bytes,
               Completion<std::vector<std::optional<Record>>>([this, number](auto found) {
                   if (!found) return look_after(next_look);  // the refresh of the keys logs it
                   // A store may complete on a thread that must not wait for long.
                   host_.run([this, number, record = std::move(found->front())] { merge(number, record); });
               }));
}

void StoredUses::merge(std::size_t number, const std::optional<Record>& record) {
    const std::string before = record ? record->body : "{}";
    take(before);
    std::string body = uses_of(number);
    const bool is_renewed = record && looks_ % renewal == 0;
    if (body == before && !is_renewed) return look(number + 1);
    Put own{.key = document_of(number),
            .body = std::move(body),
            .keep_for = for_ever,
            .expected = record ? record->version : 0};
    // If another gateway was faster, the next look writes the rest.
    store_.put(std::move(own), Completion<std::uint64_t>([this, number](auto) { look(number + 1); }));
}

/// Learns the uses in a document.  Its bytes may be wrong.
void StoredUses::take(std::string_view body) {
    const auto tree = read_json(body);
    if (!tree) return;
    const std::int64_t now = std::chrono::floor<std::chrono::seconds>(host_.now()).time_since_epoch().count();
    for (const JsonMember& use : tree->members())
        if (keys_.table().find(use.key)) uses_.note(use.key, std::min(use.value.integer().value_or(0), now));
}

/// The document of a shard.
std::string StoredUses::uses_of(std::size_t number) const {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    for (const KeyPointer& key : keys_.table().shard(number).keys)
        if (const std::int64_t last = uses_.last(key->id); last > 0) json.member(key->id, last);
    json.end_object();
    return body;
}

}  // namespace gatehouse::managed_keys
