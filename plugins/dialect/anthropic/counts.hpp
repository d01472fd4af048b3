// SPDX-License-Identifier: Apache-2.0
// The response to a count of tokens.
#pragma once

#include <gatehouse/dialect.hpp>

#include <memory>

namespace gatehouse::anthropic_dialect {

/// Set to "true" in a response whose number is an estimate.
inline constexpr const char* estimate_header = "x-gatehouse-estimate";

/// {"input_tokens": N}.  `estimates`: an estimate is a response, and not 404.
std::unique_ptr<ResponseFormatter> count_formatter(bool estimates);

}  // namespace gatehouse::anthropic_dialect
