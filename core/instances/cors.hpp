// SPDX-License-Identifier: Apache-2.0
// Cross-origin requests of browsers (Fetch standard, section 3.2).  Off unless
// [server] cors_origins names origins.  Owned by ConfigSnapshot; read-only: [any thread].
#pragma once

#include <gatehouse/http.hpp>

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class Cors {
public:
    /// Origins such as "https://app.example", or "*" for any.
    explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    /// Returns the response to a preflight.  Returns nullopt if the request is not a preflight or
    /// its origin is not allowed.
    std::optional<http::Response> preflight(const http::RequestHead& request) const;

    /// Adds to a response or an error response the headers that let the page read it.
    void allow(const http::RequestHead& request, http::Headers& answer) const;

private:
    bool knows(std::string_view origin) const;

    std::vector<std::string> origins_;
};

}  // namespace gatehouse::core
