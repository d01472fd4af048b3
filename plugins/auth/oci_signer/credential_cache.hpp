// SPDX-License-Identifier: Apache-2.0
// Keeps the credential that a Source delivers and renews it in time.  This is the only
// class of the signer with concurrency.  A request never waits while there is a valid
// credential.  One renewal at a time runs in the background, for all requests.
// The instance and its tasks share this object; the tasks may outlive the instance.  [any thread]
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
    /// `longest_wait`: time that a request waits for the first credential.
    CredentialCache(std::unique_ptr<Source> source, std::shared_ptr<Host> host,
                    std::chrono::milliseconds longest_wait)
        : owned_host_(std::move(host)),
          host_(*owned_host_),
          source_(std::move(source)),
          longest_wait_(longest_wait) {
        if (source_->expires())
            ends_ = &host_.gauge(
                "token_not_after_seconds",
                "End of the validity of the signer's token, in seconds since 1970; 0 without a token.");
    }

    /// Obtains the first credential in the background.  Call it once, at the end of the
    /// instance's construction.
    void start();

    /// Completes with the credential: at once while it is valid, otherwise after a renewal.
    /// Completes with an error if the renewal fails or takes too long.
    /// [a helper thread; completes on one]
    void get(Completion<CredentialPointer> done);

    /// Call it after OCI responded with 401.  Completes with true if another credential has
    /// replaced the rejected credential.  Concurrent calls share one renewal.
    void rejected(Completion<bool> done);

    /// Describes the principal and the state of its token, for an operator.
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

    const std::shared_ptr<Host> owned_host_;  // the source uses it too
    Host& host_;
    const std::unique_ptr<Source> source_;
    const std::chrono::milliseconds longest_wait_;
    Gauge* ends_ = nullptr;  // the metric of the expiry; null: the credential never expires

    mutable std::mutex mutex_;  // guards all members below; no call to other classes while it is held
    CredentialPointer current_;
    bool renewing_ = false;
    std::vector<Waiter> waiters_;
    std::vector<Completion<bool>> rejections_;  // calls of rejected() that wait for a renewal
    bool rejection_due_ = false;                // the running renewal began before these calls
    Time looked_at_{};                          // last check of the files
    std::optional<Time> renewed_at_;            // last change of the credential
    std::optional<Time> rejected_at_;           // end of the last renewal after a 401
    int failures_ = 0;                          // consecutive
    Time failed_at_{};
    std::chrono::milliseconds pause_{0};  // between a failure and the next attempt
    Error last_error_;
    std::string logged_error_;
    std::uint64_t numbers_ = 0, alarm_ = 0;
    bool alarm_set_ = false;
};

}  // namespace gatehouse::oci
