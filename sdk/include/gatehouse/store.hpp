// SPDX-License-Identifier: Apache-2.0
// A store keeps documents and counters for a limited time: in memory, in a file, or in a
// database that several gateways share.
//
// It knows no protocol.  Dialects keep responses in it, hooks cache answers, limits count.
// The core calls it for dialects (Parsed::recall, ResponseFormatter::keep); every other
// plugin reaches the store that its table names through Host::store().
//
// Documents and counters have separate namespaces.  The store's own clock decides when a
// record expires, so that the clocks of several gateways need not agree.
#pragma once

#include "gatehouse/auth.hpp"
#include "gatehouse/completion.hpp"
#include "gatehouse/plugin.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// Where a record is.  Any bytes; at most `longest_store_key` in the three parts together.
struct StoreKey {
    std::string owner = {};  // the client that the record belongs to, see owner_of(); empty: the gateway
    std::string space = {};  // the use, such as "response": plugins that share a store use different ones
    std::string id = {};
    bool operator==(const StoreKey&) const = default;
    auto operator<=>(const StoreKey&) const = default;
};

inline constexpr std::size_t longest_store_key = 1024;

/// The owner of a client's records: the authenticator's instance, a slash, and the id of the
/// identity, or its name if it has no id.  All clients without an authenticator are one
/// owner, so that only an id that cannot be guessed protects a record of theirs.
inline std::string owner_of(std::string_view authenticator, const Identity& who) {
    if (authenticator.empty()) return "anonymous";
    return std::string(authenticator) + "/" + (who.id.empty() ? who.name : who.id);
}

struct Record {
    std::string body = {};
    /// Never 0.  Each put gives the document another version, and none of them comes twice.
    std::uint64_t version = 0;
};

/// A document to be written.
struct Put {
    StoreKey key = {};
    std::string body = {};
    std::chrono::milliseconds keep_for{};  // from now on; more than 0
    /// Compare and set: the version that the document must have; 0: there must be none.  If it
    /// has another one, put() fails with `conflict`.  Empty: an existing document is replaced.
    std::optional<std::uint64_t> expected = {};
};

/// A counter that loses `amount` in each `time`, evenly and by the store's clock, until it is 0.  Limits of a
/// rate need it: an add() with a limit is then a token bucket, exact for all gateways of the store.
struct Drain {
    std::int64_t amount = 0;           // 0: the counter does not drain
    std::chrono::milliseconds time{};  // more than 0 if `amount` is
};

/// The rest of `value` after `elapsed`: the rule that all stores follow.
inline std::int64_t drained(std::int64_t value, std::chrono::microseconds elapsed, const Drain& drain) {
    if (value <= 0 || drain.amount <= 0 || elapsed.count() <= 0) return value;
    const double loss = static_cast<double>(elapsed.count()) * static_cast<double>(drain.amount) /
                        (static_cast<double>(drain.time.count()) * 1e3);
    return loss >= static_cast<double>(value) ? 0 : value - static_cast<std::int64_t>(loss);
}

/// A change of a counter.  A counter that does not exist is 0.
struct Count {
    StoreKey key = {};
    std::int64_t amount = 0;  // may be negative; 0 only reads
    /// From the change that creates it; later ones do not prolong it.  If it drains: from the last change.
    std::chrono::milliseconds keep_for{};
    /// A positive amount is added only if the sum does not exceed this.
    std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    /// All changes of a counter drain or none does; their amounts and times may differ.  A change that
    /// drains sets a negative sum to 0.  Amounts, values and limits are at most 2^53.  An add() that has
    /// changed the counter rounds the loss since the last one down to a whole number, so count in small
    /// units, such as millionths of a request.
    Drain drain = {};
};

/// The result of Store::add().
struct Counts {
    bool added = false;                     // false: a limit refused, and no counter has changed
    std::vector<std::int64_t> values = {};  // afterwards, in the order of the call
};

struct StoreSize {
    std::uint64_t records = 0;  // documents and counters
    std::uint64_t bytes = 0;    // their keys and bodies, without the store's own overhead
};

/// All members: [any thread, concurrently].  None blocks: a store that must wait works on
/// Host::run() and completes later, on any thread.
///
/// Errors: `unavailable` if the store cannot be reached or written now, `too_large` if a record
/// or an answer is beyond a limit, `conflict` from put(), `bad_request` for an invalid key or a
/// time that is not positive.  A full store drops the oldest documents of clients.  It never
/// drops a counter that has not expired.
class Store : public Plugin {
public:
    static constexpr const char* kind = "store/1";

    /// The documents at `keys`, in their order; nullopt for a document that does not exist or
    /// has expired.  Fails with `too_large` if the bodies together exceed `max_bytes`.
    virtual void get(std::vector<StoreKey> keys, std::size_t max_bytes,
                     Completion<std::vector<std::optional<Record>>> done) = 0;

    /// Writes one document and completes with its new version.  From then on every get() of
    /// every gateway that shares the store finds it.
    virtual void put(Put document, Completion<std::uint64_t> done) = 0;

    /// Completes with false if there was no such document.
    virtual void erase(StoreKey key, Completion<bool> done) = 0;

    /// Changes all these counters or, if one of the limits refuses, none: no other call sees
    /// a part of the changes.  A counter that is named twice is changed twice.
    virtual void add(std::vector<Count> changes, Completion<Counts> done) = 0;

    /// Whether other gateways see the records.
    virtual bool shared() const = 0;

    /// For the metrics.  Returns at once.
    virtual StoreSize size() const = 0;
};

}  // namespace gatehouse
