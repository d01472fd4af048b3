// SPDX-License-Identifier: Apache-2.0
// Converts errors of an OpenAI-compatible upstream into the gateway's errors.  The upstream's
// own code and param are kept.  Functions without state: any thread.
#pragma once

#include "plugins/provider/openai/service.hpp"

#include <gatehouse/result.hpp>

#include <string_view>

namespace gatehouse::openai_provider {

/// The error of a response whose status is not 2xx.
Error explain(int status, const http::Headers& headers, std::string_view body, std::string_view model,
              const Service& service);

/// The error of an error object in a response with status 2xx, at its start or inside it.
Error explain_event(std::string_view json, std::string_view model, const Service& service);

/// Advice for an operator.  `status` is 0 if there was no response.
std::string advise(int status, std::string_view model, const Service& service);

}  // namespace gatehouse::openai_provider
