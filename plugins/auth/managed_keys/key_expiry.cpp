// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_expiry.hpp"

#include <chrono>
#include <ctime>

namespace gatehouse::managed_keys {

namespace {

constexpr std::chrono::minutes first_look{1};  // the keys have been read
constexpr std::chrono::hours next_look{1};
constexpr std::int64_t day = 86'400;
constexpr int most_lines = 10;  // in one look

std::string utc_text(std::time_t seconds) {
    std::tm parts{};
    char text[64];
    if (!::gmtime_r(&seconds, &parts)) return {};
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

KeyExpiry::KeyExpiry(Host& host, const KeyTable& table, std::int64_t days)
    : host_(host),
      table_(table),
      days_(days),
      expiring_(host.gauge("keys_expiring", "Active keys that expire within expiry_warning_days.")) {}

void KeyExpiry::start() {
    if (days_ > 0) look_after(first_look);
}

void KeyExpiry::look_after(std::chrono::minutes delay) {
    host_.after(delay, [this] { host_.run([this] { look(); }); });
}

void KeyExpiry::look() {
    const std::int64_t now = std::chrono::floor<std::chrono::seconds>(host_.now()).time_since_epoch().count();
    int expiring = 0, untold = 0;
    std::unordered_set<std::string> told;
    for (const KeyPointer& key : table_.expiring(now, now + days_ * day)) {
        ++expiring;
        std::string end = key->id + "/" + std::to_string(key->expires_at);
        if (!told_.contains(end) && untold++ < most_lines)
            host_.log(Level::warning, "key expires soon",
                      {{"key", key->id}, {"name", key->name}, {"at", utc_text(key->expires_at)}});
        told.insert(std::move(end));
    }
    if (untold > most_lines)
        host_.log(Level::warning, "more keys expire soon", {{"count", std::to_string(untold - most_lines)}});
    told_ = std::move(told);
    expiring_.set(expiring);
    look_after(next_look);
}

}  // namespace gatehouse::managed_keys
