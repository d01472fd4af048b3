// SPDX-License-Identifier: Apache-2.0
#include "core/admin/sessions.hpp"

#include <gatehouse/sha256.hpp>

#include <algorithm>
#include <charconv>
#include <random>

namespace gatehouse::core {

namespace {

constexpr std::string_view session_prefix = "session_";

/// 256 random bits of the kernel, in hex.
std::string random_digits() {
    std::random_device device;
    std::string bytes;
    while (bytes.size() < 32) {
        const unsigned int word = device();
        for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(word >> shift & 255);
    }
    return to_hex(bytes);
}

std::int64_t seconds_since_1970(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Error no_login(const char* message) { return {ErrorKind::unauthenticated, message}; }

}  // namespace

std::string LoginCode::make(std::string_view secret, std::chrono::system_clock::time_point now) {
    const std::string content =
        std::to_string(seconds_since_1970(now + valid)) + "." + random_digits().substr(0, 32);
    return content + "." + to_hex(hmac_sha256(secret, content));
}

std::string LoginCode::word_of(std::string_view code, std::string_view secret,
                               std::chrono::system_clock::time_point now) {
    const std::size_t first = code.find('.'), last = code.rfind('.');
    if (first == code.npos || first == last) return {};
    const std::string_view content = code.substr(0, last);
    if (!equal_in_constant_time(to_hex(hmac_sha256(secret, content)), code.substr(last + 1))) return {};
    std::int64_t end = 0;
    const auto read = std::from_chars(code.data(), code.data() + first, end);
    if (read.ec != std::errc() || read.ptr != code.data() + first) return {};
    const std::int64_t left = end - seconds_since_1970(now);
    if (left < 0 || left > valid.count()) return {};
    return std::string(content.substr(first + 1));
}

AdminSessions::AdminSessions() : secret_(random_digits()) {}

Result<std::string> AdminSessions::open_by_code(std::string_view code,
                                                std::chrono::system_clock::time_point now) {
    std::erase_if(used_words_, [&](const auto& one) { return one.second < now; });
    const std::string word = LoginCode::word_of(code, secret_, now);
    // A code is valid for its last second too.
    if (word.empty() || !used_words_.emplace(word, now + LoginCode::valid + LoginCode::Seconds(2)).second)
        return no_login(
            "the code is wrong, used or older than a minute: run `gatehouse console` for a new one");
    return add({});
}

Result<std::string> AdminSessions::open_by_token(std::string_view token, const AdminTokens& tokens) {
    const AdminToken* found = tokens.find(token);
    if (!found) return no_login("the token is not one of [admin] tokens");
    return add(found->digest);
}

std::string AdminSessions::add(std::string token_digest) {
    const auto now = Clock::now();
    std::erase_if(all_, [&](const AdminSession& one) { return one.end <= now; });
    if (all_.size() >= most) all_.erase(all_.begin());
    std::string token = std::string(session_prefix) + random_digits();
    all_.push_back({to_hex(sha256(token)), std::move(token_digest), now + lifetime});
    return token;
}

const AdminSession* AdminSessions::find(std::string_view token, Clock::time_point now) const {
    if (!token.starts_with(session_prefix)) return nullptr;
    const std::string digest = to_hex(sha256(token));
    const AdminSession* found = nullptr;
    for (const AdminSession& one : all_)
        if (equal_in_constant_time(one.digest, digest) && one.end > now) found = &one;
    return found;
}

void AdminSessions::close(std::string_view token) {
    const std::string digest = to_hex(sha256(token));
    std::erase_if(all_, [&](const AdminSession& one) { return equal_in_constant_time(one.digest, digest); });
}

}  // namespace gatehouse::core
