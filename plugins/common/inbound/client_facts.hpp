// SPDX-License-Identifier: Apache-2.0
// Groups and attributes of a client, as the configuration of an authenticator gives them.
// Functions without state: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::inbound {

using Attributes = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Whether a group, or the name or a value of an attribute, has 1 to 200 bytes and no control
/// characters.
bool is_fact(std::string_view text);

/// Throws a KeyError at `path` + "groups" or `path` + "attributes", such as "keys[0].groups[1]".
void check_facts(const std::vector<std::string>& groups, const Attributes& attributes,
                 const std::string& path);

}  // namespace gatehouse::inbound
