// SPDX-License-Identifier: Apache-2.0
// A library with the C interface for hooks whose functions follow a test's script.
#pragma once

#include "plugins/hook/c_bridge/c_bridge.hpp"
#include "tests/plugins/describe.hpp"

#include <functional>

namespace gatehouse::test {

using namespace c_hook;

inline gatehouse_c_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

using Speak = std::function<void(const gatehouse_c_hook_out*)>;

/// The script of the functions, for one test at a time.
struct Script {
    Speak create = [](auto) {}, begin = [](auto) {}, request = [](auto) {}, flush = [](auto) {};
    std::function<void(const gatehouse_c_hook_out*, std::string)> text =
        [](auto out, const std::string& piece) { out->text(out->context, bytes(piece)); };
    bool null_instance = false, null_state = false;
    std::string info, asked, outcome;
    Lines calls = {};
    int created = 0, begun = 0;
};
inline Script script;

inline void* opaque(int& counter) {
    ++counter;
    return &counter;
}

inline const gatehouse_c_hook_door entry = [] {
    gatehouse_c_hook_door made{};
    made.magic = GATEHOUSE_C_HOOK_MAGIC;
    made.version = GATEHOUSE_C_HOOK_VERSION;
    made.size = sizeof made;
    made.description = R"({"name":"bad","version":"1","keys":[{"name":"s","doc":"S."}]})";
    made.create = [](const gatehouse_c_host*, gatehouse_c_bytes, const gatehouse_c_hook_out* out) {
        script.create(out);
        return script.null_instance ? nullptr : opaque(script.created);
    };
    made.destroy = [](void*) { --script.created; };
    made.begin = [](void*, gatehouse_c_bytes info, const gatehouse_c_hook_out* out) {
        script.info.assign(info.data, info.size);
        script.begin(out);
        return script.null_state ? nullptr : opaque(script.begun);
    };
    made.release = [](void*) { --script.begun; };
    made.request = [](void*, gatehouse_c_bytes text, const gatehouse_c_hook_out* out) {
        script.asked.assign(text.data, text.size);
        script.request(out);
    };
    made.attempt = [](void*) { script.calls.emplace_back("attempt"); };
    made.text = [](void*, int32_t channel, int32_t choice, gatehouse_c_bytes text,
                   const gatehouse_c_hook_out* out) {
        const std::string piece(text.data, text.size);
        script.calls.push_back("text " + std::to_string(channel) + " " + std::to_string(choice) + " " +
                               piece);
        script.text(out, piece);
    };
    made.flush = [](void*, int32_t channel, int32_t choice, const gatehouse_c_hook_out* out) {
        script.calls.push_back("flush " + std::to_string(channel) + " " + std::to_string(choice));
        script.flush(out);
    };
    made.done = [](void*, gatehouse_c_bytes outcome) { script.outcome.assign(outcome.data, outcome.size); };
    return made;
}();

/// A hook with the script, and checks that all instances and states were released.
struct Bench {
    explicit Bench(const gatehouse_c_hook_door& door = entry) {
        hook = std::make_unique<CBridge>(enter(door, sizeof door), Options{.library = ""}, host);
    }
    ~Bench() {
        state.reset();
        hook.reset();
        CHECK(script.created == 0);
        CHECK(script.begun == 0);
        script = {};
    }

    /// "continues", or the messages for client and log.
    std::string ask(Operation operation = ChatRequest{.model = "m", .messages = {{.parts = {Text{"hi"}}}}}) {
        state = hook->begin(request.info());
        const auto taken = state->request(operation);
        return taken ? "continues" : told(taken.error());
    }
    static std::string told(const Error& error) {
        return std::to_string(status_of(error)) + ": " + error.message + " | " + error.detail;
    }
    /// Passes events, as the core does.  Returns what reaches the client.
    Lines pass(std::vector<Event> given) {
        testing::Events events;
        for (Event& event : given) {
            state->event(std::move(event), events);
            if (state->waits()) break;
        }
        if (!state->waits()) state->end(events);
        Lines out = lines(events.list);
        if (state->waits())
            state->wait(Completion<void>([&](const Result<void>& result) {
                out.push_back(result ? "continues" : told(result.error()));
            }));
        return out;
    }

    testing::FakeHost host;
    testing::FakeRequest request{.who = {.name = "ci", .id = "u-1", .groups = {"red"}}};
    std::unique_ptr<CBridge> hook;
    std::unique_ptr<HookState> state;
};

inline Speak fails(std::string error) {
    return [error = std::move(error)](const gatehouse_c_hook_out* out) {
        out->fail(out->context, bytes(error));
    };
}
inline Speak answers(std::string text) {
    return
        [text = std::move(text)](const gatehouse_c_hook_out* out) { out->answer(out->context, bytes(text)); };
}
inline Speak passes(std::string text) {
    return
        [text = std::move(text)](const gatehouse_c_hook_out* out) { out->text(out->context, bytes(text)); };
}

}  // namespace gatehouse::test
