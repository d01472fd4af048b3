// SPDX-License-Identifier: Apache-2.0
// Libraries that do what the C door forbids: the request fails, and the log says in the
// author's terms why; and what the bridge hands a library that behaves.
#include "plugins/provider/c_bridge/c_bridge.hpp"
#include "tests/plugins/describe.hpp"

#include <cstring>
#include <functional>

using namespace gatehouse;
using namespace gatehouse::test;
using c_bridge::CBridge;

namespace {

gatehouse_c_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

using Speak = std::function<void(const gatehouse_c_out*)>;

/// What the functions of the door do; one test at a time has them.
struct Script {
    Speak create = [](auto) {}, begin = [](auto) {}, request = [](auto) {}, body = [](auto) {},
          end = [](auto) {}, next = [](auto) {};
    bool null_instance = false, null_exchange = false;
    std::string config, operation, asked, headers, amended;
    int created = 0, begun = 0;
} script;

void* opaque(int& counter) {
    ++counter;
    return &counter;
}

const gatehouse_c_door door = [] {
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
        : provider(c_bridge::enter(door, sizeof door), {.library = "", .settings = settings}, host) {}
    testing::FakeHost host;
    CBridge provider;
};

/// Everything that was made has gone.
struct Clean {
    Clean() { script = {}; }
    ~Clean() {
        CHECK(script.created == 0);
        CHECK(script.begun == 0);
    }
};

Speak emits(std::vector<std::string> events) {
    return [events = std::move(events)](const gatehouse_c_out* out) {
        for (const std::string& event : events) out->emit(out->context, bytes(event));
    };
}
Speak fails(std::string error) {
    return [error = std::move(error)](const gatehouse_c_out* out) { out->fail(out->context, bytes(error)); };
}
Speak requests(std::string request, std::string body = "") {
    return [request = std::move(request), body = std::move(body)](const gatehouse_c_out* out) {
        out->request(out->context, bytes(request), bytes(body));
    };
}

const std::string finish = R"({"type":"finish","reason":"stop"})";

/// The whole way of an exchange; the events, or what the client and the log are told.
Lines run(Result<std::unique_ptr<Exchange>> exchange) {
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

Lines chat(std::int64_t n = 1) {
    Bench bench;
    ChatRequest request{.model = "m"};
    request.sampling.n = n;
    return run(bench.provider.chat(request));
}
/// The log's reason for an answer of these events.
std::string defect_of(std::vector<std::string> events) {
    script.end = emits(std::move(events));
    const Lines found = chat();
    REQUIRE(found.size() == 1);
    const std::string begin = "error 500: internal error | bad: ";
    REQUIRE_MESSAGE(found[0].starts_with(begin), found[0]);
    return found[0].substr(begin.size());
}
std::string refused_request(const std::string& request) {
    script.request = requests(request);
    const Lines found = chat();
    REQUIRE(found.size() == 1);
    const std::string begin = "error 500: internal error | bad: ";
    REQUIRE_MESSAGE(found[0].starts_with(begin), found[0]);
    return found[0].substr(begin.size());
}

}  // namespace

TEST_CASE("every event of a chat arrives") {
    const Clean clean;
    script.end = emits(
        {R"({"type":"info","created":7,"service_tier":"Flex"})", R"({"type":"reasoning","text":"hm"})",
         R"({"type":"text","text":"Gr\u00fc\u00df"})", R"({"type":"refusal","text":"no","choice":1})",
         R"({"type":"tool_call","index":0,"id":"c1","name":"f","arguments":"{\"a\":"})",
         R"({"type":"tool_call","index":0,"arguments":"1}"})", R"({"type":"tool_call","index":1,"name":"g"})",
         R"({"type":"logprobs","tokens":[{"token":"a","logprob":-1,"top":[{"token":"b","logprob":-2}]}]})",
         R"({"type":"citation","url":"http://x","title":"X","start":1,"end":2})",
         R"({"type":"extra","place":"message","members":{"a" : [1, null]}})",
         R"({"type":"finish","reason":"stop","choice":0})",
         R"({"type":"finish","reason":"length","choice":1})",
         R"({"type":"usage","prompt":3,"completion":2,"cached":1,"reasoning":2})"});
    CHECK(chat(2) == Lines{"info 7 flex", "reasoning hm", "text Gr\xC3\xBC\xC3\x9F", "refusal#1 no",
                           "call 0 id=c1 name=f {\"a\":", "call 0 1}", "call 1 id=call_* name=g ",
                           "logprobs a=-1.0,b=-2.0;", "citation http://x X 1-2",
                           "extra message {\"a\":[1,null]}", "call 1 {}", "finish tool_calls",
                           "finish#1 length", "usage 3+2=5 cached=1 reasoning=2"});
}

TEST_CASE("events that are wrong, or come when they may not, are a defect with its reason") {
    const Clean clean;
    CHECK(defect_of({"{\"type\":"}) == "an event, of 8 bytes, is not valid JSON");
    CHECK(defect_of({""}) == "an event, of 0 bytes, is not valid JSON");
    CHECK(defect_of({"[]"}) == "an event is no JSON object");
    CHECK(defect_of({"{}"}) == "an event lacks \"type\"");
    CHECK(defect_of({R"({"type":"txet"})"}) ==
          "an event has the type \"txet\", which this gateway does not know");
    CHECK(defect_of({R"({"type":"text","text":5})"}) == "\"text\" of the event \"text\" must be a string");
    CHECK(defect_of({R"({"type":"text","text":"","chioce":1})"}) ==
          "the event \"text\" has a member \"chioce\" that this gateway does not know");
    CHECK(defect_of({R"({"type":"tool_call","index":-1,"name":"f"})"}) ==
          "\"index\" of the event \"tool_call\" must be an integer between 0 and 2147483647");
    CHECK(defect_of({R"({"type":"text","text":"a","choice":1})"}) ==
          "an event is of choice 1, but the client asked for 1, which begin with 0");
    CHECK(defect_of({R"({"type":"finish","reason":"done"})"}) ==
          "\"reason\" of the event \"finish\" must be one of stop, length, tool_calls, content_filter");
    CHECK(defect_of({finish, R"({"type":"text","text":"a"})"}) ==
          "an event came after the finish of its choice");
    CHECK(defect_of({finish, finish}) == "an event came after the finish of its choice");
    CHECK(defect_of({R"({"type":"text","text":"a"})"}) == "choice 0 ends without a finish event");
    CHECK(defect_of({R"({"type":"usage","prompt":1})"}) == "the answer ends without a finish event");
    CHECK(defect_of({finish, R"({"type":"usage","prompt":1})", R"({"type":"usage","prompt":1})"}) ==
          "an event came after usage, which is the last one");
    CHECK(defect_of({R"({"type":"text","text":"a"})", R"({"type":"info"})"}) ==
          "an info event came after another event");
    CHECK(defect_of({R"({"type":"embedding","index":0,"vector":[1]})"}) ==
          "an event does not belong to the answer of a chat");
    CHECK(defect_of({R"({"type":"extra","place":"top","members":{}})"}) ==
          "\"place\" of the event \"extra\" must be one of answer, choice, message");
}

TEST_CASE("an event with any byte replaced is an event or a defect") {
    const Clean clean;
    const std::string good =
        R"({"type":"tool_call","index":0,"id":"c\u00e9","name":"f","arguments":"{\"a\":-1.5e3}"})";
    for (std::size_t at = 0; at < good.size(); ++at)
        for (const char byte : {'\0', '"', '\\', '{', ']', '-', '9', '\xC3'}) {
            std::string changed = good;
            changed[at] = byte;
            script.end = emits({changed, finish});
            const Lines found = chat();
            REQUIRE_FALSE(found.empty());
            CHECK((found.back() == "finish tool_calls" || found.back() == "finish stop" ||
                   is_one_error(found)));
        }
}

TEST_CASE("a tool call that the model has broken is the upstream's failure, not the library's") {
    const Clean clean;
    script.end = emits({R"({"type":"tool_call","index":0,"name":"f","arguments":"{"})",
                        R"({"type":"finish","reason":"stop"})"});
    CHECK(chat()[0].starts_with("error 502: the model made a tool call whose arguments are not valid JSON"));
}

TEST_CASE("pointers and sizes that cannot be are a defect") {
    const Clean clean;
    const std::string huge = "\"" + std::string(20'000'000, 'a') + "\"";
    int taken = 7;
    auto end = [&](Speak speak) {
        script.end = std::move(speak);
        return chat()[0];
    };
    CHECK(end([](auto out) {
              out->emit(out->context, {nullptr, 5});
          }) == "error 500: internal error | bad: an event is a null pointer with a size of 5");
    CHECK(end([&](auto out) { taken = out->emit(out->context, bytes(huge)); }) ==
          "error 500: internal error | bad: an event has 20000002 bytes, more than max_event_bytes 16777216");
    CHECK(taken == 0);
    CHECK(end([](auto out) { out->text(out->context, -1, bytes("a")); }) ==
          "error 500: internal error | bad: out->text was given the choice -1");
    CHECK(end([&](auto out) {
              for (int i = 0; i < 10; ++i)
                  out->text(out->context, 0, bytes(std::string_view(huge).substr(1, 10'000'000)));
          }) ==
          "error 500: internal error | bad: end emits more than max_answer_bytes, 67108864, in one call");
    CHECK(end([&](auto out) {
              while (out->text(out->context, 0, bytes("a"))) {
              }
          }) ==
          "error 500: internal error | bad: end emits more than max_answer_bytes, 67108864, in one call");
    CHECK(end([](auto out) {
              out->emit(nullptr, bytes("{}"));
              out->fail(nullptr, bytes("{}"));
          }) == "error 500: internal error | bad: the answer ends without a finish event");
}

TEST_CASE("a function of out is refused where it does not belong") {
    const Clean clean;
    script.request = [](auto out) { out->text(out->context, 0, bytes("a")); };
    CHECK(chat() == Lines{"error 500: internal error | bad: out->text was called in request, which may not"});
    script.request = [](auto) {};
    script.end = requests(R"({"url":"http://x"})");
    CHECK(chat() == Lines{"error 500: internal error | bad: out->request was called in end, which may not"});
    // Kept for later, which it may not be.
    const gatehouse_c_out* kept = nullptr;
    script.request = [&](auto out) { kept = out; };
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    kept->emit(kept->context, bytes(finish));
    testing::Events events;
    auto ended = (*exchange)->end(events);
    REQUIRE_FALSE(ended);
    CHECK(ended.error().detail == "bad: out->emit was called when no call was running that was given it");
}

TEST_CASE("requests that cannot be sent are a defect") {
    const Clean clean;
    CHECK(refused_request("") == "the request, of 0 bytes, is not valid JSON");
    CHECK(refused_request("{}") == "the request lacks \"url\"");
    const std::string url =
        "\"url\" of the request must be an absolute URL, http:// or https://, without blanks";
    CHECK(refused_request(R"({"url":"/x"})") == url);
    CHECK(refused_request(R"({"url":"file:///etc/passwd"})") == url);
    CHECK(refused_request(R"({"url":"http://x/a b"})") == url);
    CHECK(refused_request(R"({"url":"http://x","method":"GET /"})") ==
          "\"method\" of the request must be a method of HTTP");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a b":"c"}})") == "\"a b\" is no name of a header");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a":"b\r\nc: d"}})") ==
          "the header \"a\" has a control character");
    CHECK(refused_request(R"({"url":"http://x","headers":{"a":1}})") ==
          "the header \"a\" must be a string or a list of strings");
    CHECK(refused_request(R"({"url":"http://x","idle_timeout_ms":0})") ==
          "\"idle_timeout_ms\" of the request must be an integer between 1 and 86400000");
    CHECK(refused_request(R"({"url":"http://x","timeout":5})") ==
          "the request has a member \"timeout\" that this gateway does not know");
}

TEST_CASE("a request is sent as the library says, its body untouched") {
    const Clean clean;
    const std::string body("a\0b\xFF", 4);
    script.request = requests(
        R"({"url":"https://x/y","headers":{"A":"1","b":["2","3"]},"connect_timeout_ms":5,"total_timeout_ms":9,)"
        R"("ca_file":"/ca","no_proxy":true})",
        body);
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    auto sent = (*exchange)->request();
    REQUIRE(sent);
    REQUIRE(*sent);
    const http::Request& http = **sent;
    CHECK(http.method == "POST");
    CHECK(http.url == "https://x/y");
    CHECK(http.headers.get("a") == "1");
    CHECK(http.headers.size() == 3);
    CHECK(http.body == body);
    CHECK(http.connect_timeout == std::chrono::milliseconds(5));
    CHECK(http.total_timeout == std::chrono::milliseconds(9));
    CHECK_FALSE(http.idle_timeout);
    CHECK(http.ca_file == "/ca");
    CHECK(http.no_proxy);
    (*exchange)->head({200, {{"Content-Type", "text/plain"}, {"X-A", "1"}, {"x-a", "\"2\""}}});
    CHECK(script.headers == R"({"content-type":"text/plain","x-a":"1, \"2\""})");
}

TEST_CASE("an error is what the library says, and a bad one is a defect") {
    const Clean clean;
    script.end = fails(
        R"({"message":"too\nmuch","kind":"rate_limited","code":"c","param":"p","retry_after_seconds":4,"detail":"d"})");
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events events;
    auto ended = (*exchange)->end(events);
    REQUIRE_FALSE(ended);
    const Error error = ended.error();
    CHECK(error.kind == ErrorKind::rate_limited);
    CHECK(error.message == "too much");
    CHECK(error.detail == "d");
    CHECK(error.retry_after_seconds == 4);
    CHECK((*exchange)->amend(error));
    CHECK(script.amended ==
          R"({"message":"too much","kind":"rate_limited","code":"c","param":"p","retry_after_seconds":4})");

    auto told = [](const char* json) {
        script.end = fails(json);
        return chat()[0];
    };
    CHECK(told(R"({"message":"it broke"})") == "error 502: it broke | ");
    CHECK(told("it broke") == "error 500: internal error | bad: the error, of 8 bytes, is not valid JSON");
    CHECK(told("{}") == "error 500: internal error | bad: the error lacks \"message\"");
    CHECK(told(R"({"message":""})") ==
          "error 500: internal error | bad: \"message\" of the error must be a string that is not empty");
    CHECK(told(R"({"message":"a","kind":"bad_config"})") ==
          "error 500: internal error | bad: \"kind\" of the error must be one of those that gatehouse/c.h "
          "lists");
    CHECK(
        told(R"({"message":"a","status":429})") ==
        "error 500: internal error | bad: the error has a member \"status\" that this gateway does not know");
}

TEST_CASE("of a bad answer there are no events") {
    const Clean clean;
    script.request = requests(R"({"url":"http://x"})");
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    for (const int status : {100, 199, 301, 500, 599}) {
        REQUIRE((*exchange)->request());
        (*exchange)->head({status});
        testing::Events events;
        auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().kind == kind_of_upstream_status(status));
        CHECK(ended.error().detail == "status " + std::to_string(status));
        CHECK(events.list.empty());
    }
    // A retry begins afresh.
    REQUIRE((*exchange)->request());
    (*exchange)->head({200});
    testing::Events events;
    CHECK((*exchange)->end(events));
}

TEST_CASE("no exchange, no instance: the reason is asked for") {
    const Clean clean;
    script.null_exchange = true;
    CHECK(chat() == Lines{"error 500: internal error | bad: begin returned null without out->fail"});
    script.begin = fails(R"({"message":"no such model","kind":"not_found"})");
    CHECK(chat() == Lines{"error 404: no such model | "});
    script.null_exchange = false;  // it returns one all the same: it goes back
    CHECK(chat() == Lines{"error 404: no such model | "});

    auto refused = [](const c_bridge::Given& settings = {}) {
        try {
            const Bench bench(settings);
            return std::string();
        } catch (const KeyError& error) {
            return error.path + ": " + error.what();
        }
    };
    script.null_instance = true;
    CHECK(refused() == "library: bad cannot be used: create returned null without out->fail");
    script.create = fails("?");
    CHECK(refused() == "library: bad cannot be used: the error of create, of 1 bytes, is not valid JSON");
    script.create = fails(R"({"message":"it is broken"})");
    CHECK(refused() == "library: it is broken");
    script.create = fails(R"({"key":"a.b","message":"it is broken"})");
    CHECK(refused() == "settings.\"a.b\": it is broken");
    script.null_instance = false;
    CHECK(refused() == "settings.\"a.b\": it is broken");
    CHECK(refused({{"b", {"yes"}}}) == "settings.b: settings.b must be \"true\" or \"false\", not \"yes\"");
    CHECK(refused({{"n", {"1e999"}}}).starts_with("settings.n: settings.n must be a number in quotes"));
}

TEST_CASE("create gets typed settings with their defaults, and the limits") {
    const Clean clean;
    const Bench bench({{"b", {"true"}}, {"l", {"x", "y\""}}});
    CHECK(script.config == R"({"settings":{"n":0.5,"b":true,"l":["x","y\""]},)"
                           R"("limits":{"max_event_bytes":16777216,"max_answer_bytes":67108864}})");
}

TEST_CASE("each operation is asked in OpenAI's words, and held to its own events") {
    const Clean clean;
    Bench bench;
    ChatRequest request{.model = "m", .stream = true};
    request.messages.push_back({.parts = {Text{"Hi"}}});
    request.extra.text = R"({"new_field":[1]})";
    script.end = emits({finish});
    CHECK(run(bench.provider.chat(request)) == Lines{"finish stop"});
    CHECK(script.operation == "chat");
    CHECK(script.asked == R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,)"
                          R"("stream_options":{"include_usage":true},"new_field":[1]})");

    request.completion = TextCompletion{.prompts = {.text = "[[1]]"}};
    request.messages.clear();
    CHECK(run(bench.provider.chat(request))[0].starts_with("error 400: prompt must be one text"));

    const EmbeddingRequest embeddings{.model = "m", .inputs = {"a", "b"}, .dimensions = 2};
    script.end =
        emits({R"({"type":"embedding","index":1,"vector":[1,2]})",
               R"({"type":"embedding","index":0,"vector":[0.5]})", R"({"type":"usage","prompt":2})"});
    CHECK(run(bench.provider.embed(embeddings)) == Lines{"other", "other", "usage 2+0=2"});
    CHECK(script.operation == "embed");
    CHECK(script.asked == R"({"model":"m","input":["a","b"],"encoding_format":"float","dimensions":2})");
    auto embedding = [&](std::vector<std::string> events) {
        script.end = emits(std::move(events));
        return run(bench.provider.embed(embeddings))[0];
    };
    const std::string first = R"({"type":"embedding","index":0,"vector":[1]})";
    CHECK(embedding({first}).ends_with("bad: input 1 has no embedding"));
    CHECK(embedding({first, first}).ends_with("bad: two events have the index 0"));
    CHECK(embedding({R"({"type":"embedding","index":2,"vector":[1]})"})
              .ends_with("bad: an event has the index 2, but there are 2 inputs"));
    CHECK(embedding({R"({"type":"embedding","index":0,"vector":[1e99]})"})
              .ends_with("bad: \"vector\" of the event \"embedding\" must be a list of numbers that fit a "
                         "float, at most 65536 and not none"));
    CHECK(embedding({finish}).ends_with("bad: an event does not belong to the answer of embeddings"));

    script.end = emits({R"({"type":"ranking","index":1,"score":0.9})"});
    CHECK(run(bench.provider.rerank({.model = "m", .query = "q", .documents = {"a", "b"}, .top_n = 1})) ==
          Lines{"other"});
    CHECK(script.asked == R"({"model":"m","query":"q","documents":["a","b"],"top_n":1})");

    script.end = emits({R"({"type":"model","id":"a","context_window":8})"});
    CHECK(run(bench.provider.models()) == Lines{"other"});
    CHECK(script.operation == "models");
    CHECK(script.asked == "{}");
}

TEST_CASE("an exception that leaves the library, if it is C++, leaves the bridge as it was") {
    const Clean clean;
    script.body = [](auto) { throw std::runtime_error("mine"); };
    script.end = emits({finish});
    Bench bench;
    const ChatRequest request;
    auto exchange = bench.provider.chat(request);
    REQUIRE((*exchange)->request());
    testing::Events events;
    CHECK_THROWS((void)(*exchange)->body("x", events));
    CHECK((*exchange)->end(events));
}
