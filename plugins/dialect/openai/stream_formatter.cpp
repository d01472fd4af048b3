// SPDX-License-Identifier: Apache-2.0
// The chunks of a chat.  Each choice begins with its role.  No memory is allocated per
// token.  chunk_stream.hpp frames them as events (`data:` lines).
#include "plugins/dialect/openai/chunk_stream.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <algorithm>

namespace gatehouse::openai_dialect {

namespace {

struct StreamCall {
    int index = 0;  // the provider's index; the client sees the position in ChatStreamChoice::calls
    bool empty = true;
    bool custom = false;
};

struct ChatStreamChoice : StreamChoice {
    std::vector<StreamCall> calls = {};
};

constexpr ChunkShape chat_shape = {.object = "chat.completion.chunk",
                                   .first = R"("delta":{"role":"assistant","content":""})",
                                   .empty = R"("delta":{})"};

class StreamFormatter final : public ChunkStream<ChatStreamChoice> {
public:
    explicit StreamFormatter(std::shared_ptr<const AnswerFacts> facts)
        : ChunkStream(std::move(facts), chat_shape) {}

    void event(const Event& event, std::string& out) override {
        if (!is_over()) std::visit([&](const auto& one) { on(one, out); }, event);
    }

private:
    using ChunkStream::on;

    void on(const TextDelta& delta, std::string& out) { text("\"content\":", delta.text, delta.choice, out); }
    void on(const ReasoningDelta& delta, std::string& out) {
        text("\"reasoning_content\":", delta.text, delta.choice, out);
    }
    void on(const RefusalDelta& delta, std::string& out) {
        text("\"refusal\":", delta.text, delta.choice, out);
    }

    void on(const ToolCallDelta& delta, std::string& out) {
        ChatStreamChoice* choice = open(delta.choice, out);
        if (!choice) return;
        auto call = std::find_if(choice->calls.rbegin(), choice->calls.rend(),
                                 [&](const StreamCall& known) { return known.index == delta.index; });
        const bool begins = call == choice->calls.rend();
        if (begins) {
            choice->calls.push_back({.index = delta.index, .custom = delta.custom});
            choice->called = true;
            call = choice->calls.rbegin();
        }
        if (!begins && delta.arguments.empty() && delta.extra.empty() && delta.inner_extra.empty()) return;
        if (!delta.arguments.empty()) call->empty = false;
        const auto place = static_cast<std::size_t>(choice->calls.rend() - call) - 1;
        write_call(*choice, place, delta, begins, out);
    }

    void on(const LogprobsDelta& delta, std::string& out) {
        const bool empty = delta.tokens.empty();
        ChatStreamChoice* choice = empty && delta.extra.empty() ? nullptr : open(delta.choice, out);
        if (!choice) return;
        begin_chunk(*choice, out);
        out += "\"delta\":{},\"logprobs\":{";
        write_logprobs("\"content\":", delta.tokens, !delta.refusal && !empty, out);
        write_logprobs(",\"refusal\":", delta.tokens, delta.refusal && !empty, out);
        append_extra(out, delta.extra);
        out += '}';
        end_chunk(*choice, out);
    }

    void on(const Citation& citation, std::string& out) {
        ChatStreamChoice* choice = open(citation.choice, out);
        if (!choice) return;
        begin_delta(*choice, out);
        out += "\"annotations\":[";
        append_annotation(out, citation);
        out += ']';
        end_delta(*choice, out);
    }

    void on(const Extra& extra, std::string& out) {
        if (extra.place != Extra::Place::message) return ChunkStream::on(extra, out);
        ChatStreamChoice* choice = open(extra.choice, out);
        if (!choice) return;
        Unknown members;
        add_members(members, extra);
        const std::string annotations = annotations_in(extra);
        if (members.empty() && annotations.empty()) return;
        begin_delta(*choice, out);
        if (!annotations.empty()) out.append("\"annotations\":[").append(annotations).append("]");
        if (!annotations.empty() && !members.empty()) out += ',';
        if (!members.empty()) out.append(members.take().text, 1).pop_back();
        end_delta(*choice, out);
    }

    // Empty arguments are written as an empty object, because clients parse them.
    void conclude(ChatStreamChoice& choice, std::string& out) override {
        for (std::size_t i = 0; i < choice.calls.size(); ++i)
            if (choice.calls[i].empty && !choice.calls[i].custom)
                write_call(choice, i, {.arguments = "{}"}, false, out);
    }

    void begin_delta(const ChatStreamChoice& choice, std::string& out) const {
        begin_chunk(choice, out);
        out += std::string_view("\"delta\":{");
    }
    void end_delta(ChatStreamChoice& choice, std::string& out) {
        out += '}';
        end_chunk(choice, out);
    }

    void text(std::string_view name, std::string_view text, int index, std::string& out) {
        ChatStreamChoice* choice = text.empty() ? nullptr : open(index, out);
        if (!choice) return;
        begin_delta(*choice, out);
        out += name;
        append_json_string(out, text);
        end_delta(*choice, out);
    }

    static void write_logprobs(std::string_view key, const std::vector<TokenLogprob>& tokens, bool has,
                               std::string& out) {
        out += key;
        out += has ? "[" : "null";
        if (!has) return;
        append_logprobs(out, tokens);
        out += ']';
    }

    // A fragment of the call at `place`, which `begins` with it or not.
    void write_call(ChatStreamChoice& choice, std::size_t place, const ToolCallDelta& delta, bool begins,
                    std::string& out) {
        const bool functions = facts().functions, custom = choice.calls[place].custom;
        if (functions && place > 0) return;  // the older form has only one call
        begin_delta(choice, out);
        if (functions) {
            out += "\"function_call\":{";
        } else {
            out += "\"tool_calls\":[{\"index\":";
            append_number(out, static_cast<std::int64_t>(place));
            if (begins) {
                out += ",\"id\":";
                append_json_string(out, delta.id.empty() ? random_id("call_") : delta.id);
                out += custom ? ",\"type\":\"custom\"" : ",\"type\":\"function\"";
            }
            out += custom ? ",\"custom\":{" : ",\"function\":{";
        }
        if (begins) {
            out += "\"name\":";
            append_json_string(out, delta.name);
            out += ',';
        }
        out += custom ? "\"input\":" : "\"arguments\":";
        append_json_string(out, delta.arguments);
        append_extra(out, delta.inner_extra);
        out += '}';
        if (!functions) {
            append_extra(out, delta.extra);
            out += "}]";
        }
        end_delta(choice, out);
    }
};

}  // namespace

std::unique_ptr<ResponseFormatter> stream_formatter(std::shared_ptr<const AnswerFacts> facts) {
    return std::make_unique<StreamFormatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect
