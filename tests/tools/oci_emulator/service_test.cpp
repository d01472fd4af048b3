// SPDX-License-Identifier: Apache-2.0
// The emulated service without sockets: headers, framing, faults.
#include "tools/oci_emulator/service.hpp"
#include "tests/tools/oci_emulator/support.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

Service open_service() {
    Settings settings;
    settings.signature.mode = SignatureRules::Mode::off;
    return Service(std::move(settings));
}

std::string chat_body(const std::string& text, const std::string& more = "") {
    return R"({"compartmentId":"ocid1.compartment.oc1..a","servingMode":{"servingType":"ON_DEMAND","modelId":"meta.llama-3.3-70b-instruct"},
        "chatRequest":{"apiFormat":"GENERIC","messages":[{"role":"USER","content":[{"type":"TEXT","text":)" +
           Json(text).dump() + "}]}]" + more + "}}";
}
constexpr const char* streamed = R"(,"isStream":true)";

const http::RequestHead chat_head{.method = "POST", .path = "/20231130/actions/chat"};

std::string all_bytes(const Script& script) {
    std::string bytes;
    for (const Script::Step& step : script.steps) bytes += step.bytes;
    return bytes;
}

std::string text_of(const Script& script) {
    std::string text;
    for (const std::string& event : events_of(all_bytes(script)))
        if (auto tree = parse_json(event); tree && tree->contains("message"))
            text += tree->at("message").at("content").at(0).at("text").get<std::string>();
    return text;
}

}  // namespace

TEST_CASE("a stream is framed exactly as recorded") {
    Service service = open_service();
    const Script script = service.answer(
        chat_head, chat_body("hi", R"(,"isStream":true,"streamOptions":{"isIncludeUsage":true})"));
    CHECK(script.head.status == 200);
    CHECK(script.head.headers.get("content-type") == "text/event-stream");
    CHECK(script.head.headers.get("cache-control") == "no-cache");
    CHECK(script.head.headers.get("opc-request-id").size() == 98);
    for (const Script::Step& step : script.steps) {
        CHECK(step.bytes.starts_with("data: "));
        CHECK(step.bytes.find('\n') == step.bytes.size() - 2);
        CHECK(step.bytes.ends_with("\n\n"));
    }
    const auto events = events_of(all_bytes(script));
    CHECK(events.back() == "[DONE]");
    CHECK(parse_json(events.at(events.size() - 2))->contains("usage"));
    CHECK(text_of(script) == "You said: hi");
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
        const std::string pad = parse_json(events[i])->at("pad");
        CHECK(pad.size() >= 1);
        CHECK(pad.size() <= 12);
        CHECK(pad == std::string(pad.size(), 'a'));
    }
}

TEST_CASE("usage is sent only on request") {
    Service service = open_service();
    for (const char* more : {streamed, R"(,"isStream":true,"streamOptions":{"isIncludeUsage":false})"})
        CHECK(all_bytes(service.answer(chat_head, chat_body("hi", more))).find("\"usage\"") ==
              std::string::npos);
}

TEST_CASE("a valid client request id comes back, and an invalid one does not") {
    Service service = open_service();
    http::RequestHead head = chat_head;
    head.headers.add("opc-request-id", "ABC/1-2_3");
    CHECK(service.answer(head, chat_body("hi")).head.headers.get("opc-request-id") == "ABC/1-2_3");
    head.headers.set("opc-request-id", "<script>");
    CHECK(service.answer(head, chat_body("hi")).head.headers.get("opc-request-id") != "<script>");
}

TEST_CASE("the signature is checked first") {
    Settings settings;
    settings.keys.add(new_key());
    Service service(std::move(settings));
    const Script script = service.answer(chat_head, "no JSON");
    CHECK(script.head.status == 401);
    CHECK(all_bytes(script) == fixture("error-401-not-authenticated.json"));
    CHECK(script.head.headers.get("x-emulator-reason") == "no Authorization");
    CHECK(service.stats.unsigned_ == 1);
}

TEST_CASE("errors have the service's form") {
    Service service = open_service();
    CHECK(service.answer(chat_head, "{").head.status == 400);
    CHECK(service.answer(chat_head, "[]").head.status == 400);
    CHECK(service.answer({.method = "GET", .path = "/20231130/actions/chat"}, "").head.status == 405);
    CHECK(service.answer({.method = "GET", .path = "/"}, "").head.status == 404);
    CHECK(service.answer({.method = "POST", .path = "/20231130/actions/summarizeText"}, "{}").head.status ==
          501);
    for (const auto& [status, file] :
         {std::pair(429, "error-429-too-many-requests.json"), std::pair(500, "error-500-internal.json"),
          std::pair(503, "error-503-unavailable.json"), std::pair(409, "error-409-incorrect-state.json"),
          std::pair(413, "error-413-too-large.json"),
          std::pair(404, "error-404-not-authorized-named.json")}) {
        const Script script =
            service.answer(chat_head, chat_body("mock:err:" + std::to_string(status) + ":env:7"));
        CHECK(script.head.status == status);
        CHECK(*parse_json(all_bytes(script)) == *parse_json(fixture(file)));
        CHECK(script.head.headers.get("retry-after") == "7");
        CHECK(script.head.headers.has("opc-request-id"));
    }
    CHECK_FALSE(service.answer(chat_head, chat_body("mock:err:429:env")).head.headers.has("retry-after"));
    const Script balancer = service.answer(chat_head, chat_body("mock:err:502"));
    CHECK(balancer.head.status == 502);
    CHECK(balancer.head.headers.get("content-type") == "text/html");
    CHECK_FALSE(balancer.head.headers.has("opc-request-id"));
    CHECK(service.answer(chat_head, chat_body("mock:err:200 mock:err:999 mock:err: hammock:err:500"))
              .head.status == 200);
}

TEST_CASE("unsupported operations get 501, not 404") {
    Service service = open_service();
    for (const auto& [operation, file] : {std::pair("generateText", "req-generatetext-cohere.json"),
                                          std::pair("generateText", "req-generatetext-llama.json"),
                                          std::pair("summarizeText", "req-summarize.json")}) {
        const Script script = service.answer(
            {.method = "POST", .path = std::string("/20231130/actions/") + operation}, fixture(file));
        CHECK(script.head.status == 501);
        CHECK(parse_json(all_bytes(script))->at("code") == "MethodNotImplemented");
    }
}

TEST_CASE("an unknown model's error has a numeric code") {
    Service service = open_service();
    std::string body = chat_body("hi");
    body.replace(body.find("meta.llama-3.3-70b-instruct"), 27, "cohere.does-not-exist");
    CHECK(*parse_json(all_bytes(service.answer(chat_head, body))) ==
          *parse_json(fixture("error-404-model-not-found.json")));
}

TEST_CASE("mock words change a stream") {
    Service service = open_service();
    const auto answer = [&](const std::string& text, const char* more = streamed) {
        return service.answer(chat_head, chat_body(text, more));
    };
    SUBCASE("too long a prompt") {
        const Script script = answer("mock:toolong");
        CHECK(script.head.status == 400);
        CHECK(all_bytes(script).find("maximum context length is 131072 tokens") != std::string::npos);
    }
    SUBCASE("cut") {
        const Script script = answer("mock:miderr a b c d");
        CHECK(script.cut);
        CHECK(text_of(script) == "You said:");  // the empty first event is the first of three
        CHECK(all_bytes(script).find("[DONE]") == std::string::npos);
    }
    SUBCASE("cut with few words") {
        const Script script = answer("mock:miderr", R"(,"isStream":true,"maxTokens":1)");
        CHECK(script.cut);
        CHECK(all_bytes(script).find("finishReason") == std::string::npos);
    }
    SUBCASE("drip") {
        const Script script = answer("mock:drip:40 a b");
        int waits = 0;
        for (const Script::Step& step : script.steps) waits += step.before == std::chrono::milliseconds(40);
        CHECK(waits == 6);
        CHECK(answer("mock:drip:40 a b", "").wait == std::chrono::milliseconds(40 * 5));
    }
    SUBCASE("an error as an event") {
        const auto events = events_of(all_bytes(answer("mock:errevent a b c")));
        CHECK(parse_json(events.back())->at("message") == "Internal Server Error");
    }
    SUBCASE("no finish, no end, garbage, wait, reset") {
        CHECK(all_bytes(answer("mock:nofinish")).find("finishReason") == std::string::npos);
        CHECK(all_bytes(answer("mock:nodone")).find("[DONE]") == std::string::npos);
        CHECK_FALSE(parse_json(events_of(all_bytes(answer("mock:garbage a b c"))).back()));
        CHECK(answer("mock:wait:1500").wait == std::chrono::milliseconds(1500));
        CHECK(answer("mock:reset").reset);
    }
    SUBCASE("split at odd places") {
        const Script script = answer("mock:split:3 Grüße");
        for (const Script::Step& step : script.steps) CHECK(step.bytes.size() <= 3);
        CHECK(text_of(script) == "You said: mock:split:3 Grüße");
    }
    SUBCASE("long") {
        const Script script = answer("mock:long:5");
        CHECK(text_of(script) == "word1 word2 word3 word4 word5");
    }
    SUBCASE("a non-streaming response is cut in the middle") {
        const Script script = answer("mock:miderr", "");
        CHECK(script.cut);
        CHECK_FALSE(script.whole);
        CHECK_FALSE(parse_json(all_bytes(script)));
    }
}

TEST_CASE("a flaky request fails the given number of times") {
    Service service = open_service();
    const auto status = [&](const std::string& text) {
        return service.answer(chat_head, chat_body(text)).head.status;
    };
    CHECK(status("mock:flaky:2:503 x") == 503);
    CHECK(status("mock:flaky:2:503 y") == 503);
    CHECK(status("mock:flaky:2:503 x") == 503);
    CHECK(status("mock:flaky:2:503 x") == 200);
    service.control({.method = "POST", .path = "/_emulator/reset"}, "");
    CHECK(status("mock:flaky:2:503 x") == 503);
}

TEST_CASE("the last request is recorded without its authorization") {
    Service service = open_service();
    http::RequestHead head = chat_head;
    head.headers = {{"authorization", "secret"}, {"accept-encoding", "identity"}};
    service.answer(head, chat_body("hi"));
    const Json last = *parse_json(service.control({.path = "/_emulator/last"}, "").body);
    CHECK(last.at("headers") == Json({{"accept-encoding", "identity"}}));
    CHECK(last.at("body").at("chatRequest").at("apiFormat") == "GENERIC");

    service.answer({.method = "GET", .path = "/20231130/models"}, "");
    CHECK(*parse_json(service.control({.path = "/_emulator/last"}, "").body) == last);
}
