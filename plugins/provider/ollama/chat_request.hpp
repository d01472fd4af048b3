// SPDX-License-Identifier: Apache-2.0
// The check and the body of a chat, POST /api/chat (Ollama, docs/api.md).  [any thread]
#pragma once

#include <gatehouse/sdk.hpp>

#include <optional>
#include <string>

namespace gatehouse::ollama {

/// The error of a request that Ollama cannot serve.
Result<void> check(const ChatRequest& chat);
/// `context_window`: in tokens; absent: the server's.  `thinks`: whether the model knows `think`.
std::string write_chat(const ChatRequest& chat, std::optional<std::int64_t> context_window, bool thinks);

}  // namespace gatehouse::ollama
