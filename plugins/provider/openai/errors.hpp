// SPDX-License-Identifier: Apache-2.0
// From what a server that speaks OpenAI's protocol says when it refuses or fails
// to what a client is told: the project's table, with the server's own code and
// param where it gives them.  Functions without state: any thread.
#pragma once

#include "plugins/provider/openai/service.hpp"

#include <gatehouse/result.hpp>

#include <string_view>

namespace gatehouse::openai_provider {

/// Of an answer whose status is not 2xx.
Error explain(int status, const http::Headers& headers, std::string_view body, std::string_view model,
              const Service& service);

/// Of an error in the place of an answer, or in the middle of one.
Error explain_event(std::string_view json, std::string_view model, const Service& service);

/// What an operator should look at.  `status` 0: there was no answer.
std::string advise(const Error& error, int status, std::string_view model, const Service& service);

}  // namespace gatehouse::openai_provider
