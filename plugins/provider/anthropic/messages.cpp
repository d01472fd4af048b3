// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/messages.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/json_check.hpp"
#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/parts.hpp"
#include "plugins/provider/anthropic/past_thoughts.hpp"
#include "plugins/provider/anthropic/system_messages.hpp"
#include "plugins/provider/anthropic/text.hpp"
#include "plugins/provider/anthropic/turn_calls.hpp"

#include <deque>
#include <vector>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;
using json::member_of;

// The API requires a user's turn first, and most models require a user's turn last.
constexpr std::string_view no_message = "(no message)";
constexpr std::string_view go_on = "(continue)";

bool is_object(const std::string& arguments) {
    const std::size_t first = arguments.find_first_not_of(" \t\r\n");
    if (first == arguments.npos || arguments[first] != '{') return false;
    JsonCheck check;
    check.feed(arguments);
    return check.complete();
}

class MessagesWriter {
public:
    MessagesWriter(JsonWriter& json, const ChatRequest& request, const ToolNames& names, const Model& model)
        : json_(json),
          request_(request),
          names_(names),
          model_(model),
          native_(is_native(request)),
          system_(leading_system(request)) {}

    Result<void> write() {
        const std::vector<Turn> turns = arrange(request_.messages, false);
        std::size_t last = turns.size();  // index of the last turn of the conversation
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (speaks(turns[i])) last = i;
        json_.begin_array();
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (auto ok = write(turns[i], i == last); !ok) return ok;
        if (role_.empty())
            say(no_message);
        else if (role_ == "assistant" && !model_.capabilities.prefill)
            say(go_on);
        json_.end_array().end_object().end_array();
        return {};
    }

private:
    /// Whether `turn` belongs to the conversation: it is not in `system`, and not a blank system message.
    bool speaks(const Turn& turn) const {
        if (!is_system(turn.message->role)) return true;
        return turn.index >= system_ && written_parts(*turn.message) > 0;
    }
    /// Begins a turn of `role` unless it is open.  Consecutive turns of a role become one turn.
    void speak(std::string_view role) {
        if (role_ == role) return;
        if (role_.empty() && role != "user") say(no_message);
        if (!role_.empty()) json_.end_array().end_object();
        role_ = role;
        json_.begin_object().member("role", role).key("content").begin_array();
    }
    void say(std::string_view text) {
        speak("user");
        write_text_block(json_, text);
    }

    Result<void> write(const Turn& turn, bool last) {
        const Message& message = *turn.message;
        switch (turn.kind) {
            case Turn::Kind::message:
            case Turn::Kind::calls:
                if (is_system(message.role)) return write_inner_system(turn);
                if (message.role == Role::assistant) return write_assistant(turn, last);
                return write_parts(turn, "user", member_of(message.extra, "cache_control"), false);
            case Turn::Kind::result: return write_result(turn);
            case Turn::Kind::missing:
                open_result();
                json_.key("content").begin_array();
                write_text_block(json_, no_result);
                json_.end_array().end_object();
                return {};
            case Turn::Kind::orphan:
                say("Result of the tool call " + message.tool_call_id + ":");
                return write_parts(turn, "user", {}, false);
        }
        return {};
    }

    /// A system message stays in its place: as one, or as a part of the user's turn.
    Result<void> write_inner_system(const Turn& turn) {
        if (turn.index < system_) return {};
        const std::string_view role = model_.places_system() ? "system" : "user";
        return write_system_texts(json_, request_, turn.index, [&] { speak(role); });
    }

    Result<void> write_assistant(const Turn& turn, bool last) {
        const Message& message = *turn.message;
        for (const std::string& block : leading_thoughts(message)) {
            speak("assistant");
            json_.raw(block);
        }
        const std::string cache = member_of(message.extra, "cache_control");
        // Only the last text is trimmed, because the model continues it.
        const bool trim = last && turn.calls.empty();
        TurnCalls calls(turn, ids_, results_);
        auto write = [&](const ToolCall& call, const std::string& id) {
            write_call(call, id, calls.left() == 0 ? cache : "");
        };
        auto placed = [&](const ToolCallRef& ref) { calls.place(ref.index, write); };
        if (auto ok = write_parts_with(
                turn, calls.size() == 0 ? std::string_view(cache) : "", trim, [&] { speak("assistant"); },
                placed);
            !ok)
            return ok;
        if (says_something(message.refusal)) {
            speak("assistant");
            write_text_block(json_, trim ? trimmed(message.refusal) : message.refusal);
        }
        for (std::size_t i = 0; i < calls.size(); ++i) calls.place(i, write);
        return {};
    }

    void write_call(const ToolCall& call, const std::string& id, std::string_view cache) {
        speak("assistant");
        json_.begin_object().member("type", "tool_use").member("id", id);
        json_.member("name", names_.to_upstream(call.name)).key("input");
        if (!says_something(call.arguments))
            json_.raw("{}");
        else if (is_object(call.arguments))
            json_.raw(call.arguments);
        else  // The model's arguments are not an object.  They are sent back as a string.
            json_.begin_object().member("arguments", call.arguments).end_object();
        Members members(json_, native_);
        members.has("id").has("name").has("input");
        members.write(call.extra, {"cache_control"}).write(call.inner_extra, {"cache_control"});
        members.cache(cache);
        json_.end_object();
    }

    /// Results and their ids are in the order of their calls.
    void open_result() {
        speak("user");
        json_.begin_object().member("type", "tool_result").member("tool_use_id", results_.front());
        results_.pop_front();
    }

    Result<void> write_result(const Turn& turn) {
        const Message& message = *turn.message;
        open_result();
        bool any = false;
        if (auto ok = write_parts_with(turn, {}, false,
                                       [&] {
                                           if (!any) json_.key("content").begin_array();
                                           any = true;
                                       });
            !ok)
            return ok;
        if (any) json_.end_array();
        if (message.failed || member_of(message.extra, "is_error") == "true") json_.member("is_error", true);
        Members members(json_, native_);
        members.has("tool_use_id").has("content").has("is_error");
        members.write(message.extra, {"cache_control"});
        json_.end_object();
        return {};
    }

    Result<void> write_parts(const Turn& turn, std::string_view role, std::string_view cache, bool trim) {
        return write_parts_with(turn, cache, trim, [&] { speak(role); });
    }

    /// Calls `begin` before each block, and `call` for the place of a call.  `cache` is for the
    /// last block, unless it has its own.
    template <typename Begin, typename Call = void (*)(const ToolCallRef&)>
    Result<void> write_parts_with(
        const Turn& turn, std::string_view cache, bool trim, Begin&& begin,
        Call&& call = [](const ToolCallRef&) {}) {
        const std::vector<Part>& parts = turn.message->parts;
        const std::size_t count = written_parts(*turn.message);
        for (std::size_t i = 0; i < count; ++i) {
            const bool last = i + 1 == count;
            const BlockStyle style{last ? cache : "", native_};
            if (auto* ref = std::get_if<ToolCallRef>(&parts[i])) {
                call(*ref);
            } else if (const auto said = text_in(parts[i])) {
                if (!says_something(*said)) continue;
                begin();
                write_text_part(json_, parts[i], trim && last ? trimmed(*said) : *said, style);
            } else if (auto ok =
                           write_block(json_, parts[i], part_path(turn.index, i), style, [&] { begin(); });
                       !ok) {
                return ok;
            }
        }
        return {};
    }

    static std::string_view trimmed(std::string_view text) {
        return text.substr(0, text.find_last_not_of(" \t\r\n\f\v") + 1);
    }

    JsonWriter& json_;
    const ChatRequest& request_;
    const ToolNames& names_;
    const Model& model_;
    const bool native_;
    const std::size_t system_;  // number of messages that are in `system`
    CallIds ids_{call_id_rule};
    std::deque<std::string> results_;  // ids of calls whose results follow
    std::string_view role_;            // role of the open turn; empty if no turn is open
};

}  // namespace

Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Model& model) {
    json.key("messages");
    return MessagesWriter(json, request, names, model).write();
}

bool ends_with_assistant(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
        if (!is_system(message->role) || written_parts(*message) > 0)
            return message->role == Role::assistant && message->tool_calls.empty();
    return false;
}

}  // namespace gatehouse::anthropic
