// SPDX-License-Identifier: Apache-2.0
// Keeps the credential that a Source delivers and has it renewed in time: the one
// piece of the signer with concurrency.  A request never waits while there is a
// valid credential; what renews it runs beside, once, for all who need it.
// Shared by the instance and its tasks, which may outlive it.  [any thread]
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::oci {

using CredentialPointer = std::shared_ptr<const Credential>;

class CredentialCache final : public std::enable_shared_from_this<CredentialCache> {
public:
    /// `longest_wait`: how long a request waits for the first credential.
    CredentialCache(std::unique_ptr<Source> source, std::shared_ptr<Host> host,
                    std::chrono::milliseconds longest_wait)
        : owned_host_(std::move(host)),
          host_(*owned_host_),
          source_(std::move(source)),
          longest_wait_(longest_wait) {}

    /// Obtains the first credential in the background.  Once, when nothing can fail any more.
    void start();

    /// What to sign with: at once while it is valid, else when there is one, or an
    /// error when that has failed or takes too long.  [a helper thread; completes on one]
    void get(Completion<CredentialPointer> done);

    /// OCI answered 401: true when another credential has taken the place of the one
    /// that was refused.  Calls that come together share one renewal.
    void rejected(Completion<bool> done);

    /// For an operator: how it signs, and the state of the token.
    std::string advice() const;

private:
    struct Waiter {
        std::uint64_t number;
        std::shared_ptr<Completion<CredentialPointer>> done;
    };

    bool valid(Time now) const { return current_ && !(current_->expiry && *current_->expiry <= now); }
    bool pausing(Time now) const;
    std::optional<Why> due(Time now) const;
    void begin(Why why);
    void finished(Why why, Result<Credential> result);
    bool is_current(const Credential& credential) const;
    bool take(Credential credential, Time now);
    std::chrono::milliseconds note_failure(const Error& error, Time now);
    void report(const Result<CredentialPointer>& outcome, bool changed, bool good_news, bool news);
    void wake_after(std::chrono::milliseconds delay);
    void woken(std::uint64_t alarm);
    void give_up(std::uint64_t waiter);
    void resume(std::vector<Waiter> waiters, const Result<CredentialPointer>& result);

    const std::shared_ptr<Host> owned_host_;  // the source's too
    Host& host_;
    const std::unique_ptr<Source> source_;
    const std::chrono::milliseconds longest_wait_;

    mutable std::mutex mutex_;  // of all that follows; nobody is called under it
    CredentialPointer current_;
    bool renewing_ = false;
    std::vector<Waiter> waiters_;
    std::vector<Completion<bool>> rejections_;  // who wait for the outcome of a renewal
    bool rejection_due_ = false;                // the renewal that runs began before they came
    Time looked_at_{};                          // when files were last looked at
    std::optional<Time> renewed_at_;            // when the last one took another's place
    std::optional<Time> rejected_at_;           // when a renewal for a 401 last ended
    int failures_ = 0;                          // in a row
    Time failed_at_{};
    std::chrono::milliseconds pause_{0};  // after a failure, until the next try
    Error last_error_;
    std::string logged_error_;
    std::uint64_t numbers_ = 0, alarm_ = 0;
    bool alarm_set_ = false;
};

}  // namespace gatehouse::oci
