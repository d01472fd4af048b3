// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_store.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace gatehouse::managed_keys {

namespace {

constexpr std::size_t max_shard_bytes = 64u << 20;
constexpr std::chrono::hours for_ever{24 * 3650};  // a store keeps nothing without a limit
constexpr std::chrono::hours renewal{1};           // shorter than the lifetime that a store allows
constexpr int max_attempts = 8;                    // per change, if other gateways are faster

std::string text_of(std::size_t number) { return std::to_string(number); }
StoreKey document_of(std::size_t number) { return {"", "managed_keys", "keys/" + text_of(number)}; }
StoreKey counter_of(std::size_t number) { return {"", "managed_keys", "changes/" + text_of(number)}; }

std::vector<Count> reading_counters() {
    std::vector<Count> counts;
    for (std::size_t i = 0; i < KeyTable::shards; ++i)
        counts.push_back({.key = counter_of(i), .amount = 0, .keep_for = for_ever});
    return counts;
}

Error away(const Error& error) {
    return {.kind = ErrorKind::unavailable,
            .message = "the keys cannot be changed now; try again later",
            .detail = error.message + (error.detail.empty() ? "" : ": " + error.detail)};
}

}  // namespace

struct KeyStore::Changing {
    std::string id;
    std::size_t number;
    Change change;
    Completion<KeyRecord> done;
    int attempts = 0;
};

/// Documents that are read one after the other.
struct KeyStore::Reading {
    std::vector<std::size_t> numbers = {};    // those that are left
    std::vector<std::int64_t> counters = {};  // before the documents were read
};

KeyStore::KeyStore(Host& host, std::chrono::milliseconds refresh)
    : host_(host),
      store_(*host.store()),
      count_(host.gauge("keys", "Keys in memory, including blocked, expired and revoked keys.")),
      refresh_(refresh),
      seen_(KeyTable::shards, -1),
      versions_(KeyTable::shards, unread) {}

void KeyStore::start() {
    read_counters();
    host_.after(renewal, [this] { renew(); });
}

/// A store limits the lifetime of its documents, so the gateways write them again.
void KeyStore::renew() {
    host_.after(renewal, [this] { renew(); });
    renew(0);
}

// One document at a time, because all together may be large.
void KeyStore::renew(std::size_t number) {
    if (number == KeyTable::shards) return;
    store_.get({document_of(number)}, max_shard_bytes,
               Completion<std::vector<std::optional<Record>>>([this, number](auto found) {
                   if (!found) return;
                   auto& record = found->front();
                   if (!record) return renew(number + 1);
                   Put same{.key = document_of(number),
                            .body = std::move(record->body),
                            .keep_for = for_ever,
                            .expected = record->version};
                   // Another gateway that was faster has renewed it.
                   store_.put(std::move(same),
                              Completion<std::uint64_t>([this, number](auto) { renew(number + 1); }));
               }));
}

void KeyStore::later() {
    host_.after(refresh_, [this] { read_counters(); });
}

void KeyStore::failed(const Error& error) {
    if (!away_.exchange(true))
        host_.log(Level::warning, "keys not refreshed, the last known ones stay valid",
                  {{"reason", error.message}});
    later();
}

void KeyStore::read_counters() {
    store_.add(reading_counters(), Completion<Counts>([this](Result<Counts> counts) {
                   if (!counts) return failed(counts.error());
                   compare(counts->values);
               }));
}

void KeyStore::compare(const std::vector<std::int64_t>& counters) {
    auto todo = std::make_shared<Reading>();
    // One more in turn, by every fourth look: a gateway may have ended between its change and the counter.
    const std::size_t look = next_++;
    if (look % 4 == 0) todo->numbers.push_back(look / 4 % KeyTable::shards);
    // If one document was older, the store has lost others too.
    if (has_loss_.exchange(false)) {
        todo->numbers.resize(KeyTable::shards);
        std::iota(todo->numbers.begin(), todo->numbers.end(), std::size_t{0});
    }
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < seen_.size() && i < counters.size(); ++i)
            if (seen_[i] != counters[i] && std::ranges::count(todo->numbers, i) == 0)
                todo->numbers.push_back(i);
    }
    todo->counters = counters;
    read(std::move(todo));
}

// One document at a time, because all together may be large.
void KeyStore::read(std::shared_ptr<Reading> todo) {
    if (todo->numbers.empty()) return refreshed();
    const std::size_t number = todo->numbers.back();
    todo->numbers.pop_back();
    store_.get({document_of(number)}, max_shard_bytes,
               Completion<std::vector<std::optional<Record>>>([this, todo, number](auto found) {
                   if (!found) return failed(found.error());
                   const bool changed = differs(number, found->front());
                   auto take_it = [this, todo, number, record = std::move(found->front())] {
                       take(number, record);
                       {
                           const std::lock_guard lock(mutex_);
                           seen_[number] = todo->counters[number];
                       }
                       read(todo);
                   };
                   // A store in this process completes on a thread that must not wait for long.
                   if (loaded_ && changed)
                       host_.run(std::move(take_it));
                   else
                       take_it();
               }));
}

void KeyStore::refreshed() {
    count_.set(static_cast<std::int64_t>(table_.size()));
    if (!loaded_) report_count();
    loaded_ = true;  // a reload shows the warnings until now
    if (away_.exchange(false)) host_.log(Level::info, "keys refreshed again");
    later();
}

/// An empty store and a wrong one look the same: all clients are refused.
void KeyStore::report_count() {
    const std::string count = text_of(table_.size());
    if (count != "0") return host_.log(Level::info, "keys loaded", {{"count", count}});
    host_.log(Level::warning, "no keys loaded, every key is refused",
              {{"remedy",
                "make a key with `gatehouse keys create NAME`; if the store has keys, correct its table"}});
}

bool KeyStore::differs(std::size_t number, const std::optional<Record>& record) {
    const std::lock_guard lock(mutex_);
    return versions_[number] != (record ? record->version : 0);
}

void KeyStore::take(std::size_t number, const std::optional<Record>& record) {
    if (!differs(number, record)) return;
    Shard shard;
    if (record) {
        auto read = read_shard(record->body, known());
        if (!read)
            return host_.log(Level::error, "keys of a shard not read",
                             {{"shard", text_of(number)}, {"reason", read.error().detail}});
        shard = *std::move(read);
    }
    if (!table_.replace(number, shard)) return restore(number, record ? record->version : 0);
    set_version(number, record ? record->version : 0);
}

void KeyStore::set_version(std::size_t number, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    versions_[number] = version;
}

/// The store was emptied, or restored from a backup.  Without its keys the next process would know none.
void KeyStore::restore(std::size_t number, std::uint64_t version) {
    Put own{.key = document_of(number),
            .body = write_shard(table_.shard(number)),
            .keep_for = for_ever,
            .expected = version};
    store_.put(std::move(own), Completion<std::uint64_t>([this, number](Result<std::uint64_t> stored) {
                   // Another gateway may have been faster.  The next look at the shard shows it.
                   if (!stored) return;
                   set_version(number, *stored);
                   has_loss_ = true;
                   host_.log(Level::warning, "the store had older keys than this process: keys stored again",
                             {{"shard", text_of(number)}});
                   announce(number);
               }));
}

Known KeyStore::known() const {
    if (!loaded_) return nullptr;
    return [this](std::string_view id) { return table_.find(id); };
}

void KeyStore::change(std::string id, Change change, Completion<KeyRecord> done) {
    const std::size_t number = KeyTable::shard_of(id);
    attempt(std::make_shared<Changing>(Changing{std::move(id), number, std::move(change), std::move(done)}));
}

void KeyStore::attempt(std::shared_ptr<Changing> changing) {
    if (changing->attempts++ == max_attempts)
        return changing->done(away({.message = "other gateways change the same keys"}));
    store_.get({document_of(changing->number)}, max_shard_bytes,
               Completion<std::vector<std::optional<Record>>>([this, changing](auto found) {
                   if (!found) return changing->done(away(found.error()));
                   write(changing, found->front());
               }));
}

void KeyStore::write(const std::shared_ptr<Changing>& changing, const std::optional<Record>& record) {
    auto shard = record ? read_shard(record->body, known()) : Result<Shard>(Shard());
    if (!shard) return changing->done(shard.error());
    // An older document would lose keys.
    if (Shard own = table_.shard(changing->number); own.revision > shard->revision) shard = std::move(own);
    auto at =
        std::ranges::find_if(shard->keys, [&](const KeyPointer& key) { return key->id == changing->id; });
    const bool is_new = at == shard->keys.end();
    KeyRecord key = is_new ? KeyRecord() : **at;
    if (auto ok = changing->change(key); !ok) return changing->done(ok.error());
    key.hash_of_text = 0;
    auto changed = std::make_shared<const KeyRecord>(key);
    if (is_new)
        shard->keys.push_back(std::move(changed));
    else
        *at = std::move(changed);
    ++shard->revision;
    Put put{.key = document_of(changing->number),
            .body = write_shard(*shard),
            .keep_for = for_ever,
            .expected = record ? record->version : 0};
    const auto written = std::make_shared<const Shard>(*std::move(shard));
    store_.put(std::move(put),
               Completion<std::uint64_t>([this, changing, written, key = std::move(key)](auto version) {
                   if (!version && version.error().kind == ErrorKind::conflict) return attempt(changing);
                   if (!version) return changing->done(away(version.error()));
                   (void)table_.replace(changing->number, *written);
                   set_version(changing->number, *version);
                   count_.set(static_cast<std::int64_t>(table_.size()));
                   announce(changing->number);
                   changing->done(key);
               }));
}

/// The other gateways look at the counter.
void KeyStore::announce(std::size_t number) {
    store_.add({Count{.key = counter_of(number), .amount = 1, .keep_for = for_ever}},
               Completion<Counts>([this, number](Result<Counts> counts) {
                   if (counts) return;
                   host_.log(Level::warning, "a changed key was not announced, trying again",
                             {{"shard", text_of(number)}});
                   host_.after(refresh_, [this, number] { announce(number); });
               }));
}

}  // namespace gatehouse::managed_keys
