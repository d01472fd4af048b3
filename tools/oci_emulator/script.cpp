// SPDX-License-Identifier: Apache-2.0
// Frames events as the service does (plugins/provider/oci/PROTOCOL.md, section 4.1),
// and adds the faults of the script.
#include "tools/oci_emulator/script.hpp"

#include "tools/oci_emulator/http_date.hpp"

#include <cstdio>
#include <random>

namespace gatehouse::emulator {

namespace {

constexpr int few_words = 3;  // words before mock:miderr and similar faults

std::mt19937_64& engine() {
    thread_local std::mt19937_64 random{std::random_device{}()};
    return random;
}

std::string framed(const std::string& data, const std::string& type = {}) {
    return (type.empty() ? "" : "event: " + type + "\n") + "data: " + data + "\n\n";
}

// Splits the bytes into writes of `size`, so that readers see unusual boundaries.
void split(Script& script, std::size_t size) {
    std::vector<Script::Step> steps;
    for (Script::Step& step : script.steps)
        for (std::size_t start = 0; start < step.bytes.size(); start += size)
            steps.push_back(
                {step.bytes.substr(start, size), start ? std::chrono::milliseconds(0) : step.before});
    script.steps = std::move(steps);
}

void play_stream(const ChatCall& call, const Answer& answer, const Faults& faults, Dice& dice,
                 Script& script) {
    const Pad pad = [&] { return dice.pad(); };
    const auto spoken = answer.calls.empty() ? answer.words : words_of(answer.plan);
    std::string said;
    const auto events = stream_events(call, answer, pad);
    const bool strikes = faults.cut || faults.error_event || faults.garbage;
    int words = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const bool finish = i + static_cast<std::size_t>(call.answers) >= events.size();
        if (strikes && (words == few_words || finish)) break;
        if (faults.no_finish && finish) return;
        script.steps.push_back({framed(events[i].data, events[i].type),
                                events[i].is_word ? faults.drip : Faults::Milliseconds(0)});
        words += events[i].is_word;
        if (i < spoken.size()) said += spoken[i];
    }
    if (faults.error_event) script.steps.push_back({framed(error_event(call, said, pad)), {}});
    if (faults.garbage)
        script.steps.push_back({framed(R"({"index":0,"message":{"role":"ASSISTANT","content":[{"ty)"), {}});
    script.cut = faults.cut;
    if (strikes || call.model.format != ApiFormat::generic || call.is_response) return;
    if (call.include_usage) script.steps.push_back({framed(usage_event(call, answer, pad)), {}});
    if (!faults.no_done) script.steps.push_back({framed("[DONE]"), {}});
}

}  // namespace

std::string Dice::pad() { return std::string(1 + engine()() % 12, 'a'); }

std::string Dice::hex(std::size_t digits, bool upper) {
    const char* alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string text;
    while (text.size() < digits) text += alphabet[engine()() % 16];
    return text;
}

std::string Dice::call_id(Vendor vendor) {
    return (vendor == Vendor::meta || vendor == Vendor::imported ? "chatcmpl-tool-" : "call_") +
           hex(24, false);
}

std::string Dice::request_id() { return hex(32, true) + "/" + hex(32, true) + "/" + hex(32, true); }

Script script_of(const ChatCall& call, const Faults& faults, Dice& dice) {
    const Answer answer = answer_to(call, faults, [&] { return dice.call_id(call.model.vendor); });
    Script script{.wait = faults.wait, .reset = faults.reset};
    script.head.headers.add("etag", dice.hex(32, false));
    if (call.stream) {
        script.head.headers.add("content-type", "text/event-stream");
        script.head.headers.add("cache-control", "no-cache");
        play_stream(call, answer, faults, dice, script);
    } else {
        script.head.headers.add("content-type", "application/json");
        std::string body = whole_answer(call, answer, to_rfc3339(std::chrono::system_clock::now()));
        script.wait += faults.drip * static_cast<std::int64_t>(answer.words.size());
        script.cut = faults.cut;
        if (faults.cut || faults.garbage) body.resize(body.size() / 2);
        script.whole = !faults.cut && !faults.piece;
        script.steps.push_back({std::move(body), {}});
    }
    if (faults.piece) split(script, faults.piece);
    return script;
}

Script script_of(http::Response response) {
    Script script{.head = std::move(response.head), .whole = true};
    script.steps.push_back({std::move(response.body), {}});
    return script;
}

}  // namespace gatehouse::emulator
