// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/conversation_items.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/dialect/openai/body.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/draft.hpp"
#include "plugins/dialect/openai/responses/kept_json.hpp"
#include "plugins/dialect/openai/responses/request.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <array>

namespace gatehouse::openai_dialect::responses {

namespace {

// The limits of OpenAI's API.
constexpr std::size_t max_items = 20, max_pairs = 16, max_key = 64, max_value = 512;

struct ItemType {
    std::string_view type, prefix;
    bool has_status;
};
constexpr std::array<ItemType, 10> types = {{{"message", "msg_", true},
                                             {"function_call", "fc_", true},
                                             {"function_call_output", "fco_", true},
                                             {"custom_tool_call", "ctc_", true},
                                             {"custom_tool_call_output", "ctco_", true},
                                             {"tool_search_call", "tsc_", true},
                                             {"tool_search_output", "tso_", true},
                                             {"reasoning", "rs_", false},
                                             {"compaction", "cmp_", false},
                                             {"additional_tools", "at_", false}}};

ItemType type_of(std::string_view type) {
    const auto found = std::ranges::find(types, type, &ItemType::type);
    return found == types.end() ? ItemType{type, "item_", false} : *found;
}

bool read_metadata(Reader& reader, json::Value& value, std::string& metadata) {
    const Where where("metadata");
    metadata.clear();
    if (json::is_null(value)) return true;
    json::Object object;
    std::size_t pairs = 0;
    if (!reader.open(value, where, "an object of strings", object)) return false;
    std::string written;  // without the client's blanks
    JsonWriter json(written);
    json.begin_object();
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& member) {
        std::string text;
        if (++pairs > max_pairs) return reader.refuse(where, "must have at most 16 pairs");
        if (common::characters(key) > static_cast<std::int64_t>(max_key))
            return reader.refuse(where, "must have keys of at most 64 characters");
        if (!json::take_string(member, text)) return reader.wrong_type(Where(where, key), "a string", member);
        if (common::characters(text) > static_cast<std::int64_t>(max_value))
            return reader.refuse(Where(where, key), "must have at most 512 characters");
        json.member(key, text);
        return true;
    });
    json.end_object();
    if (read) metadata = std::move(written);
    return read;
}

/// A text becomes a list with one part, which all clients understand.
void write_content(JsonWriter& json, const json::Value& content, bool assistant) {
    std::string text;
    if (!json::take_string(content, text)) {
        json.raw(json::raw(content));
        return;
    }
    json.begin_array().begin_object().member("type", assistant ? "output_text" : "input_text");
    json.member("text", text);
    if (assistant) json.key("annotations").begin_array().end_array();
    json.end_object().end_array();
}

void write_item(JsonWriter& json, const json::Object& item, const ItemType& type, const std::string& id) {
    const auto status = member_of(item, "status"), role = member_of(item, "role");
    std::string speaker;
    const bool assistant = role && json::take_string(*role, speaker) && speaker == "assistant";
    json.begin_object().member("id", id).member("type", type.type);
    if (status && !json::is_null(*status))
        json.key("status").raw(json::raw(*status));
    else if (type.has_status)
        json.member("status", "completed");
    json::for_each(item, [&](std::string_view key, json::Value& value) {
        if (key == "id" || key == "type" || key == "status") return true;
        json.key(key);
        if (key == "content" && type.type == "message")
            write_content(json, value, assistant);
        else
            json.raw(json::raw(value));
        return true;
    });
    json.end_object();
}

class ItemsReader {
public:
    ItemsReader(Reader& reader, const Bounds& bounds, std::string_view id, ConversationBody& body)
        : reader_(reader), draft_{bounds}, body_(body) {
        id.remove_prefix(std::min(id.size(), std::string_view("conv").size()));
        stem_ = std::string(id) + "_c" + random_id({}).substr(0, 12);  // record_of_item() knows the "c"
        draft_.request.protocol = protocol;
    }

    bool read_history(const StoredConversation& history) {
        return responses::read_history(reader_, history, draft_);
    }

    bool read(json::Value& value) {
        const Where where("items");
        body_.has_items = false;
        body_.items.clear();
        if (json::is_null(value)) return true;
        json::Array list;
        if (!reader_.open(value, where, "an array of items", list)) return false;
        body_.has_items = true;
        JsonWriter json(body_.items);
        return json::for_each(list, [&](json::Value& item, std::size_t index) {
            if (index >= max_items) return reader_.refuse(where, "must have at most 20 items");
            return read_one(item, Where(where, index), index, json);
        });
    }

private:
    bool read_one(json::Value& value, const Where& where, std::size_t index, JsonWriter& json) {
        json::Object item;
        std::string type;
        if (!reader_.open(value, where, "an object with a type", item)) return false;
        if (!read_item_type(reader_, item, where, type)) return false;
        if (type == "item_reference") return refuse_unsupported(reader_, where, "must be the item itself");
        if (!read_item(reader_, value, where, draft_)) return false;
        const ItemType known = type_of(type);
        // "rs_" and the stem, which begins with "_".
        std::string id(known.prefix.substr(0, known.prefix.size() - 1));
        id.append(stem_).append(std::to_string(index));
        if (index == 0) body_.first_id = id;
        write_item(json, item, known, id);
        body_.last_id = std::move(id);
        return true;
    }

    Reader& reader_;
    ResponseDraft draft_;
    ConversationBody& body_;
    std::string stem_;
};

}  // namespace

Result<ConversationBody> read_conversation_body(std::string body, const Bounds& bounds, std::string_view id,
                                                const StoredConversation* history) {
    if (body.empty()) body = "{}";
    ConversationBody out;
    Reader reader;
    ItemsReader items(reader, bounds, id, out);
    if (history && !items.read_history(*history)) return reader.error();
    auto text = std::make_shared<std::string>(std::move(body));
    const auto read = read_body(text, bounds.json_depth, reader, [&](json::Object& top) {
        return json::for_each(top, [&](std::string_view key, json::Value& value) {
            if (key == "metadata") return read_metadata(reader, value, out.metadata);
            return key != "items" || items.read(value);
        });
    });
    if (!read) return read.error();
    return out;
}

}  // namespace gatehouse::openai_dialect::responses
