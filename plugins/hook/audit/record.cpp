// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/audit/record.hpp"

#include "plugins/common/text/text.hpp"

#include <gatehouse/finish_reason.hpp>
#include <gatehouse/json_writer.hpp>

#include <cstdio>
#include <ctime>
#include <utility>

namespace gatehouse::audit {

namespace {

constexpr int max_choices = 128;

/// The replacement for a part that is not text, because the journal does not contain images.
const char* stand_in(const Part& part) {
    struct Visitor {
        const char* operator()(const Text&) const { return ""; }
        const char* operator()(const Image&) const { return "[image]"; }
        const char* operator()(const Audio&) const { return "[audio]"; }
        const char* operator()(const File&) const { return "[file]"; }
        const char* operator()(const Refusal&) const { return "[refusal]"; }
        const char* operator()(const Thought&) const { return "[thought]"; }
        const char* operator()(const ToolCallRef&) const { return ""; }
        const char* operator()(const OtherPart&) const { return "[other]"; }
    };
    return std::visit(Visitor{}, part);
}

const ChatRequest* chat_of(const Operation& operation) {
    if (auto* count = std::get_if<TokenCountRequest>(&operation)) return &count->chat;
    return std::get_if<ChatRequest>(&operation);
}

/// "2026-11-22T10:00:00.123Z"
std::string written(Record::Time time) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch();
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    const std::time_t seconds = whole.count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[64], day[40];
    std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>((since - whole).count()));
    return text;
}

}  // namespace

Record::Record(std::string request_id, std::string client, Time begun, std::size_t max_bytes)
    : request_id_(std::move(request_id)),
      client_(std::move(client)),
      begun_(begun),
      max_bytes_(max_bytes),
      request_room_(max_bytes),
      answer_room_(max_bytes) {}

std::string_view Record::fitting(std::string_view text, std::size_t& room) {
    if (text.size() > room) {
        cut_ = true;
        return common::beginning(text, std::exchange(room, 0));
    }
    room -= text.size();
    return text;
}

void Record::request(const Operation& operation) {
    JsonWriter json(request_);
    json.begin_object();
    auto text = [&](std::string_view whole) { return fitting(whole, request_room_); };
    auto texts = [&](const char* name, const std::vector<std::string>& list) {
        json.key(name).begin_array();
        for (const std::string& one : list) {
            if (request_room_ == 0) break;
            // An image comes as a URL that holds it.
            json.value(one.starts_with("data:") ? std::string_view("[image]") : text(one));
        }
        json.end_array();
    };
    json.member("model", model_of(operation));
    if (std::holds_alternative<TokenCountRequest>(operation)) json.member("operation", "count_tokens");
    if (auto* chat = chat_of(operation)) {
        json.key("messages").begin_array();
        for (const Message& message : chat->messages) {
            if (request_room_ == 0) break;
            std::string content;
            for (const Part& part : message.parts)
                content += std::holds_alternative<Text>(part) ? text(std::get<Text>(part).text)
                                                              : std::string_view(stand_in(part));
            json.begin_object().member("role", word_of(message.role)).member("content", content);
            if (!message.tool_calls.empty()) json.key("calls").begin_array();
            for (const ToolCall& call : message.tool_calls)
                json.begin_object()
                    .member("name", text(call.name))
                    .member("arguments", text(call.arguments))
                    .end_object();
            if (!message.tool_calls.empty()) json.end_array();
            json.end_object();
        }
        json.end_array();
    } else if (auto* embedding = std::get_if<EmbeddingRequest>(&operation)) {
        texts("input", embedding->inputs);
    } else if (auto* rerank = std::get_if<RerankRequest>(&operation)) {
        json.member("query", text(rerank->query));
        texts("documents", rerank->documents);
    } else if (auto* raw = std::get_if<RawRequest>(&operation)) {
        json.member("operation", raw->operation);
    }
    json.end_object();
}

void Record::forget_answer() {
    choices_.clear();
    usage_.reset();
    answer_room_ = max_bytes_;
}

void Record::event(const Event& event) {
    auto choice = [&](int index) -> Choice* {
        if (choices_.size() < max_choices || choices_.contains(index)) return &choices_[index];
        cut_ = true;
        return nullptr;
    };
    if (auto* text = std::get_if<TextDelta>(&event)) {
        if (Choice* of = choice(text->choice)) keep(of->text, text->text);
    } else if (auto* reasoning = std::get_if<ReasoningDelta>(&event)) {
        if (Choice* of = choice(reasoning->choice)) keep(of->reasoning, reasoning->text);
    } else if (auto* refusal = std::get_if<RefusalDelta>(&event)) {
        if (Choice* of = choice(refusal->choice)) keep(of->refusal, refusal->text);
    } else if (auto* call = std::get_if<ToolCallDelta>(&event)) {
        Choice* of = choice(call->choice);
        if (!of || (of->calls.size() >= max_choices && !of->calls.contains(call->index))) return;
        keep(of->calls[call->index].name, call->name);
        keep(of->calls[call->index].arguments, call->arguments);
    } else if (auto* finish = std::get_if<Finish>(&event)) {
        if (Choice* of = choice(finish->choice)) of->finish = finish->reason;
    } else if (auto* usage = std::get_if<Usage>(&event)) {
        usage_ = *usage;
    }
}

std::string Record::line(const RequestOutcome& outcome, Time now) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("time", written(begun_)).member("request_id", request_id_);
    json.member("client", client_);
    if (!outcome.provider.empty()) {
        std::string route(outcome.provider);
        if (!outcome.route.empty()) route.append("/").append(outcome.route);
        json.member("route", route);
    }
    json.member("ms", std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count());
    json.key("request").raw(request_.empty() ? "{}" : request_);
    json.key("answer").begin_array();
    for (const auto& [index, choice] : choices_) {
        json.begin_object().member("text", choice.text);
        if (!choice.reasoning.empty()) json.member("reasoning", choice.reasoning);
        if (!choice.refusal.empty()) json.member("refusal", choice.refusal);
        if (!choice.calls.empty()) {
            json.key("calls").begin_array();
            for (const auto& [position, call] : choice.calls)
                json.begin_object()
                    .member("name", call.name)
                    .member("arguments", call.arguments)
                    .end_object();
            json.end_array();
        }
        if (choice.finish) json.member("finish", word_of(*choice.finish));
        json.end_object();
    }
    json.end_array();
    if (usage_) {
        json.member("prompt_tokens", usage_->prompt).member("completion_tokens", usage_->completion);
        json.member("cache_written_tokens", usage_->cache_written);
    }
    if (outcome.error) json.member("error", outcome.error->message);
    if (cut_) json.member("cut", true);
    json.end_object();
    return out += '\n';
}

}  // namespace gatehouse::audit
