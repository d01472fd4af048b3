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

/// Who showed a token, and until when it may be shown again.
struct Bearer {
    Identity who = {};
    std::chrono::system_clock::time_point until = {};
};

class Claims {
public:
    using Time = std::chrono::system_clock::time_point;

    explicit Claims(const Options& options);

    /// Whether the claims, of which nothing is believed yet, could be those of a good token:
    /// what is wrong anyway needs no look at its signature, and no keys.
    Result<void> plausible(std::string_view payload, Time now) const;

    /// What the claims of a token with a good signature say.  Forbidden if they let it
    /// name no model.
    Result<Bearer> read(std::string_view payload, Time now) const;

private:
    Result<void> check(const simdjson::dom::object& claims, Time now) const;
    Result<std::string> name_in(const simdjson::dom::object& claims) const;
    std::vector<std::string> models_for(const simdjson::dom::object& claims) const;

    const Options options_;
    const bool limits_models_;
};

}  // namespace gatehouse::jwt
