// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere/v1_messages.hpp"

#include "plugins/common/upstream/conversation.hpp"
#include "plugins/provider/oci/chat/request.hpp"
#include "plugins/provider/oci/text.hpp"

namespace gatehouse::oci {

namespace {

// Replaces a missing text that COHERE requires.
constexpr std::string_view absent_text = " ";

/// An entry of the history: one turn, or all results for an assistant's turn.
struct Entry {
    enum class Kind { user, chatbot, results };
    Kind kind;
    std::string text = {};
    const std::vector<CallRef>* calls = nullptr;  // calls of a chatbot's turn
    std::vector<std::pair<const ToolCall*, std::string>> results = {};
};

Error no_place_for(const Part& part, std::size_t message, std::size_t index, const Model& model) {
    const bool image = std::holds_alternative<Image>(part);
    std::string text = "model \"" + model.id.substr(0, 200) + "\" accepts only text";
    text += image ? ": for images use a vision model such as cohere.command-a-vision"
                  : ": OCI's format COHERE does not support other parts";
    return no_place(std::move(text),
                    "messages[" + std::to_string(message) + "].content[" + std::to_string(index) + "]");
}

/// Thoughts and places of calls are not content.
bool is_content(const Part& part) {
    return !std::holds_alternative<Thought>(part) && !std::holds_alternative<ToolCallRef>(part);
}

/// Returns the text of a message, including a refusal's.
Result<std::string> text_of(const Turn& turn, const Model& model) {
    const Message& message = *turn.message;
    std::string text;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        if (auto* part = std::get_if<Text>(&message.parts[i]))
            text += part->text;
        else if (auto* refusal = std::get_if<Refusal>(&message.parts[i]))
            text += refusal->text;
        else if (is_content(message.parts[i]))
            return no_place_for(message.parts[i], turn.index, i, model);
    }
    if (message.role == Role::assistant) text += message.refusal;
    return text;
}

class ConversationWriter {
public:
    ConversationWriter(JsonWriter& json, const ChatRequest& request, const Model& model,
                       const ToolNames& names, bool tools)
        : json_(json),
          model_(model),
          names_(names),
          tools_(tools),
          turns_(arrange(request.messages, false)) {}

    Result<void> write() {
        for (const Turn& turn : turns_)
            if (auto ok = take(turn); !ok) return ok;

        Entry last{Entry::Kind::user};
        const bool asks = !entries_.empty() && (entries_.back().kind == Entry::Kind::user ||
                                                (entries_.back().kind == Entry::Kind::results && tools_));
        if (asks) {
            last = std::move(entries_.back());
            entries_.pop_back();
        }
        if (!preamble_.empty()) json_.member("preambleOverride", preamble_);
        write_history(last.kind == Entry::Kind::user);
        write_last(last);
        return {};
    }

private:
    /// COHERE requires an empty message with results.
    void write_last(const Entry& last) {
        if (last.kind == Entry::Kind::user) {
            json_.member("message", last.text.empty() ? absent_text : std::string_view(last.text));
            return;
        }
        json_.key("toolResults");
        write_results(last);
        json_.member("message", "");
    }

    Result<void> take(const Turn& turn) {
        if (turn.kind == Turn::Kind::missing) {
            result_for(turn.id, std::string(no_result));
            return {};
        }
        auto text = text_of(turn, model_);
        if (!text) return text.error();
        switch (turn.kind) {
            case Turn::Kind::result: result_for(turn.id, std::move(*text)); break;
            case Turn::Kind::orphan:
                entries_.push_back({Entry::Kind::user,
                                    "Result of the tool call " + turn.message->tool_call_id + ":\n" + *text});
                break;
            case Turn::Kind::message:
            case Turn::Kind::calls: take_message(turn, std::move(*text)); break;
            case Turn::Kind::missing: break;
        }
        return {};
    }

    void take_message(const Turn& turn, std::string text) {
        switch (turn.message->role) {
            case Role::system:
            case Role::developer:
                if (text.empty()) break;
                if (!preamble_.empty()) preamble_ += '\n';
                preamble_ += text;
                break;
            case Role::assistant:
                // An empty turn is dropped.
                if (text.empty() && turn.calls.empty()) break;
                calls_ = &turn.calls;
                next_result_ = 0;
                entries_.push_back({Entry::Kind::chatbot, std::move(text), &turn.calls});
                break;
            case Role::user:
            case Role::tool: entries_.push_back({Entry::Kind::user, std::move(text)}); break;
        }
    }

    /// Results follow in the order of the calls, one for each call.
    void result_for(const std::string& id, std::string text) {
        if (entries_.empty() || entries_.back().kind != Entry::Kind::results)
            entries_.push_back({Entry::Kind::results});
        static const ToolCall unknown;
        const ToolCall* call = &unknown;
        if (calls_ && next_result_ < calls_->size() && (*calls_)[next_result_].id == id)
            call = (*calls_)[next_result_++].call;
        entries_.back().results.emplace_back(call, std::move(text));
    }

    void write_history(bool user_follows) {
        if (entries_.empty()) return;
        json_.key("chatHistory").begin_array();
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const Entry& entry = entries_[i];
            json_.begin_object();
            switch (entry.kind) {
                case Entry::Kind::user:
                    json_.member("role", "USER")
                        .member("message", entry.text.empty() ? absent_text : std::string_view(entry.text));
                    break;
                case Entry::Kind::chatbot: write_chatbot(entry); break;
                case Entry::Kind::results:
                    json_.member("role", "TOOL").key("toolResults");
                    write_results(entry);
                    break;
            }
            json_.end_object();
            // An answer must follow results in the history.
            const bool answered =
                i + 1 < entries_.size() ? entries_[i + 1].kind == Entry::Kind::chatbot : !user_follows;
            if (entry.kind == Entry::Kind::results && !answered)
                json_.begin_object().member("role", "CHATBOT").member("message", absent_text).end_object();
        }
        json_.end_array();
    }

    void write_chatbot(const Entry& entry) {
        const std::string_view silent =
            model_.empty_text ? std::string_view(*model_.empty_text) : absent_text;
        json_.member("role", "CHATBOT")
            .member("message", entry.text.empty() ? silent : std::string_view(entry.text));
        if (entry.calls->empty()) return;
        json_.key("toolCalls").begin_array();
        for (const CallRef& call : *entry.calls) write_call(*call.call);
        json_.end_array();
    }

    void write_call(const ToolCall& call) {
        json_.begin_object().member("name", names_.to_upstream(call.name)).key("parameters");
        json_.raw(argument_object(call.arguments));
        json_.end_object();
    }

    void write_results(const Entry& entry) {
        json_.begin_array();
        for (const auto& [call, text] : entry.results) {
            json_.begin_object().key("call");
            write_call(*call);
            json_.key("outputs").begin_array().begin_object().member("output", text).end_object().end_array();
            json_.end_object();
        }
        json_.end_array();
    }

    JsonWriter& json_;
    const Model& model_;
    const ToolNames& names_;
    const bool tools_;
    const std::vector<Turn> turns_;
    std::vector<Entry> entries_;
    std::string preamble_;
    const std::vector<CallRef>* calls_ = nullptr;  // calls of the last assistant's turn
    std::size_t next_result_ = 0;
};

}  // namespace

Result<void> write_cohere_messages(JsonWriter& json, const ChatRequest& request, const Model& model,
                                   const ToolNames& names, bool tools) {
    return ConversationWriter(json, request, model, names, tools).write();
}

}  // namespace gatehouse::oci
