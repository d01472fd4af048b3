// SPDX-License-Identifier: Apache-2.0
// Parses a request as the core does: recalls records until the dialect has understood it.
// [the part's thread]
#pragma once

#include "core/plugin_check/check.hpp"

#include <gatehouse/dialect.hpp>

#include <optional>
#include <string>

namespace gatehouse::core::plugin_check {

/// The capacity of a body beyond its size, as the core gives it.
inline constexpr std::size_t spare_bytes = 64;

/// Parses `text`, with no document for each that the dialect recalls, and then with a damaged one.
/// Returns the first result, or nothing after a reported failure.
std::optional<Result<Parsed>> parse_and_follow(Check& check, Dialect& dialect, const http::RequestHead& head,
                                               const std::string& text);

/// Checks the documents that a formatter leaves.
void check_kept(Check& check, ResponseFormatter& formatter, const Operation& sent);

}  // namespace gatehouse::core::plugin_check
