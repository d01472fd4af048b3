// SPDX-License-Identifier: Apache-2.0
// The paths of the Conversations API: conversations and their items are created, read, changed and
// deleted.  Immutable after construction.  [any thread]
#pragma once

#include "plugins/dialect/openai/options.hpp"
#include "plugins/dialect/openai/request_parser.hpp"
#include "plugins/dialect/openai/responses/conversation.hpp"

#include <gatehouse/dialect.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

class ConversationsEndpoint {
public:
    ConversationsEndpoint(const Options& options, const Bounds& bounds, Host& host);

    /// `path` follows "/conversations": empty, or an id and perhaps "/items" and the id of an item.
    Result<Parsed> parse(const http::RequestHead& head, std::string_view path, std::string body) const;

private:
    Result<Parsed> create(std::string body) const;
    Result<Parsed> update(const std::string& id, std::string body) const;
    Result<Parsed> erase(const std::string& id) const;
    Result<Parsed> list(const std::string& id, std::string_view query) const;
    Result<Parsed> add(const std::string& id, std::string body) const;
    Result<Parsed> item(const std::string& id, const std::string& item, std::string_view query) const;
    Result<Parsed> remove(const std::string& id, const std::string& item) const;

    Keep changed(const std::string& id,
                 std::function<Result<std::string>(const StoredConversation&)> edit) const;

    const std::chrono::milliseconds keep_for_;
    const std::size_t max_kept_bytes_;
    const Bounds bounds_;
    Host& host_;
};

}  // namespace gatehouse::openai_dialect::responses
