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

}  // namespace

std::vector<Keep> record_of(const ResponseFacts& facts, const ResponseState& state, const Operation& sent) {
    const auto* chat = std::get_if<ChatRequest>(&sent);
    if (!facts.stored || !chat || chat->messages.size() < facts.message_count) return {};
    // A hook adds its messages before those of the client.
    const std::size_t first = chat->messages.size() - facts.message_count;
    std::vector<const Message*> added;
    for (const std::size_t index : facts.added) added.push_back(&chat->messages[first + index]);

    const std::string instructions = facts.instructed ? json_of(text_of(chat->messages[first])) : "null";
    ResponseState kept = state;
    kept.instructions = instructions;
    std::string body = R"({"v":1,"chain":)" + chain_of(facts);
    body.append(",\"input\":[")
        .append(items_of(added, facts))
        .append("],\"thoughts\":[")
        .append(state.sealed_thoughts);
    body.append("],\"response\":");
    body.append(response_object(facts, kept)).append("}");
    if (body.size() > facts.max_kept_bytes) return {};
    return {
        {.id = {response_space, facts.response_id()}, .body = std::move(body), .keep_for = facts.keep_for}};
}

}  // namespace gatehouse::openai_dialect::responses
