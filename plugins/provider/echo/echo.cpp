// SPDX-License-Identifier: Apache-2.0
// Says the words of the request back, at a steady pace, without any upstream:
// for demonstrations, for load tests, and to see a local provider at work.
#include "plugins/provider/echo/echo.hpp"

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

/// What an echo cannot do and a client would miss in the answer.
Result<void> check(const ChatRequest& request) {
    if (request.tool_choice.mode == ToolChoice::Mode::required ||
        request.tool_choice.mode == ToolChoice::Mode::named)
        return refused("an echo calls no tools", "tool_choice");
    if (request.sampling.logprobs.value_or(false)) return refused("an echo has no logprobs", "logprobs");
    if (request.response_format.kind == ResponseFormat::Kind::json_object ||
        request.response_format.kind == ResponseFormat::Kind::json_schema)
        return refused("an echo says words, no JSON", "response_format");
    return upstream::check_text_completion(request, false);
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
        if (end == word) {  // only blanks are left: they belong to the last word
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
    if (!request) return Error{ErrorKind::unsupported, "an echo has neither embeddings nor rankings"};
    if (auto ok = check(*request); !ok) return ok;
    if (!sink.sleep(milliseconds(options_.delay_ms))) return {};

    const std::string text = options_.prefix + last_user_text(*request);
    const std::vector<std::string_view> words = split(text);
    const auto& sampling = request->sampling;
    const auto limit = sampling.max_completion_tokens ? sampling.max_completion_tokens : sampling.max_tokens;
    const std::size_t count =
        limit ? std::min(words.size(), static_cast<std::size_t>(std::max<std::int64_t>(*limit, 0)))
              : words.size();
    const int choices = static_cast<int>(std::clamp<std::int64_t>(sampling.n.value_or(1), 1, 128));

    // Each word is due at a time of its own, so that the pace holds whatever a word costs.
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
           "The pace of an answer; 0: as fast as the client takes it."),
    ranged("delay_ms", &Options::delay_ms, 0, 3'600'000, "How long it thinks before its first word."),
    optional("prefix", &Options::prefix, "What to say before the user's own words."),
};

}  // namespace gatehouse::echo

GATEHOUSE_PLUGIN(gatehouse::echo::Echo, gatehouse::echo::Options, gatehouse::echo::fields, "echo", "1.0.0");
