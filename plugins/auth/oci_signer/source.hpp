// SPDX-License-Identifier: Apache-2.0
// A source of credentials: one class for each kind of principal.  A source obtains a
// credential and does not know the waiting requests.  CredentialCache keeps the credential
// and decides when to ask the source again.
#pragma once

#include "plugins/auth/oci_signer/private_key.hpp"

#include <gatehouse/completion.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::oci {

using Time = std::chrono::system_clock::time_point;

/// The data for a signature.
struct Credential {
    std::string key_id;  // as in the Authorization header, "ST$" included
    std::shared_ptr<const PrivateKey> key;
    /// From then on OCI rejects it.  Nothing: it never expires, or the time is unknown.
    std::optional<Time> expiry = {};
    /// The time to ask the source again, before the expiry.  Nothing: never.
    std::optional<Time> renew_at = {};
    /// A description of the principal for an operator: "tenancy ocid1.tenancy.oc1..aaaa".
    std::string about = {};
};

/// The reason for a call of Source::obtain().
enum class Why {
    first,     // there is no credential yet, or it has expired
    look,      // a second has passed: check the watched files
    due,       // renew_at has been reached
    rejected,  // OCI responded with 401
};

class Source {
public:
    virtual ~Source() = default;

    /// Returns a credential if that does not need to wait.  [main thread, before the first obtain()]
    virtual std::optional<Credential> at_once() { return std::nullopt; }

    /// Obtains a credential.  Completes with the previous credential if it has not expired and
    /// there is no newer one.  The error's message is for a client, its detail for the log.
    /// Calls never overlap: the next call follows the completion.
    /// [a helper thread; completes on any]
    virtual void obtain(Why why, Completion<Credential> done) = 0;

    /// Returns whether its credentials end at a known time.  [main thread, before the first obtain()]
    virtual bool expires() const { return true; }

    /// Returns whether the source has files that must be checked every second.
    virtual bool watches() const { return false; }

    /// Describes the principal and the checks after a rejection by OCI: lines for an operator,
    /// without secrets.  The text never changes.  [any thread]
    virtual std::string advice() const = 0;
};

/// Returns the time to renew a token that is valid from `now` until `expiry`: five minutes
/// before its expiry, but not before half of its lifetime has passed.
inline Time renewal_before(Time expiry, Time now) {
    return expiry - std::min<Time::duration>(std::chrono::minutes(5), (expiry - now) / 2);
}

}  // namespace gatehouse::oci
