// SPDX-License-Identifier: Apache-2.0
// A library with the C interface whose functions follow a test's script, and the resulting
// messages for client and log.
#pragma once

#include "plugins/provider/c_bridge/c_bridge.hpp"
#include "tests/plugins/describe.hpp"

#include <functional>

namespace gatehouse::test {

using c_bridge::CBridge;

inline gatehouse_c_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

using Speak = std::function<void(const gatehouse_c_out*)>;

/// The script of the functions, for one test at a time.
struct Script {
    Speak create = [](auto) {}, begin = [](auto) {}, request = [](auto) {}, body = [](auto) {},
          end = [](auto) {}, next = [](auto) {};
    bool null_instance = false, null_exchange = false;
    std::string config, operation, asked, headers, amended;
    int created = 0, begun = 0;
};
inline Script script;

inline void* opaque(int& counter) {
    ++counter;
    return &counter;
}

inline const gatehouse_c_door entry = [] {
    gatehouse_c_door made{};
    made.magic = GATEHOUSE_C_MAGIC;
    made.version = GATEHOUSE_C_VERSION;
    made.size = sizeof made;
    made.description =
        R"({"name":"bad","version":"1","operations":["chat","embed","rerank","models"],"keys":[)"
        R"({"name":"n","type":"number","doc":"N.","default":0.5},{"name":"b","type":"boolean","doc":"B."},)"
        R"({"name":"l","type":"string_list","doc":"L."},{"name":"s","doc":"S."}]})";
    made.create = [](const gatehouse_c_host*, gatehouse_c_bytes config, const gatehouse_c_out* out) {
        script.config = config.data;
        script.create(out);
        return script.null_instance ? nullptr : opaque(script.created);
    };
    made.destroy = [](void*) { --script.created; };
    made.begin = [](void*, gatehouse_c_bytes operation, gatehouse_c_bytes request,
                    const gatehouse_c_out* out) {
        script.operation = operation.data;
        script.asked.assign(request.data, request.size);
        script.begin(out);
        return script.null_exchange ? nullptr : opaque(script.begun);
    };
    made.release = [](void*) { --script.begun; };
    made.request = [](void*, const gatehouse_c_out* out) { script.request(out); };
    made.head = [](void*, int32_t, gatehouse_c_bytes headers) { script.headers = headers.data; };
    made.body = [](void*, gatehouse_c_bytes, const gatehouse_c_out* out) { script.body(out); };
    made.end = [](void*, const gatehouse_c_out* out) { script.end(out); };
    made.next = [](void*, const gatehouse_c_out* out) { script.next(out); };
    made.amend = [](void*, gatehouse_c_bytes error) -> int32_t {
        script.amended = error.data;
        return 1;
    };
    return made;
}();

struct Bench {
    explicit Bench(const c_bridge::Given& settings = {})
        : provider(c_bridge::enter(entry, sizeof entry), {.library = "", .settings = settings}, host) {}
    testing::FakeHost host;
    CBridge provider;
};

/// Checks that all instances and exchanges were released.
struct Clean {
    Clean() { script = {}; }
    ~Clean() {
        CHECK(script.created == 0);
        CHECK(script.begun == 0);
    }
};

inline Speak emits(std::vector<std::string> events) {
    return [events = std::move(events)](const gatehouse_c_out* out) {
        for (const std::string& event : events) out->emit(out->context, bytes(event));
    };
}
inline Speak fails(std::string error) {
    return [error = std::move(error)](const gatehouse_c_out* out) { out->fail(out->context, bytes(error)); };
}
inline Speak requests(std::string request, std::string body = "") {
    return [request = std::move(request), body = std::move(body)](const gatehouse_c_out* out) {
        out->request(out->context, bytes(request), bytes(body));
    };
}

inline const std::string finish = R"({"type":"finish","reason":"stop"})";

/// Runs an exchange.  Returns the events, or the messages for client and log.
inline Lines run(Result<std::unique_ptr<Exchange>> exchange) {
    auto told = [](const Error& error) {
        return Lines{"error " + std::to_string(status_of(error)) + ": " + error.message + " | " +
                     error.detail};
    };
    if (!exchange) return told(exchange.error());
    testing::Events events;
    for (auto sent = (*exchange)->request();; sent = (*exchange)->next()) {
        if (!sent) return told(sent.error());
        if (!*sent && events.list.size()) return lines(events.list);
        if (*sent) {
            (*exchange)->head({});
            if (auto ok = (*exchange)->body("x", events); !ok) return told(ok.error());
        }
        if (auto ok = (*exchange)->end(events); !ok) return told(ok.error());
        if (events.list.empty()) events.emit(TextDelta{"nothing"});
    }
}

inline Lines chat(std::int64_t n = 1) {
    Bench bench;
    ChatRequest request{.model = "m"};
    request.sampling.n = n;
    return run(bench.provider.chat(request));
}
/// The log's reason for an answer of these events.
inline std::string defect_of(std::vector<std::string> events) {
    script.end = emits(std::move(events));
    const Lines found = chat();
    REQUIRE(found.size() == 1);
    const std::string begin = "error 500: internal error | bad: ";
    REQUIRE_MESSAGE(found[0].starts_with(begin), found[0]);
    return found[0].substr(begin.size());
}
inline std::string refused_request(const std::string& request) {
    script.request = requests(request);
    const Lines found = chat();
    REQUIRE(found.size() == 1);
    const std::string begin = "error 500: internal error | bad: ";
    REQUIRE_MESSAGE(found[0].starts_with(begin), found[0]);
    return found[0].substr(begin.size());
}

}  // namespace gatehouse::test
