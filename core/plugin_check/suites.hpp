// SPDX-License-Identifier: Apache-2.0
// The parts of the check.  Each part runs in its own process and creates its own instance, so that a defect
// in one part does not affect another.
#pragma once

#include "core/plugin_check/target.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::core::plugin_check {

struct Suite {
    std::string name;
    std::function<void(Check&, Target&)> run;
};

/// Checks the entry point and the keys.
void check_entry_point(Check& check, Target& target);
/// The constructor's errors for wrong values.
std::vector<Suite> configuration_suites(const std::vector<std::string>& keys);

/// The suites of each kind of plugin.
std::vector<Suite> provider_suites(const Given& given);
/// For a provider that computes in this process, see computes().
std::vector<Suite> local_provider_suites(const Given& given);
bool computes(Check& check, Target& target);
std::vector<Suite> signer_suites();
std::vector<Suite> authenticator_suites();
std::vector<Suite> mapper_suites();
std::vector<Suite> dialect_suites();
std::vector<Suite> hook_suites();
std::vector<Suite> limiter_suites();
std::vector<Suite> observer_suites();
std::vector<Suite> store_suites();
/// For a plugin of any kind.
std::vector<Suite> admin_suites();

}  // namespace gatehouse::core::plugin_check
