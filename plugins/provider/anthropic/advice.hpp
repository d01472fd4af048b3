// SPDX-License-Identifier: Apache-2.0
// What an operator should look at after Anthropic has refused or failed.  For
// `gatehouse check --live`.  A function without state: any thread.
#pragma once

#include "plugins/provider/anthropic/errors.hpp"

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// Sentences, a line each; empty if there is no more to say than `error` does.
/// `status` is 0 if there was no answer.
std::string advise(const Error& error, int status, std::string_view body, const Model& model,
                   const std::string& host);

}  // namespace gatehouse::anthropic
