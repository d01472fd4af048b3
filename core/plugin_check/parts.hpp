// SPDX-License-Identifier: Apache-2.0
// The parts of the check.  Each runs in a process of its own and begins by making
// an instance, so that none suffers from what another one has broken.
#pragma once

#include "core/plugin_check/subject.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gatehouse::core::plugin_check {

struct Part {
    std::string name;
    std::function<void(Check&, Subject&)> run;
};

/// The door, the keys.
void check_door(Check& check, Subject& subject);
/// What the constructor says to wrong values.
std::vector<Part> configuration_parts(const std::vector<std::string>& keys);

/// What drives the plugins of each kind.
std::vector<Part> provider_parts(const Given& given);
/// Of a provider that computes in this process, as computes() says.
std::vector<Part> local_provider_parts(const Given& given);
bool computes(Check& check, Subject& subject);
std::vector<Part> signer_parts();
std::vector<Part> authenticator_parts();
std::vector<Part> mapper_parts();
std::vector<Part> dialect_parts();
std::vector<Part> hook_parts();

}  // namespace gatehouse::core::plugin_check
