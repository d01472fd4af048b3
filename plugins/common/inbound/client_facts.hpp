// SPDX-License-Identifier: Apache-2.0
// Name, groups and attributes of a client, as an authenticator gives them.
// Functions without state: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::inbound {

/// A visible ASCII character: no blank, no control character.
constexpr bool is_visible(char c) { return c > ' ' && c < 0x7F; }

/// Whether `name` can be the name of a client in the log: 1 to 64 visible ASCII characters.
bool is_client_name(std::string_view name);

using Attributes = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Whether a group, or the name or a value of an attribute, has 1 to 200 bytes and no control
/// characters.
bool is_fact(std::string_view text);

/// Throws a KeyError at `path` + "groups" or `path` + "attributes", such as "keys[0].groups[1]".
void check_facts(const std::vector<std::string>& groups, const Attributes& attributes,
                 const std::string& path);

}  // namespace gatehouse::inbound
