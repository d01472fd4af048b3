// SPDX-License-Identifier: Apache-2.0
// Sample requests of clients, usual and unusual.  Plain values.
#pragma once

#include <gatehouse/operation.hpp>

#include <string>
#include <vector>

namespace gatehouse::core::plugin_check {

struct Sample {
    std::string name;
    Operation operation;
    bool usual = false;      // every provider should support it
    bool odd_bytes = false;  // it is not UTF-8
};

/// "a chat", not streamed, and the same streamed.
ChatRequest plain_chat(const std::string& model, bool stream);

/// Chats, then embeddings, rankings, a list of models, a count of tokens, another operation.
std::vector<Sample> samples(const std::string& model);

}  // namespace gatehouse::core::plugin_check
