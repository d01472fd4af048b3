// SPDX-License-Identifier: Apache-2.0
// The content of a page for a client that does not accept gzip, such as curl.  [any thread]
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// The content of `gzip`, one complete member.  Returns nullopt if it is damaged or has more than
/// `max_bytes`.
std::optional<std::string> gunzip(std::string_view gzip, std::size_t max_bytes);

}  // namespace gatehouse::core
