// SPDX-License-Identifier: Apache-2.0
// Logins of the console.  A login exchanges a code of `gatehouse console`, or a token of [admin] tokens, for
// the token of a session.  Only digests of session tokens are kept, and they are gone when the process ends.
//
// Owned by AdminListener.  [the admin thread], except secret(): any thread.
#pragma once

#include "core/config/admin_tokens.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// A login code: its end in seconds since 1970, a random word, and their HMAC with the secret.
struct LoginCode {
    using Seconds = std::chrono::seconds;
    static constexpr Seconds valid{60};

    /// A code that is valid from `now` on.
    static std::string make(std::string_view secret, std::chrono::system_clock::time_point now);
    /// The random word of a valid code; empty if the code is wrong or too old.
    static std::string word_of(std::string_view code, std::string_view secret,
                               std::chrono::system_clock::time_point now);
};

struct AdminSession {
    std::string digest;        // SHA-256 of the session's token
    std::string token_digest;  // SHA-256 of the admin token that it was exchanged for; empty: a code
    std::chrono::steady_clock::time_point end;
};

class AdminSessions {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t most = 32;  // a further login ends the oldest
    static constexpr std::chrono::hours lifetime{8};

    AdminSessions();
    /// The key of login codes: 64 random digits.
    const std::string& secret() const { return secret_; }

    /// The token of a new session.  A code is used up.  The error does not say which part was wrong.
    Result<std::string> open_by_code(std::string_view code, std::chrono::system_clock::time_point now);
    Result<std::string> open_by_token(std::string_view token, const AdminTokens& tokens);
    /// Null if there is no such session.  Valid until the next change.
    const AdminSession* find(std::string_view token, Clock::time_point now) const;
    /// Ends a session.
    void close(std::string_view token);
    std::size_t count() const { return all_.size(); }

private:
    std::string add(std::string token_digest);

    const std::string secret_;
    std::vector<AdminSession> all_;  // the oldest first
    std::map<std::string, std::chrono::system_clock::time_point>
        used_words_;  // those of codes that are still valid
};

}  // namespace gatehouse::core
