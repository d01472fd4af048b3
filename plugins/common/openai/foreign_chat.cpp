// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/openai/foreign_chat.hpp"

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/foreign_parts.hpp"
#include "plugins/common/openai/foreign_tools.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/hosted_tools.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

namespace gatehouse::openai_format {

namespace {

/// The part in OpenAI's words.  Nothing if the part is not for the upstream.
struct PartTranslator {
    std::optional<Part> operator()(const Text& part) const { return Text{part.text}; }
    std::optional<Part> operator()(const Image& part) const { return Image{part.url, part.detail}; }
    std::optional<Part> operator()(const Audio& part) const { return Audio{part.data, part.format}; }
    std::optional<Part> operator()(const File& part) const { return translated_file(part); }
    std::optional<Part> operator()(const Refusal& part) const { return Refusal{part.text}; }
    std::optional<Part> operator()(const Thought& part) const {
        // A signature is for its issuer only.
        if (part.text.empty()) return std::nullopt;
        return Thought{.text = part.text};
    }
    std::optional<Part> operator()(const ToolCallRef&) const { return std::nullopt; }
    std::optional<Part> operator()(const OtherPart& part) const {
        std::string text = plain_text_of(part);
        if (text.empty()) return std::nullopt;
        return Text{std::move(text)};
    }
};

std::vector<Part> translated(const std::vector<Part>& parts) {
    std::vector<Part> out;
    out.reserve(parts.size());
    for (const Part& part : parts)
        if (auto kept = std::visit(PartTranslator{}, part)) out.push_back(*std::move(kept));
    return out;
}

bool is_text(const Part& part) { return std::holds_alternative<Text>(part); }

/// The texts of a tool's result of a client of the Responses API, line by line.
void join_lines(std::vector<Part>& parts) {
    if (parts.size() < 2) return;
    std::string lines;
    for (const Part& part : parts) {
        if (!lines.empty() && !lines.ends_with('\n')) lines += '\n';
        lines += std::get<Text>(part).text.str();
    }
    parts = {Text{std::move(lines)}};
}

/// The texts of `parts` as paragraphs.  The last one, which is the long one in a prompt of a coding
/// agent, is not copied.
JsonString joined(std::span<const Part> parts) {
    std::string before;
    for (const Part& part : parts.first(parts.size() - 1)) {
        std::get<Text>(part).text.append_content_to(before);
        before += R"(\n\n)";
    }
    return std::get<Text>(parts.back()).text.after(std::move(before));
}

/// Joins texts without other parts between them, because some servers accept only one.
void join_texts(std::vector<Part>& parts) {
    const auto are_texts = [](const Part& one, const Part& next) { return is_text(one) && is_text(next); };
    if (std::adjacent_find(parts.begin(), parts.end(), are_texts) == parts.end()) return;
    std::vector<Part> out;
    for (auto part = parts.begin(); part != parts.end();) {
        const auto end = std::find_if_not(part, parts.end(), is_text);
        if (end - part < 2) {
            out.push_back(std::move(*part++));
            continue;
        }
        out.push_back(Text{joined({part, end})});
        part = end;
    }
    parts = std::move(out);
}

bool says_error(const Message& message) {
    return common::lower_case(text_of(message).substr(0, 5)) == "error";
}

class MessagesTranslator {
public:
    /// `in_place`: system messages and those of the user stay as they are.
    MessagesTranslator(std::vector<Message>& out, bool in_place) : out_(out), in_place_(in_place) {}

    void add(const Message& message) {
        switch (message.role) {
            case Role::system:
            case Role::developer: return add_system(message);
            case Role::user: return add_user_message(message);
            case Role::assistant: return add_assistant(message);
            case Role::tool: return add_result(message);
        }
    }
    void end() {
        flush();
        for (Message& message : out_) join_texts(message.parts);
    }

private:
    void add_system(const Message& message) {
        std::vector<Part> parts = translated(message.parts);
        if (parts.empty()) return;
        if (in_place_) {
            flush();
            out_.push_back({.role = message.role, .parts = std::move(parts)});
            return;
        }
        if (started_) return add_user(std::move(parts));
        if (out_.empty()) out_.push_back({.role = Role::system});
        append(out_.back().parts, std::move(parts));
    }

    void add_user_message(const Message& message) {
        if (in_place_) flush();
        add_user(translated(message.parts));
    }

    /// Adds to the user's turn, which is behind the results of tools.
    void add_user(std::vector<Part> parts) {
        started_ = true;
        append(user_, std::move(parts));
        has_user_ = true;
    }

    void add_assistant(const Message& message) {
        flush();
        started_ = true;
        Message kept{.role = Role::assistant,
                     .parts = translated(message.parts),
                     .tool_calls = message.tool_calls,
                     .refusal = message.refusal,
                     .reasoning = message.reasoning};
        for (ToolCall& call : kept.tool_calls) call.extra = call.inner_extra = {};
        out_.push_back(std::move(kept));
    }

    void add_result(const Message& message) {
        // Results follow their calls; a user's turn before them ends.
        if (has_user_ && (out_.empty() || out_.back().role != Role::tool)) flush();
        started_ = true;
        Message kept{.role = Role::tool, .tool_call_id = message.tool_call_id};
        std::vector<Part> media;
        for (Part& part : translated(message.parts))
            (is_text(part) ? kept.parts : media).push_back(std::move(part));
        if (in_place_ && media.empty()) join_lines(kept.parts);
        if (message.failed && !says_error(kept)) kept.parts.insert(kept.parts.begin(), Text{"Error:"});
        if (!media.empty()) {
            if (kept.parts.empty()) kept.parts.push_back(Text{"(the content follows in the next message)"});
            append(user_, {Text{"Content of the result of the tool call " + message.tool_call_id + ":"}});
            append(user_, std::move(media));
            has_user_ = true;
        }
        out_.push_back(std::move(kept));
    }

    void flush() {
        if (!std::exchange(has_user_, false)) return;
        out_.push_back({.role = Role::user, .parts = std::exchange(user_, {})});
    }

    static void append(std::vector<Part>& to, std::vector<Part> parts) {
        to.insert(to.end(), std::make_move_iterator(parts.begin()), std::make_move_iterator(parts.end()));
    }

    std::vector<Message>& out_;
    const bool in_place_;
    std::vector<Part> user_;  // the user's turn that is not in out_ yet
    bool has_user_ = false;
    bool started_ = false;  // a message follows the system's
};

}  // namespace

bool is_foreign(const ChatRequest& request) { return request.protocol != own_protocol; }

Result<TranslatedChat> translate(const ChatRequest& from) {
    if (auto ok = upstream::check_hosted(from); !ok) return ok.error();
    if (upstream::has_hosted(from)) {
        ChatRequest rest = from;
        std::vector<std::string> left_out = upstream::leave_out_hosted(rest);
        auto chat = translate(rest);
        if (chat) chat->left_out.insert(chat->left_out.begin(), left_out.begin(), left_out.end());
        return chat;
    }
    TranslatedChat chat;
    ChatRequest& to = chat.request;
    to.model = from.model;
    to.tool_choice = from.tool_choice;
    to.parallel_tool_calls = from.parallel_tool_calls;
    to.sampling = from.sampling;
    to.reasoning_effort = from.reasoning_effort == "max" ? "high" : from.reasoning_effort;
    to.verbosity = from.verbosity;
    to.service_tier = from.service_tier;
    to.stream = from.stream;
    to.include_usage = from.include_usage;
    to.user = from.user;
    to.safety_identifier = from.safety_identifier;
    to.prompt_cache_key = from.prompt_cache_key;
    if (from.response_format.kind != ResponseFormat::Kind::other) to.response_format = from.response_format;
    to.response_format.extra = to.response_format.inner_extra = {};
    if (auto ok = translate_tools(from, chat); !ok) return ok.error();
    MessagesTranslator messages(to.messages, from.protocol == responses_protocol);
    for (const Message& message : from.messages) messages.add(message);
    messages.end();
    return chat;
}

namespace {

constexpr upstream::NameRule name_rule = {.signs = "_-", .longest = 64};  // OpenAI's

void rename(ChatRequest& request, const upstream::ToolNames& names) {
    auto change = [&](std::string& name) { name = std::string(names.to_upstream(name)); };
    for (Tool& tool : request.tools) change(tool.name);
    change(request.tool_choice.name);
    for (Message& message : request.messages)
        for (ToolCall& call : message.tool_calls) change(call.name);
}

/// Gives the calls of an answer the client's names.
struct Renamer final : EventSink {
    EventSink& to;
    const upstream::ToolNames& names;
    Renamer(EventSink& sink, const upstream::ToolNames& given) : to(sink), names(given) {}
    void emit(Event event) override {
        auto* call = std::get_if<ToolCallDelta>(&event);
        if (call && !call->name.empty()) call->name = std::string(names.to_client(call->name));
        to.emit(std::move(event));
    }
};

}  // namespace

TranslatedExchange::TranslatedExchange(ChatRequest request)
    : request_(std::move(request)), names_(request_, name_rule) {
    if (names_.changes()) rename(request_, names_);
}

Result<void> TranslatedExchange::body(std::string_view bytes, EventSink& events) {
    if (!names_.changes()) return inner_->body(bytes, events);
    Renamer renamer(events, names_);
    return inner_->body(bytes, renamer);
}

Result<void> TranslatedExchange::end(EventSink& events) {
    if (!names_.changes()) return inner_->end(events);
    Renamer renamer(events, names_);
    return inner_->end(renamer);
}

void TranslatedExchange::log(Host& host, const TranslatedChat& chat) {
    if (chat.left_out.empty()) return;
    host.log(Level::debug, "request fields dropped",
             {{"model", chat.request.model}, {"fields", common::joined(chat.left_out)}});
}

}  // namespace gatehouse::openai_format
