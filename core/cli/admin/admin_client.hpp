// SPDX-License-Identifier: Apache-2.0
// Calls of the admin API of a running gateway, for the commands of an operator.  It blocks.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>

namespace gatehouse::core {

/// The gateway that a command asks.
struct AdminTarget {
    std::filesystem::path config;  // its `[admin] listen` is the address
    std::string url;               // instead of `config`, such as http://127.0.0.1:8051
    std::string token;             // empty: the gateway has none
};

struct AdminQuestion {
    std::string method = "GET";
    std::string path = {};  // behind /api/v1, with its query
    std::string body = {};
};

/// The body of a 2xx response, a valid JSON object of at most 64 MiB.  The error's message is a phrase with
/// the reason that the gateway gives, without control characters.
Result<std::string> ask_admin(const AdminTarget& target, const AdminQuestion& question);

}  // namespace gatehouse::core
