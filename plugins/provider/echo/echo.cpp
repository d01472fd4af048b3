// SPDX-License-Identifier: Apache-2.0
// Sends the request's words back at a constant rate, without an upstream.  For demonstrations,
// for load tests, and as an example of a local provider.
#include "plugins/provider/echo/echo.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/text_completion.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <thread>

namespace gatehouse::echo {

namespace {

using std::chrono::milliseconds;

Error refused(std::string message, std::string param) {
    return {.kind = ErrorKind::unsupported, .message = std::move(message), .param = std::move(param)};
}

/// The name of a part that an echo does not support.  Empty for text.
std::string_view unheard(const Part& part, bool foreign) {
    struct Name {
        bool foreign;
        std::string_view operator()(const Text&) const { return {}; }
        std::string_view operator()(const Refusal&) const { return {}; }
        std::string_view operator()(const Image&) const { return "image_url"; }
        std::string_view operator()(const Audio&) const { return "input_audio"; }
        std::string_view operator()(const File&) const { return "file"; }
        std::string_view operator()(const Thought&) const { return {}; }
        std::string_view operator()(const ToolCallRef&) const { return {}; }
        std::string_view operator()(const OtherPart& other) const {
            return foreign ? std::string_view() : other.type;
        }
    };
    return std::visit(Name{foreign}, part);
}

Result<void> check_messages(const ChatRequest& request) {
    const bool foreign = request.protocol != "openai";
    for (std::size_t i = 0; i < request.messages.size(); ++i)
        for (std::size_t p = 0; p < request.messages[i].parts.size(); ++p)
            if (const std::string_view name = unheard(request.messages[i].parts[p], foreign); !name.empty())
                return refused("an echo accepts text only: omit " + std::string(name.substr(0, 64)),
                               "messages[" + std::to_string(i) + "].content[" + std::to_string(p) + "]");
    return {};
}

Result<void> check_tools(const ChatRequest& request, bool ignore_tools) {
    using Mode = ToolChoice::Mode;
    const Mode mode = request.tool_choice.mode;
    switch (mode) {
        case Mode::unset:
        case Mode::automatic:
        case Mode::none: break;
        case Mode::required:
        case Mode::named:
        case Mode::other: return refused("an echo calls no tools: omit tool_choice", "tool_choice");
    }
    const bool foreign = request.protocol != "openai";  // with tools that its own upstreams run
    const bool called = std::any_of(request.tools.begin(), request.tools.end(), [&](const Tool& tool) {
        return !foreign || tool.type == "function" || tool.type == "custom";
    });
    if (called && mode != Mode::none && !ignore_tools)
        return refused("an echo calls no tools: omit tools, or set the provider's key ignore_tools", "tools");
    return {};
}

bool is_json(ResponseFormat::Kind kind) {
    switch (kind) {
        case ResponseFormat::Kind::json_object:
        case ResponseFormat::Kind::json_schema: return true;
        case ResponseFormat::Kind::unset:
        case ResponseFormat::Kind::text:
        case ResponseFormat::Kind::other: return false;
    }
    return false;
}

/// Whether `modalities`, an array of words, has a word other than "text".
bool wants_more_than_text(const JsonText& modalities) {
    constexpr std::string_view text = "\"text\"";
    std::string_view rest = modalities.text;
    for (std::size_t word; (word = rest.find('"')) != rest.npos; rest.remove_prefix(text.size())) {
        rest.remove_prefix(word);
        if (!rest.starts_with(text)) return true;
    }
    return false;
}

/// Refuses fields that an echo cannot serve.
Result<void> check(const ChatRequest& request, const Options& options) {
    if (auto ok = check_tools(request, options.ignore_tools); !ok) return ok;
    if (request.sampling.logprobs.value_or(false))
        return refused("an echo returns no log probabilities: omit logprobs", "logprobs");
    if (is_json(request.response_format.kind))
        return refused("an echo returns text, not JSON: omit response_format", "response_format");
    if (wants_more_than_text(request.modalities))
        return refused("an echo returns text only: omit modalities, or set it to [\"text\"]", "modalities");
    if (!request.web_search_options.empty())
        return refused("an echo does not search: omit web_search_options", "web_search_options");
    if (auto ok = check_messages(request); !ok) return ok;
    return upstream::check_text_completion(request, false);
}

/// Names of fields that do not change an echo's answer.  They are ignored and logged.
std::string ignored(const ChatRequest& request) {
    const Sampling& sampling = request.sampling;
    std::string names;
    const auto add = [&](bool given, std::string_view name) {
        if (given) common::add_to_list(names, name);
    };
    add(!request.tools.empty(), "tools");
    add(sampling.temperature.has_value(), "temperature");
    add(sampling.top_p.has_value(), "top_p");
    add(sampling.top_k.has_value(), "top_k");
    add(sampling.seed.has_value(), "seed");
    add(sampling.presence_penalty.has_value(), "presence_penalty");
    add(sampling.frequency_penalty.has_value(), "frequency_penalty");
    add(!sampling.logit_bias.empty(), "logit_bias");
    add(!request.reasoning_effort.empty(), "reasoning_effort");
    add(!request.verbosity.empty(), "verbosity");
    add(!request.prediction.empty(), "prediction");
    add(!request.extra.empty(), "unknown fields");
    return names;
}

/// Cuts `text` before the first of `stops`.
void cut_at(std::string& text, const std::vector<std::string>& stops) {
    std::size_t end = text.size();
    for (const std::string& stop : stops)
        if (!stop.empty()) end = std::min(end, text.find(stop));
    text.resize(end);
}

std::int64_t words_in(const ChatRequest& request) {
    std::int64_t count = 0;
    for (const Message& message : request.messages)
        for (const Part& part : message.parts)
            if (const auto* text = std::get_if<Text>(&part))
                count += static_cast<std::int64_t>(split(text->text).size());
    return count;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t word = std::min(text.find_first_not_of(blanks, at), text.size());
        const std::size_t end = std::min(text.find_first_of(blanks, word), text.size());
        if (end == word) {  // only blanks remain; they belong to the last word
            if (!words.empty()) words.back() = {words.back().data(), words.back().size() + text.size() - at};
            break;
        }
        words.push_back(text.substr(at, end - at));
        at = end;
    }
    return words;
}

Result<void> Echo::run(const Operation& operation, LocalSink& sink) {
    const auto* request = std::get_if<ChatRequest>(&operation);
    if (!request) return refused("an echo has no embeddings and no rankings: use another model", "model");
    if (auto ok = check(*request, options_); !ok) return ok;
    if (const std::string names = ignored(*request); !names.empty())
        host_.log(Level::debug, "request fields dropped", {{"model", request->model}, {"fields", names}});
    if (!sink.sleep(milliseconds(options_.delay_ms))) return {};

    const Sampling& sampling = request->sampling;
    std::string text = options_.prefix + last_user_text(*request);
    cut_at(text, sampling.stop);
    const std::vector<std::string_view> words = split(text);
    const auto limit = sampling.output_limit();
    const std::size_t count =
        limit ? std::min(words.size(), static_cast<std::size_t>(std::max<std::int64_t>(*limit, 0)))
              : words.size();
    const int choices = static_cast<int>(std::clamp<std::int64_t>(sampling.n.value_or(1), 1, 128));

    // Each word has its own due time, so the rate does not depend on the cost of a word.
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && options_.words_per_second > 0) {
            const auto due =
                start + std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(
                            static_cast<double>(i) / static_cast<double>(options_.words_per_second)));
            const auto wait = std::chrono::ceil<milliseconds>(due - std::chrono::steady_clock::now());
            if (wait.count() > 0 && !sink.sleep(wait)) return {};
        }
        for (int choice = 0; choice < choices; ++choice)
            if (!sink.emit(TextDelta{std::string(words[i]), choice})) return {};
    }
    const auto reason = count < words.size() ? FinishReason::length : FinishReason::stop;
    for (int choice = 0; choice < choices; ++choice) sink.emit(Finish{reason, choice});
    const std::int64_t prompt = words_in(*request), said = static_cast<std::int64_t>(count) * choices;
    sink.emit(Usage{.prompt = prompt, .completion = said, .total = prompt + said});
    return {};
}

const Fields<Options> fields = {
    ranged("words_per_second", &Options::words_per_second, 0, 1'000'000,
           "Rate of an answer; 0 removes the limit."),
    ranged("delay_ms", &Options::delay_ms, 0, 3'600'000, "Milliseconds before the first word."),
    optional("prefix", &Options::prefix, "Text before the user's own text."),
    optional("ignore_tools", &Options::ignore_tools,
             "Ignore tools instead of refusing them; agents always send them."),
};

}  // namespace gatehouse::echo

GATEHOUSE_PLUGIN(gatehouse::echo::Echo, gatehouse::echo::Options, gatehouse::echo::fields, "echo", "1.0.0");
