// SPDX-License-Identifier: Apache-2.0
// The members of a body of the admin API.  Unknown members and wrong values are errors, so that nothing is
// accepted and then ignored.
#pragma once

#include "plugins/auth/managed_keys/key_record.hpp"

#include <gatehouse/json.hpp>

#include <initializer_list>
#include <string_view>

namespace gatehouse::managed_keys {

/// The object that `body` consists of, with these members at most; an empty body is an empty object.
Result<JsonValue> read_body(const std::string& body, std::initializer_list<std::string_view> members);

/// Applies `name`, `groups`, `models`, `expires_at` and `note`, as far as they are present, to `key`.
/// The error is for the caller, and `key` may be changed in part then.
Result<void> apply_fields(JsonValue fields, KeyRecord& key);

/// The integer at `name`, or `otherwise` if it is absent.
Result<std::int64_t> number_field(JsonValue fields, std::string_view name, std::int64_t otherwise,
                                  std::int64_t most);
/// The text at `name`, at most 500 bytes, or an empty one if it is absent.
Result<std::string> text_field(JsonValue fields, std::string_view name);

}  // namespace gatehouse::managed_keys
