// SPDX-License-Identifier: Apache-2.0
// The configuration keys of an instance and their checks.  Used at start only.
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::jwt {

struct Rule {
    std::string claim, value;
    std::vector<std::string> models = {};
};

struct Options {
    std::string jwks_url = {}, jwks_file = {}, ca_file = {};
    std::vector<std::string> issuer = {}, audience = {};
    std::vector<std::string> algorithms = {"RS256", "PS256", "ES256", "EdDSA"};
    std::int64_t leeway_s = 60, refresh_s = 600, max_stale_s = 86'400;
    std::string name_claim = "sub", name_prefix = {};
    std::map<std::string, std::vector<std::string>> claims = {};
    std::vector<std::string> models = {};
    std::string models_claim = {};
    std::vector<Rule> rules = {};
    std::string groups_claim = {};
    std::map<std::string, std::vector<std::string>> attributes = {};
};

extern const Fields<Options> fields;

/// Throws KeyError if a value is not valid.  Logs a warning if a value is valid but unsafe.
void check(const Options& options, Host& host);

}  // namespace gatehouse::jwt
