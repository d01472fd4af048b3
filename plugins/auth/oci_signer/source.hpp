// SPDX-License-Identifier: Apache-2.0
// A source of what a signature is made with: one for each kind of principal.
// A source knows how to obtain a credential and nothing of who waits for it;
// CredentialCache keeps what it delivers and decides when to ask again.
#pragma once

#include "plugins/auth/oci_signer/private_key.hpp"

#include <gatehouse/completion.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::oci {

using Time = std::chrono::system_clock::time_point;

/// What one signature is made with.
struct Credential {
    std::string key_id;  // as it stands in the Authorization field, "ST$" included
    std::shared_ptr<const PrivateKey> key;
    /// From then on OCI refuses it.  Nothing: nobody knows, or never.
    std::optional<Time> expiry = {};
    /// When to ask the source again, well before.  Nothing: never.
    std::optional<Time> renew_at = {};
    /// What was learned about the principal, for an operator: "tenancy ocid1.tenancy.oc1..aaaa".
    std::string about = {};
};

/// Why a source is asked.
enum class Why {
    first,     // nothing has been obtained yet, or what there was has expired
    look,      // a second has passed: has a watched file changed?
    due,       // renew_at has come
    rejected,  // OCI answered 401
};

class Source {
public:
    virtual ~Source() = default;

    /// What is there without waiting.  [main thread, before the first obtain()]
    virtual std::optional<Credential> at_once() { return std::nullopt; }

    /// Obtains a credential; the one that was there before, if there is no better
    /// one and it has not expired.  The error's message is for a client, its detail
    /// for the log.  Calls never overlap: the next comes after the completion.
    /// [a helper thread; completes on any]
    virtual void obtain(Why why, Completion<Credential> done) = 0;

    /// Whether there are files behind it that are worth a look every second.
    virtual bool watches() const { return false; }

    /// How this source signs and what to check when OCI refuses it: lines for an
    /// operator, without secrets.  The same during its whole life.  [any thread]
    virtual std::string advice() const = 0;
};

/// When to renew what is valid from `now` until `expiry`: five minutes before its
/// end, but not before half of the time has passed.
inline Time renewal_before(Time expiry, Time now) {
    return expiry - std::min<Time::duration>(std::chrono::minutes(5), (expiry - now) / 2);
}

}  // namespace gatehouse::oci
