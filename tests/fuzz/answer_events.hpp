// SPDX-License-Identifier: Apache-2.0
// Events of a provider, read from the bytes of a fuzzer.
#pragma once

#include <gatehouse/event.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::fuzz {

/// An event for each line: its first letter says which one, its second the choice.  Thoughts and
/// blocks are of the vendor `origin`, unknown members of `protocol`.
inline std::vector<Event> events_in(std::string_view input, const std::string& origin = "acme",
                                    const std::string& protocol = "openai") {
    std::vector<Event> events;
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        if (line.size() < 2) continue;
        const std::string text(line.substr(2));
        const int choice = line[1] - '0', index = static_cast<int>(text.size()) % 3;
        const double number = std::strtod(text.c_str(), nullptr);
        const auto tokens = static_cast<std::int64_t>(text.size()) - 2;
        switch (line[0]) {
            case 't': events.push_back(TextDelta{text, choice}); break;
            case 'r': events.push_back(ReasoningDelta{text, choice}); break;
            case 'n': events.push_back(RefusalDelta{text, choice}); break;
            case 'c': events.push_back(ToolCallDelta{index, text, "f" + text, "", choice}); break;
            case 'a': events.push_back(ToolCallDelta{index, "", "", text, choice}); break;
            case 'l': events.push_back(LogprobsDelta{{{text, number, {{text, -number}}}}, choice}); break;
            case 'q': events.push_back(Citation{text, text, tokens, 2 * tokens, choice}); break;
            case 'm': events.push_back(ToolCallDelta{index, "", "", text, choice, true}); break;
            case 'f':
                events.push_back(Finish{static_cast<FinishReason>(text.size() % 4), choice, text, text});
                break;
            case 'u': events.push_back(Usage{tokens, 1, tokens + 1, tokens, {}, {}, {}}); break;
            case 'i': events.push_back(AnswerInfo{tokens, text, text, text, tokens}); break;
            case 'e': events.push_back(Embedding{choice, {static_cast<float>(number), -0.0f}}); break;
            case 'k': events.push_back(Ranking{choice, number}); break;
            case 's': events.push_back(ThoughtEnd{text, "", origin, choice}); break;
            case 'd': events.push_back(ThoughtEnd{"", text, origin, choice}); break;
            case 'b': events.push_back(BlockEnd{choice}); break;
            case 'o':
                if (nlohmann::json::accept(text) && text.starts_with('{'))
                    events.push_back(OtherBlock{origin, "x", {text}, choice});
                break;
            case 'x':
                if (nlohmann::json::accept(text) && text.starts_with('{'))
                    events.push_back(Extra{static_cast<Extra::Place>(index), {text}, choice, protocol});
                break;
            default: break;
        }
    }
    return events;
}

}  // namespace gatehouse::fuzz
