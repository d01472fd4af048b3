// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/messages.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/common/upstream/json_check.hpp"
#include "plugins/common/upstream/tree.hpp"
#include "plugins/provider/anthropic/parts.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <deque>
#include <vector>

namespace gatehouse::anthropic {

namespace {

using namespace upstream;
using json::member_of;

// The API requires a user's turn first, and most models require a user's turn last.
constexpr std::string_view no_message = "(no message)";
constexpr std::string_view go_on = "(continue)";

bool is_system(Role role) {
    switch (role) {
        case Role::system:
        case Role::developer: return true;
        case Role::user:
        case Role::assistant:
        case Role::tool: return false;
    }
    return false;
}

std::string place(std::size_t message, std::size_t part) {
    return "messages[" + std::to_string(message) + "].content[" + std::to_string(part) + "]";
}

bool is_object(const std::string& arguments) {
    const std::size_t first = arguments.find_first_not_of(" \t\r\n");
    if (first == arguments.npos || arguments[first] != '{') return false;
    JsonCheck check;
    check.feed(arguments);
    return check.complete();
}

/// The thinking blocks of an earlier response, unchanged.
std::vector<std::string> thinking_of(const Message& message) {
    std::vector<std::string> blocks;
    std::string text = member_of(message.extra, "thinking_blocks");
    const auto tree = text.empty() ? std::nullopt : Tree::parse(text);
    const auto list = tree ? array(tree->root()) : std::nullopt;
    if (!list) return blocks;
    for (dom::element element : *list) {
        const auto block = object(element);
        if (!block) continue;
        const std::string_view type = string_member(*block, "type");
        const bool signed_one = type == "thinking" && !string_member(*block, "signature").empty() &&
                                member(*block, "thinking").has_value();
        if (!signed_one && (type != "redacted_thinking" || string_member(*block, "data").empty())) continue;
        std::string out;
        JsonWriter json(out);
        json.begin_object().member("type", type);
        for (const char* key : {"thinking", "signature", "data"})
            if (const auto value = member(*block, key))
                if (const auto word = string(*value)) json.member(key, *word);
        json.end_object();
        blocks.push_back(std::move(out));
    }
    return blocks;
}

/// Number of `parts` up to the last part that becomes a block.
std::size_t written(const std::vector<Part>& parts) {
    std::size_t count = parts.size();
    for (; count > 0; --count)
        if (const auto said = text_in(parts[count - 1]); !said || says_something(*said)) break;
    return count;
}

bool has_thinking(const Message& message) {
    for (const Part& part : message.parts)
        if (auto* other = std::get_if<OtherPart>(&part))
            if (other->type == "thinking" || other->type == "redacted_thinking") return true;
    return !thinking_of(message).empty();
}

class MessagesWriter {
public:
    MessagesWriter(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                   const Capabilities& capabilities)
        : json_(json), request_(request), names_(names), capabilities_(capabilities) {}

    Result<void> write() {
        const std::vector<Turn> turns = arrange(request_.messages, false);
        std::size_t last = turns.size();  // index of the last turn that is not for `system`
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (!is_system(turns[i].message->role)) last = i;
        json_.begin_array();
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (auto ok = write(turns[i], i == last); !ok) return ok;
        if (role_.empty())
            say(no_message);
        else if (role_ == "assistant" && !capabilities_.prefill)
            say(go_on);
        json_.end_array().end_object().end_array();
        return {};
    }

private:
    /// Begins a turn of `role` unless it is open.  Consecutive turns of a role become one turn.
    void speak(std::string_view role) {
        if (role_ == role) return;
        if (role_.empty() && role == "assistant") say(no_message);
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
                if (is_system(turn.message->role)) return {};
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

    Result<void> write_assistant(const Turn& turn, bool last) {
        const Message& message = *turn.message;
        for (const std::string& block : thinking_of(message)) {
            speak("assistant");
            json_.raw(block);
        }
        const std::string cache = member_of(message.extra, "cache_control");
        // Only the last text is trimmed, because the model continues it.
        const bool trim = last && turn.calls.empty();
        if (auto ok = write_parts(turn, "assistant", turn.calls.empty() ? std::string_view(cache) : "", trim);
            !ok)
            return ok;
        if (says_something(message.refusal)) {
            speak("assistant");
            write_text_block(json_, trim ? trimmed(message.refusal) : message.refusal);
        }
        for (std::size_t i = 0; i < turn.calls.size(); ++i)
            write_call(turn.calls[i], i + 1 == turn.calls.size() ? cache : "");
        return {};
    }

    void write_call(const CallRef& ref, std::string_view cache) {
        const ToolCall& call = *ref.call;
        speak("assistant");
        results_.push_back(ids_.add(ref.id));
        json_.begin_object().member("type", "tool_use").member("id", results_.back());
        json_.member("name", names_.to_upstream(call.name)).key("input");
        if (!says_something(call.arguments))
            json_.raw("{}");
        else if (is_object(call.arguments))
            json_.raw(call.arguments);
        else  // The model's arguments are not an object.  They are sent back as a string.
            json_.begin_object().member("arguments", call.arguments).end_object();
        if (!cache.empty()) json_.key("cache_control").raw(cache);
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
        if (member_of(message.extra, "is_error") == "true") json_.member("is_error", true);
        if (const std::string cache = member_of(message.extra, "cache_control"); !cache.empty())
            json_.key("cache_control").raw(cache);
        json_.end_object();
        return {};
    }

    Result<void> write_parts(const Turn& turn, std::string_view role, std::string_view cache, bool trim) {
        return write_parts_with(turn, cache, trim, [&] { speak(role); });
    }

    /// Calls `begin` before each block.  `cache` is for the last block, unless it has its own.
    template <typename Begin>
    Result<void> write_parts_with(const Turn& turn, std::string_view cache, bool trim, Begin&& begin) {
        const std::vector<Part>& parts = turn.message->parts;
        const std::size_t count = written(parts);
        for (std::size_t i = 0; i < count; ++i) {
            const bool last = i + 1 == count;
            if (const auto said = text_in(parts[i])) {
                if (!says_something(*said)) continue;
                std::string own, citations;
                if (auto* text = std::get_if<Text>(&parts[i])) {
                    own = member_of(text->extra, "cache_control");
                    citations = member_of(text->extra, "citations");
                }
                begin();
                write_text_block(json_, trim && last ? trimmed(*said) : *said,
                                 own.empty() && last ? cache : own, citations);
                continue;
            }
            if (auto ok =
                    write_block(json_, parts[i], place(turn.index, i), last ? cache : "", [&] { begin(); });
                !ok)
                return ok;
        }
        return {};
    }

    static std::string_view trimmed(std::string_view text) {
        return text.substr(0, text.find_last_not_of(" \t\r\n\f\v") + 1);
    }

    JsonWriter& json_;
    const ChatRequest& request_;
    const ToolNames& names_;
    const Capabilities& capabilities_;
    CallIds ids_{call_id_rule};
    std::deque<std::string> results_;  // ids of calls whose results follow
    std::string_view role_;            // role of the open turn; empty if no turn is open
};

}  // namespace

Result<void> write_system(JsonWriter& json, const ChatRequest& request, std::string_view more) {
    bool any = false;
    auto begin = [&] {
        if (!any) json.key("system").begin_array();
        any = true;
    };
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
        const Message& message = request.messages[i];
        if (!is_system(message.role)) continue;
        const std::string cache = member_of(message.extra, "cache_control");
        const std::size_t count = written(message.parts);
        for (std::size_t p = 0; p < count; ++p) {
            const auto said = text_in(message.parts[p]);
            if (!said) return no_place("Anthropic takes only text in system messages", place(i, p));
            if (!says_something(*said)) continue;
            std::string own;
            if (auto* text = std::get_if<Text>(&message.parts[p]))
                own = member_of(text->extra, "cache_control");
            begin();
            write_text_block(json, *said, own.empty() && p + 1 == count ? cache : own);
        }
    }
    if (!more.empty()) {
        begin();
        write_text_block(json, more);
    }
    if (any) json.end_array();
    return {};
}

Result<void> write_messages(JsonWriter& json, const ChatRequest& request, const ToolNames& names,
                            const Capabilities& capabilities) {
    json.key("messages");
    return MessagesWriter(json, request, names, capabilities).write();
}

bool lost_thinking(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
        if (message->role == Role::user) return false;
        if (message->role == Role::assistant && !message->tool_calls.empty() && !has_thinking(*message))
            return true;
    }
    return false;
}

bool ends_with_assistant(const ChatRequest& request) {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
        if (!is_system(message->role)) return message->role == Role::assistant && message->tool_calls.empty();
    return false;
}

}  // namespace gatehouse::anthropic
