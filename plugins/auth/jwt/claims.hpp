// SPDX-License-Identifier: Apache-2.0
// The required claims of a token, and the client that they describe.  Read-only once made: any thread,
// concurrently.
#pragma once

#include "plugins/auth/jwt/options.hpp"

#include <gatehouse/auth.hpp>

#include <simdjson.h>

#include <chrono>
#include <string_view>

namespace gatehouse::jwt {

/// The client that presented a token, and the time at which the token expires.
struct Bearer {
    Identity who = {};
    std::chrono::system_clock::time_point until = {};
};

class Claims {
public:
    using Time = std::chrono::system_clock::time_point;

    explicit Claims(const Options& options);

    /// Checks the claims before the signature is verified: a token with wrong claims is
    /// rejected without keys.  Success does not mean that the token is genuine.
    Result<void> plausible(std::string_view payload, Time now) const;

    /// Reads the claims of a token whose signature is verified.  The error is `forbidden`
    /// if the claims do not allow any model.
    Result<Bearer> read(std::string_view payload, Time now) const;

private:
    Result<void> check(const simdjson::dom::object& claims, Time now) const;
    Result<std::string> name_in(const simdjson::dom::object& claims) const;
    void add_facts(const simdjson::dom::object& claims, Identity& who) const;
    std::vector<std::string> models_for(const simdjson::dom::object& claims) const;

    const Options options_;
    const bool limits_models_;
};

}  // namespace gatehouse::jwt
