// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/key_store.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::jwt {

namespace {

using std::chrono::seconds;

constexpr auto between_unknown_keys = seconds(60);
constexpr auto longest_fetch = seconds(5);
constexpr auto between_looks = seconds(10);  // at a file
constexpr int longest_wait_s = 60;
constexpr std::size_t max_waiting = 256;  // requests; further requests are rejected at once

Result<std::string> body_of(Result<http::Response> answer) {
    if (!answer) return answer.error();
    if (answer->head.status != 200)
        return Error{ErrorKind::upstream, "it responded with " + std::to_string(answer->head.status)};
    return std::move(answer->body);
}

/// The error's message is a phrase for the log.
Result<KeySet> read_set(const Result<std::string>& text) {
    if (!text) return Error{ErrorKind::upstream, text.error().message};
    return KeySet::read(*text);
}

}  // namespace

Result<void> KeyStore::start() {
    loading_ = true;
    if (source_.file.empty()) {
        fetch();
        return {};
    }
    stamp_ = stamp_of(source_.file);  // before the read, so that a later change is noticed
    auto set = read_set(read_file(source_.file, max_key_set_bytes));
    loading_ = false;
    if (!set) return set.error();
    keys_ = {std::make_shared<const KeySet>(*std::move(set)), 1};
    read_at_ = host_->now();
    load_after(std::min(source_.refresh, between_looks));
    return {};
}

KeyStore::Keys KeyStore::keys() {
    const std::lock_guard lock(mutex_);
    return host_->now() - read_at_ > source_.max_stale ? Keys{} : keys_;
}

bool KeyStore::wait_for_newer(std::function<void()> then) {
    bool begins = false;
    {
        const std::lock_guard lock(mutex_);
        if (!loading_) {
            const Time now = host_->now();
            // While there are no keys, a timer repeats the fetch: a request need not start one.
            if (!keys_.set) return false;
            if (asked_for_unknown_at_ && now >= *asked_for_unknown_at_ &&
                now - *asked_for_unknown_at_ < between_unknown_keys)
                return false;
            asked_for_unknown_at_ = now;
            loading_ = begins = true;
        }
        if (waiting_.size() >= max_waiting) return false;
        waiting_.push_back(std::move(then));
    }
    if (begins) load();
    return true;
}

void KeyStore::drop_waiting() {
    std::vector<std::function<void()>> dropped;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
}

void KeyStore::load() {
    if (source_.file.empty())
        fetch();
    else
        host_->run([self = shared_from_this()] { self->look_at_file(); });
}

void KeyStore::fetch() {
    http::Request request{.url = source_.url, .headers = {{"accept", "application/json"}}};
    request.total_timeout = request.first_byte_timeout = longest_fetch;
    request.ca_file = source_.ca_file;
    host_->fetch(std::move(request),
                 Completion<http::Response>([self = shared_from_this()](Result<http::Response> answer) {
                     self->loaded(body_of(std::move(answer)));
                 }));
}

void KeyStore::look_at_file() {
    const auto stamp = stamp_of(source_.file);
    bool seen = false;
    {
        const std::lock_guard lock(mutex_);
        seen = stamp && stamp == stamp_ && failures_ == 0;
        stamp_ = stamp;
    }
    if (seen) return loaded(std::nullopt);
    loaded(read_file(source_.file, max_key_set_bytes));
}

// `text` is empty if the file has not changed.
void KeyStore::loaded(std::optional<Result<std::string>> text) {
    const bool unchanged = !text;
    Result<KeySet> set = unchanged ? Result<KeySet>(KeySet()) : read_set(*text);
    const bool good = bool(set);
    const std::string reason = good ? std::string() : set.error().message;
    std::vector<std::function<void()>> waiting;
    seconds next = source_.file.empty() ? source_.refresh : std::min(source_.refresh, between_looks);
    bool recovered = false, has_keys = false;
    std::size_t count = 0;
    {
        const std::lock_guard lock(mutex_);
        loading_ = false;
        waiting.swap(waiting_);
        if (good) {
            recovered = std::exchange(failures_, 0) > 0;
            read_at_ = host_->now();
            if (!unchanged) keys_ = {std::make_shared<const KeySet>(*std::move(set)), keys_.number + 1};
        } else {
            failures_ = std::min(failures_ + 1, 10);
            next = std::min(next, seconds(std::min(1 << (failures_ - 1), longest_wait_s)));
        }
        has_keys = keys_.set && host_->now() - read_at_ <= source_.max_stale;
        count = keys_.set ? keys_.set->size() : 0;
    }
    if (!good)
        host_->log(has_keys ? Level::warning : Level::error,
                   has_keys ? "token keys not refreshed, keeping the old keys until "
                              "max_stale_s"
                            : "no token keys, clients with a token receive 503; check jwks_url or "
                              "jwks_file and the route to it",
                   {{"keys", source_name()}, {"reason", reason}});
    else if (recovered)
        host_->log(Level::info, "token keys refreshed after failures",
                   {{"keys", source_name()}, {"count", std::to_string(count)}});
    load_after(next);
    for (const auto& then : waiting) then();
}

void KeyStore::load_after(seconds delay) {
    std::uint64_t mine = 0;
    {
        const std::lock_guard lock(mutex_);
        mine = ++timer_;
    }
    host_->after(delay, [weak = weak_from_this(), mine] {
        const auto self = weak.lock();
        if (!self) return;
        {
            const std::lock_guard lock(self->mutex_);
            if (self->loading_ || self->timer_ != mine) return;
            self->loading_ = true;
        }
        self->load();
    });
}

}  // namespace gatehouse::jwt
