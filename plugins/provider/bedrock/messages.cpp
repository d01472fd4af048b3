// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/messages.hpp"

#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/bedrock/parts.hpp"
#include "plugins/provider/bedrock/thoughts.hpp"

#include <gatehouse/conversation.hpp>

#include <algorithm>
#include <deque>
#include <utility>

namespace gatehouse::bedrock {

namespace {

using upstream::Turn;

constexpr std::string_view no_message = "(no message)";
constexpr std::string_view go_on = "(continue)";
constexpr std::string_view see_document = "(see the document)";

std::string path_of(std::size_t message, std::size_t part) {
    return "messages[" + std::to_string(message) + "].content[" + std::to_string(part) + "]";
}

/// Number of messages before the conversation.
std::size_t leading_system(const ChatRequest& request) {
    const auto first = std::ranges::find_if_not(
        request.messages, [](const Message& message) { return is_system(message.role); });
    return static_cast<std::size_t>(first - request.messages.begin());
}

/// Writes the texts of the system message `index`.  Calls `begin` before each block.
Result<void> write_system_texts(JsonWriter& json, const ChatRequest& request, std::size_t index,
                                const Model& model, const std::function<void()>& begin) {
    const Message& message = request.messages[index];
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        const auto* text = std::get_if<Text>(&message.parts[i]);
        if (!text) return no_place("a system message has texts only", path_of(index, i));
        if (!says_something(text->text.str())) continue;
        begin();
        json.begin_object().member("text", text->text).end_object();
        write_cache_point(json, text->extra, model);
    }
    if (!message.parts.empty()) write_cache_point(json, message.extra, model);
    return {};
}

class MessagesWriter {
public:
    MessagesWriter(JsonWriter& json, const ChatRequest& request, const ToolNames& names, const Model& model)
        : json_(json), request_(request), names_(names), model_(model), system_(leading_system(request)) {}

    Result<void> write(std::string_view more) {
        json_.begin_array();
        if (!model_.capabilities.system) {
            for (std::size_t i = 0; i < system_; ++i)
                if (auto ok = write_system_texts(json_, request_, i, model_, [&] { speak("user"); }); !ok)
                    return ok;
            if (!more.empty()) say(more);
        }
        for (const Turn& turn : upstream::arrange(request_.messages, false))
            if (auto ok = write(turn); !ok) return ok;
        if (role_.empty())
            say(no_message);
        else if (role_ == "assistant" && !model_.capabilities.prefill)
            say(go_on);
        end_turn();
        json_.end_array();
        return {};
    }

private:
    /// Begins a turn of `role` unless it is open.  Consecutive turns of a role become one turn.
    void speak(std::string_view role) {
        if (role_ == role) return;
        if (role_.empty() && role != "user") say(no_message);
        end_turn();
        role_ = role;
        json_.begin_object().member("role", role).key("content").begin_array();
    }
    void end_turn() {
        if (role_.empty()) return;
        // The API requires a text next to a document.
        if (has_document_ && !has_text_) write_text(json_, see_document);
        has_document_ = has_text_ = false;
        json_.end_array().end_object();
    }
    void say(std::string_view text) {
        speak("user");
        write_text(json_, text);
        has_text_ = true;
    }

    Result<void> write(const Turn& turn) {
        const Message& message = *turn.message;
        switch (turn.kind) {
            case Turn::Kind::message:
            case Turn::Kind::calls:
                if (is_system(message.role)) return write_inner_system(turn.index);
                return message.role == Role::assistant ? write_assistant(turn) : write_user(turn);
            case Turn::Kind::result: return write_result(turn);
            case Turn::Kind::missing:
                open_result();
                write_text(json_, upstream::no_result);
                json_.end_array().end_object().end_object();
                return {};
            case Turn::Kind::orphan:
                say("Result of the tool call " + message.tool_call_id + ":");
                return write_user(turn);
        }
        return {};
    }

    /// A later system message keeps its place, as a part of the user's turn: a cache of prompts
    /// would lose the conversation behind a changed `system`.
    Result<void> write_inner_system(std::size_t index) {
        if (index < system_) return {};
        return write_system_texts(json_, request_, index, model_, [&] {
            speak("user");
            has_text_ = true;
        });
    }

    Result<void> write_user(const Turn& turn) {
        const Message& message = *turn.message;
        const std::vector<Part>& parts = message.parts;
        bool any = false;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (std::holds_alternative<Thought>(parts[i]) || std::holds_alternative<ToolCallRef>(parts[i]))
                continue;
            const auto document =
                write_part(json_, parts[i], path_of(turn.index, i), model_, documents_, [&] {
                    speak("user");
                    any = true;
                    if (std::holds_alternative<Text>(parts[i])) has_text_ = true;
                });
            if (!document) return document.error();
            has_document_ = has_document_ || *document;
        }
        if (any) write_cache_point(json_, message.extra, model_);
        return {};
    }

    Result<void> write_assistant(const Turn& turn) {
        const Message& message = *turn.message;
        auto begin = [&] { speak("assistant"); };
        std::vector<std::string> ids;
        for (const upstream::CallRef& ref : turn.calls)
            ids.push_back(results_.emplace_back(ids_.add(ref.id)));
        auto call = [&](std::size_t index) {
            if (index >= ids.size() || ids[index].empty()) return;
            write_call(*turn.calls[index].call, std::exchange(ids[index], {}));
        };
        // Turn::Kind::calls has no content: it was written before.
        if (turn.kind == Turn::Kind::message) {
            for (const Thought& thought : leading_thoughts(message, model_)) {
                begin();
                write_thought(json_, thought);
            }
            for (std::size_t i = 0; i < message.parts.size(); ++i) {
                if (auto* ref = std::get_if<ToolCallRef>(&message.parts[i])) {
                    call(ref->index);
                    continue;
                }
                const auto document =
                    write_part(json_, message.parts[i], path_of(turn.index, i), model_, documents_, begin);
                if (!document) return document.error();
            }
            if (says_something(message.refusal)) {
                begin();
                write_text(json_, message.refusal);
            }
        }
        for (std::size_t i = 0; i < ids.size(); ++i) call(i);
        if (role_ == "assistant") write_cache_point(json_, message.extra, model_);
        return {};
    }

    void write_call(const ToolCall& call, const std::string& id) {
        speak("assistant");
        json_.begin_object().key("toolUse").begin_object().member("toolUseId", id);
        json_.member("name", names_.to_upstream(call.name)).key("input").raw(arguments_object(call));
        json_.end_object().end_object();
        write_cache_point(json_, call.extra, model_);
    }

    /// Results and their ids are in the order of their calls.
    void open_result() {
        speak("user");
        json_.begin_object().key("toolResult").begin_object().member("toolUseId", results_.front());
        json_.key("content").begin_array();
        results_.pop_front();
    }

    Result<void> write_result(const Turn& turn) {
        const Message& message = *turn.message;
        open_result();
        bool any = false;
        Model inside = model_;  // a result has no cache points
        inside.capabilities.caching = false;
        for (std::size_t i = 0; i < message.parts.size(); ++i) {
            const auto document = write_part(json_, message.parts[i], path_of(turn.index, i), inside,
                                             documents_, [&] { any = true; });
            if (!document) return document.error();
        }
        if (!any) write_text(json_, upstream::no_result);
        json_.end_array();
        const bool failed =
            message.failed || JsonValue::unchecked(message.extra.text)["is_error"].boolean() == true;
        // Only these models know the status (ToolResultBlock).
        if (failed && model_.vendor != Vendor::other) json_.member("status", "error");
        json_.end_object().end_object();
        write_cache_point(json_, message.extra, model_);
        return {};
    }

    JsonWriter& json_;
    const ChatRequest& request_;
    const ToolNames& names_;
    const Model& model_;
    const std::size_t system_;  // number of messages that are in `system`
    CallIds ids_{call_id_rule};
    DocumentNames documents_;
    std::deque<std::string> results_;               // ids of calls whose results follow
    std::string_view role_;                         // role of the open turn; empty if no turn is open
    bool has_document_ = false, has_text_ = false;  // in the open turn
};

}  // namespace

Result<void> write_system(JsonWriter& json, const ChatRequest& request, const Model& model,
                          std::string_view more) {
    if (!model.capabilities.system) return {};
    bool any = false;
    auto begin = [&] {
        if (!std::exchange(any, true)) json.key("system").begin_array();
    };
    // A sentence of the gateway comes before the client's cache points, so that they are the end.
    if (!more.empty()) {
        begin();
        write_text(json, more);
    }
    for (std::size_t i = 0; i < leading_system(request); ++i)
        if (auto ok = write_system_texts(json, request, i, model, begin); !ok) return ok;
    if (any) json.end_array();
    return {};
}

Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Model& model, std::string_view more) {
    json.key("messages");
    return MessagesWriter(json, request, names, model).write(more);
}

bool ends_with_assistant(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
        if (!is_system(message->role)) return message->role == Role::assistant && message->tool_calls.empty();
    return false;
}

}  // namespace gatehouse::bedrock
