// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/record.hpp"

#include "plugins/dialect/openai/responses/outlet.hpp"
#include "plugins/dialect/openai/responses/stored.hpp"
#include "plugins/dialect/openai/responses/stored_items.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::openai_dialect::responses {

namespace {

std::string chain_of(const ResponseFacts& facts) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const std::string& id : facts.chain) json.value(id);
    json.end_array();
    return out;
}

/// The record of the response.  Empty if it is too large.
std::string body_of(const ResponseFacts& facts, const ResponseState& state, std::string_view input) {
    std::string body = R"({"v":1,"chain":)" + chain_of(facts);
    body.append(",\"input\":[").append(input).append("],\"thoughts\":[").append(state.sealed_thoughts);
    body.append("],\"response\":").append(response_object(facts, state)).append("}");
    return body.size() > facts.max_kept_bytes ? std::string() : body;
}

}  // namespace

std::vector<Keep> records_of(const ResponseFacts& facts, const ResponseState& state, const Operation& sent) {
    const auto* chat = std::get_if<ChatRequest>(&sent);
    if (!facts.keeps() || !chat || chat->messages.size() < facts.message_count) return {};
    // A hook adds its messages before those of the client.
    const std::size_t first = chat->messages.size() - facts.message_count;
    std::vector<const Message*> added;
    for (const std::size_t index : facts.added) added.push_back(&chat->messages[first + index]);
    std::string items = items_of(added, facts);

    std::vector<Keep> records;
    if (facts.stored) {
        const std::string instructions = facts.instructed ? json_of(text_of(chat->messages[first])) : "null";
        ResponseState kept = state;
        kept.instructions = instructions;
        if (std::string body = body_of(facts, kept, items); !body.empty())
            records.push_back({.id = {response_space, facts.response_id()},
                               .body = std::move(body),
                               .keep_for = facts.keep_for});
    }
    if (!facts.conversation.empty()) {
        if (!items.empty() && !state.output.empty()) items += ',';
        items += state.output;
        records.push_back({.id = {conversation_space, facts.conversation},
                           .keep_for = facts.keep_for,
                           .change = turn_of(facts.conversation, std::move(items),
                                             std::string(state.sealed_thoughts), facts.max_kept_bytes)});
    }
    return records;
}

}  // namespace gatehouse::openai_dialect::responses
