// SPDX-License-Identifier: Apache-2.0
// The body of POST /api/chat (Ollama, docs/api.md).  [any thread]
#pragma once

#include <gatehouse/sdk.hpp>

#include <optional>
#include <string>

namespace gatehouse::ollama {

struct Options {
    std::string base_url = "http://127.0.0.1:11434";
    std::optional<std::int64_t> context_window = {};
    std::string models = "listed";
};

/// The error of a request that Ollama cannot serve.
Result<void> check(const ChatRequest& chat);
/// `thinks`: whether the model knows `think`.
std::string write_chat(const Options& options, const ChatRequest& chat, bool thinks);

}  // namespace gatehouse::ollama
