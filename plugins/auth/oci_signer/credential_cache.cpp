// SPDX-License-Identifier: Apache-2.0
// Renewals, waiting requests and failures.  Every member function takes the lock, decides,
// releases the lock, and only then calls the host or a completion, because both may call
// this class again before they return.
#include "plugins/auth/oci_signer/credential_cache.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/signature.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::oci {

namespace {

using std::chrono::milliseconds;

constexpr auto between_looks = std::chrono::seconds(1);
// A renewal that is younger than this also serves requests that were signed before it.
constexpr auto recently = std::chrono::seconds(10);
constexpr milliseconds shortest_pause{250}, first_pause{1'000}, longest_pause{30'000},
    wait_after_failure{2'000};

/// Returns whether `wait` has passed since `since`, or the clock was set back before `since`.
bool has_come(Time now, Time since, Time::duration wait) { return now < since || now - since >= wait; }

}  // namespace

void CredentialCache::start() {
    auto credential = source_->at_once();
    std::optional<milliseconds> wake;
    bool begins = false;
    {
        std::lock_guard lock(mutex_);
        const Time now = host_.now();
        looked_at_ = now;
        if (credential) {
            take(*std::move(credential), now);
            if (current_->renew_at) wake = std::chrono::ceil<milliseconds>(*current_->renew_at - now);
        } else {
            renewing_ = begins = true;
        }
    }
    if (begins) begin(Why::first);
    if (wake) wake_after(*wake);
}

void CredentialCache::get(Completion<CredentialPointer> done) {
    std::optional<Why> why;
    const Time now = host_.now();
    {
        std::lock_guard lock(mutex_);
        why = due(now);
        if (why) renewing_ = true;
        if (why == Why::look) looked_at_ = now;
    }
    if (why) begin(*why);

    Result<CredentialPointer> result = CredentialPointer();
    std::uint64_t waiter = 0;
    milliseconds wait = longest_wait_;
    {
        std::lock_guard lock(mutex_);
        if (valid(now)) {
            result = current_;
        } else if (renewing_) {
            waiter = ++numbers_;
            // After a failure the next attempt may fail too.  A short wait lets the request use another
            // route.
            if (failures_ > 0) wait = std::min(wait, wait_after_failure);
            waiters_.push_back({waiter, std::make_shared<Completion<CredentialPointer>>(std::move(done))});
        } else {
            result = last_error_;
        }
    }
    if (!waiter) return done(std::move(result));
    host_.after(wait, [weak = weak_from_this(), waiter] {
        if (auto self = weak.lock()) self->give_up(waiter);
    });
}

void CredentialCache::rejected(Completion<bool> done) {
    const Time now = host_.now();
    std::optional<bool> answer;
    bool start = false;
    {
        std::lock_guard lock(mutex_);
        const bool renewed = renewed_at_ && !has_come(now, *renewed_at_, recently);
        const bool asked = rejected_at_ && !has_come(now, *rejected_at_, recently);
        if (renewed || asked || (!renewing_ && pausing(now))) {
            answer = renewed;
        } else {
            rejections_.push_back(std::move(done));
            // A running renewal may have another cause and may not change the credential.
            rejection_due_ |= renewing_;
            start = !std::exchange(renewing_, true);
        }
    }
    if (answer) return done(*answer);
    if (start) begin(Why::rejected);
}

std::optional<Why> CredentialCache::due(Time now) const {
    if (renewing_) return std::nullopt;
    if (source_->watches() && has_come(now, looked_at_, between_looks)) return Why::look;
    if (pausing(now)) return std::nullopt;
    if (!valid(now)) return Why::first;
    if (current_->renew_at && *current_->renew_at <= now) return Why::due;
    return std::nullopt;
}

bool CredentialCache::pausing(Time now) const { return failures_ > 0 && !has_come(now, failed_at_, pause_); }

void CredentialCache::begin(Why why) {
    host_.run([self = shared_from_this(), why] {
        self->source_->obtain(why, Completion<Credential>([self, why](Result<Credential> result) {
                                  self->finished(why, std::move(result));
                              }));
    });
}

void CredentialCache::finished(Why why, Result<Credential> result) {
    const Time now = host_.now();
    // An expired new token is most often caused by this machine's clock.
    if (result && result->expiry && *result->expiry <= now)
        result = Error{ErrorKind::unavailable, "the gateway has no valid token for the upstream",
                       "the new token expired on " + to_http_date(*result->expiry) +
                           ", but this machine's clock shows " + to_http_date(now) + "; correct the clock"};
    std::vector<Waiter> waiters;
    std::vector<Completion<bool>> rejections;
    Result<CredentialPointer> outcome = CredentialPointer();
    std::optional<milliseconds> wake;
    bool changed = false, again = false, news = false, good_news = false;
    {
        std::lock_guard lock(mutex_);
        renewing_ = false;
        if (why == Why::rejected) rejected_at_ = now;
        if (result && is_current(*result) && (why == Why::look || why == Why::rejected)) {
            // An unchanged credential does not postpone the next renewal.
            if (!alarm_set_ && failures_ > 0)
                wake = pause_;
            else if (!alarm_set_ && current_->renew_at)
                wake = std::chrono::ceil<milliseconds>(*current_->renew_at - now);
        } else if (result) {
            good_news = std::exchange(failures_, 0) > 0 || !current_;
            changed = take(*std::move(result), now);
            if (current_->renew_at) wake = std::chrono::ceil<milliseconds>(*current_->renew_at - now);
        } else {
            wake = note_failure(result.error(), now);
            news = std::exchange(logged_error_, result.error().detail) != result.error().detail;
        }
        if (valid(now))
            outcome = current_;
        else
            outcome = last_error_;
        waiters.swap(waiters_);
        again = std::exchange(rejection_due_, false) && result && !changed;
        if (again)
            renewing_ = true;
        else
            rejections.swap(rejections_);
    }
    report(outcome, changed, good_news, news);
    if (again)
        begin(Why::rejected);
    else if (wake)
        wake_after(*wake);
    for (auto& rejection : rejections) rejection(changed);
    resume(std::move(waiters), outcome);
}

bool CredentialCache::is_current(const Credential& credential) const {
    return current_ && current_->key_id == credential.key_id && current_->key == credential.key;
}

/// Returns true if the credential differs from the current credential.
bool CredentialCache::take(Credential credential, Time now) {
    const bool changed = !is_current(credential);
    if (changed && current_) renewed_at_ = now;
    current_ = std::make_shared<const Credential>(std::move(credential));
    if (ends_ && current_->expiry)
        ends_->set(std::chrono::duration<double>(current_->expiry->time_since_epoch()).count());
    logged_error_.clear();
    return changed;
}

/// Returns the pause before the next attempt.
milliseconds CredentialCache::note_failure(const Error& error, Time now) {
    last_error_ = error;
    failed_at_ = now;
    pause_ = std::min(first_pause * (1 << std::min(failures_, 10)), longest_pause);
    ++failures_;
    last_error_.retry_after_seconds =
        static_cast<int>(std::chrono::ceil<std::chrono::seconds>(pause_).count());
    return pause_;
}

/// Logs a change that concerns the operator; routine renewals are logged at debug level.
void CredentialCache::report(const Result<CredentialPointer>& outcome, bool changed, bool good_news,
                             bool news) {
    if (news) {
        std::string reason;
        {
            std::lock_guard lock(mutex_);
            reason = logged_error_;
        }
        if (outcome && (*outcome)->expiry)
            host_.log(Level::warning, "token renewal failed, using the old token",
                      {{"until", to_http_date(*(*outcome)->expiry)}, {"reason", reason}});
        else
            host_.log(outcome ? Level::warning : Level::error, "no token obtained", {{"reason", reason}});
    } else if (outcome && changed && (*outcome)->renew_at) {
        const Credential& credential = **outcome;
        host_.log(good_news ? Level::info : Level::debug, "token obtained",
                  {{"expires", credential.expiry ? to_http_date(*credential.expiry) : "unknown"},
                   {"of", credential.about}});
    }
}

void CredentialCache::wake_after(milliseconds delay) {
    std::uint64_t alarm = 0;
    {
        std::lock_guard lock(mutex_);
        alarm = ++alarm_;
        alarm_set_ = true;
    }
    host_.after(std::max(delay, shortest_pause), [weak = weak_from_this(), alarm] {
        if (auto self = weak.lock()) self->woken(alarm);
    });
}

void CredentialCache::woken(std::uint64_t alarm) {
    const Time now = host_.now();
    std::optional<milliseconds> later;
    {
        std::lock_guard lock(mutex_);
        if (alarm != alarm_) return;  // a later alarm has replaced it
        alarm_set_ = false;
        if (renewing_) return;  // the end of the renewal sets the next alarm
        // The wall clock may have been set back.
        if (valid(now) && current_->renew_at && *current_->renew_at > now && failures_ == 0)
            later = std::chrono::ceil<milliseconds>(*current_->renew_at - now);
        else
            renewing_ = true;
    }
    if (later) return wake_after(*later);
    begin(Why::due);
}

void CredentialCache::give_up(std::uint64_t number) {
    std::vector<Waiter> late;
    Error error{ErrorKind::unavailable, "the gateway has no valid token for the upstream yet"};
    error.retry_after_seconds = 1;
    {
        std::lock_guard lock(mutex_);
        const auto found = std::find_if(waiters_.begin(), waiters_.end(),
                                        [&](const Waiter& waiter) { return waiter.number == number; });
        if (found == waiters_.end()) return;
        late.push_back(std::move(*found));
        waiters_.erase(found);
        error.detail = failures_ > 0 ? last_error_.detail
                                     : "no token arrived within token_wait_ms = " +
                                           std::to_string(longest_wait_.count());
    }
    resume(std::move(late), error);
}

void CredentialCache::resume(std::vector<Waiter> waiters, const Result<CredentialPointer>& result) {
    for (Waiter& waiter : waiters) host_.run([done = std::move(waiter.done), result] { (*done)(result); });
}

std::string CredentialCache::advice() const {
    const Time now = host_.now();
    std::string text = source_->advice();
    std::lock_guard lock(mutex_);
    if (current_ && !current_->about.empty()) text += "\nThe token is for " + current_->about + ".";
    if (current_ && current_->expiry) {
        const bool over = *current_->expiry <= now;
        const auto apart = std::chrono::duration_cast<std::chrono::minutes>(over ? now - *current_->expiry
                                                                                 : *current_->expiry - now);
        const std::string minutes =
            std::to_string(apart.count()) + (apart.count() == 1 ? " minute" : " minutes");
        text += std::string("\nThe token ") + (over ? "expired" : "expires") + " on " +
                to_http_date(*current_->expiry) + ", " + (over ? minutes + " ago" : "in " + minutes) +
                " by this machine's clock.";
    }
    if (failures_ > 0)
        text += (valid(now) ? "\nThe token could not be renewed: " : "\nThere is no valid token: ") +
                last_error_.detail + ".";
    else if (!current_)
        text += "\nThere is no token yet.";
    return text;
}

}  // namespace gatehouse::oci
