// SPDX-License-Identifier: Apache-2.0
// Decides between a tool call, an object and words, and applies stop strings and
// the limit.
#include "tools/oci_emulator/model.hpp"

#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/sample.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

// Returns the tool whose name follows "call the tool", or the first tool.
const ToolOffer& named_in(std::string_view rest, const std::vector<ToolOffer>& tools) {
    for (std::string_view filler : {" called", " named"})
        if (rest.starts_with(filler)) rest.remove_prefix(filler.size());
    const std::size_t begin = std::min(rest.find_first_not_of(" :\"'`"), rest.size());
    rest.remove_prefix(begin);
    const std::size_t end =
        std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"),
                 rest.size());
    for (const ToolOffer& tool : tools)
        if (tool.name == rest.substr(0, end)) return tool;
    return tools.front();
}

MockCall call_of(const ToolOffer& tool) {
    return {tool.name, to_text(sample_of(tool.parameters, tool.name))};
}

std::vector<MockCall> calls_wanted(const ChatCall& call, const Faults& faults) {
    using Choice = ChatCall::Choice;
    if (call.choice == Choice::none) return {};
    if (!faults.calls.empty()) return faults.calls;
    // A result shows that the call was made.  Another call would never end.
    if (call.tools.empty() || !call.tool_results.empty()) return {};
    if (call.choice == Choice::named)
        for (const ToolOffer& tool : call.tools)
            if (tool.name == call.chosen_tool) return {call_of(tool)};
    const std::string text = lower(call.new_user_text);
    if (text.find("call both tools") != std::string::npos) {
        std::vector<MockCall> calls = {call_of(call.tools.front())};
        if (call.tools.size() > 1 && call.parallel) calls.push_back(call_of(call.tools[1]));
        return calls;
    }
    constexpr std::string_view phrase = "call the tool";
    if (const std::size_t at = text.rfind(phrase); at != std::string::npos)
        return {
            call_of(named_in(std::string_view(call.new_user_text).substr(at + phrase.size()), call.tools))};
    if (call.choice == Choice::required) return {call_of(call.tools.front())};
    return {};
}

std::string size_of_image(std::string_view url) {
    const std::size_t comma = url.find(',');
    if (!url.starts_with("data:") || comma == std::string_view::npos ||
        !url.substr(0, comma).ends_with(";base64"))
        return "by address";
    const auto bytes = from_base64(url.substr(comma + 1));
    return std::to_string(bytes ? bytes->size() : 0) + " bytes";
}

std::string images_seen(const std::vector<std::string>& images) {
    std::string text = std::to_string(images.size()) + (images.size() == 1 ? " image: " : " images: ");
    for (std::size_t i = 0; i < images.size(); ++i) text += (i ? ", " : "") + size_of_image(images[i]);
    return text;
}

std::string text_said(const ChatCall& call, const Faults& faults) {
    std::string text;
    if (faults.long_words) {
        for (std::int64_t i = 1; i <= faults.long_words; ++i)
            text += (i > 1 ? " word" : "word") + std::to_string(i);
        return text;
    }
    if (call.wants_json) {
        if (!call.schema.is_null()) return to_text(sample_of(call.schema, "text"));
        return to_text({{"said", call.user_text}});
    }
    if (!call.tool_results.empty()) {
        text = call.tool_results.size() == 1 ? "The tool said: " : "The tools said: ";
        for (std::size_t i = 0; i < call.tool_results.size(); ++i)
            text += (i ? " | " : "") + call.tool_results[i];
    } else {
        text = "You said: " + call.user_text;
    }
    if (!call.images.empty()) text += " (" + images_seen(call.images) + ")";
    return text;
}

// Splits arguments into pieces of a few letters, never within a UTF-8 sequence.
std::vector<std::string> pieces_of(const std::string& arguments) {
    constexpr std::size_t size = 6;
    std::vector<std::string> pieces;
    for (std::size_t start = 0; start < arguments.size();) {
        std::size_t end = std::min(start + size, arguments.size());
        while (end < arguments.size() && (static_cast<unsigned char>(arguments[end]) & 0xC0) == 0x80) ++end;
        pieces.push_back(arguments.substr(start, end - start));
        start = end;
    }
    return pieces;
}

void say_calls(const std::vector<MockCall>& calls, std::int64_t limit,
               const std::function<std::string()>& call_id, Answer& answer) {
    for (const MockCall& call : calls) {
        if (answer.tokens >= limit) {
            answer.cut_by_limit = true;
            return;
        }
        SaidCall said{call_id(), call.name, pieces_of(call.arguments)};
        const auto room = static_cast<std::size_t>(limit - ++answer.tokens);
        if (said.arguments.size() > room) {
            said.arguments.resize(room);
            answer.cut_by_limit = true;
        }
        answer.tokens += static_cast<std::int64_t>(said.arguments.size());
        answer.calls.push_back(std::move(said));
        if (answer.cut_by_limit) return;
    }
}

}  // namespace

Answer answer_to(const ChatCall& call, const Faults& faults, const std::function<std::string()>& call_id) {
    Answer answer;
    answer.finish = faults.finish;
    if (call.model.format == ApiFormat::cohere_v2) answer.id = call_id();
    const std::int64_t limit = call.max_words.value_or(INT64_MAX);
    if (call.reasons) {
        answer.reasoning = words_of("The user wants an answer.");
        answer.reasoning_tokens = static_cast<std::int64_t>(answer.reasoning.size());
    }
    if (const auto calls = calls_wanted(call, faults); !calls.empty()) {
        say_calls(calls, limit, call_id, answer);
        if (call.model.vendor == Vendor::cohere)
            for (const SaidCall& said : answer.calls)
                answer.plan += (answer.plan.empty() ? "I will call " : " and ") + said.name;
        if (!answer.plan.empty()) answer.plan += '.';
        answer.tokens += answer.reasoning_tokens;
        return answer;
    }
    std::string text = call.search_queries_only ? "" : text_said(call, faults);
    // A stop string may be part of the mark that ends a turn.  The rest of the
    // mark then stays, as recorded.
    const std::string marked = text + (call.model.format == ApiFormat::cohere ? "<|END_OF_TURN_TOKEN|>" : "");
    std::size_t end = std::string::npos;
    for (const std::string& stop : call.stop)
        if (!stop.empty()) end = std::min(end, marked.find(stop));
    answer.stopped = end != std::string::npos;
    if (answer.stopped) text = marked.substr(0, end);
    answer.words = words_of(text);
    if (static_cast<std::int64_t>(answer.words.size()) > limit) {
        answer.words.resize(static_cast<std::size_t>(limit));
        answer.cut_by_limit = true;
    }
    answer.tokens = static_cast<std::int64_t>(answer.words.size()) + answer.reasoning_tokens;
    return answer;
}

}  // namespace gatehouse::emulator
