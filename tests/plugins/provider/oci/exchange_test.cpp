// SPDX-License-Identifier: Apache-2.0
// The exchange around the formats: HTTP, retries without refused fields, restarts,
// simulated streams.
#include "plugins/provider/oci/models/quirks.hpp"

#include "plugins/provider/oci/chat/simulated_stream.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

#include <thread>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

Json request_of(Exchange& exchange) {
    auto http = exchange.request();
    REQUIRE(http);
    REQUIRE(*http);
    return Json::parse((**http).body).at("chatRequest");
}

Lines respond(Exchange& exchange, int code, std::string_view body) {
    exchange.head(status(code));
    testing::Events events;
    if (auto ok = exchange.body(body, events); !ok) return lines(Result<std::vector<Event>>(ok.error()));
    if (auto ok = exchange.end(events); !ok) return lines(Result<std::vector<Event>>(ok.error()));
    return lines(events.list);
}

std::unique_ptr<Exchange> begin(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    REQUIRE(exchange);
    return *std::move(exchange);
}

std::string nested(const std::string& code, const std::string& param, const std::string& message = "m") {
    const Json inner = {{"error", {{"message", message}, {"param", param}, {"code", code}}}};
    return Json{{"code", "400"}, {"message", inner.dump()}}.dump();
}

const std::string good =
    R"({"chatResponse":{"choices":[{"message":{"content":[{"type":"TEXT","text":"ok"}]},"finishReason":"stop"}]}})";

}  // namespace

TEST_CASE("requests go to the chat operation, as JSON") {
    Bench bench;
    const ChatRequest request = ask();
    auto exchange = begin(bench.provider, request);
    auto http = exchange->request();
    REQUIRE(http);
    CHECK((**http).method == "POST");
    CHECK((**http).url ==
          "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/chat");
    CHECK((**http).headers.get("content-type") == "application/json");
    CHECK((**http).headers.get("accept") == "application/json, text/event-stream");
    CHECK(!(**http).first_byte_timeout);
    CHECK(exchange->request_id_header() == "opc-request-id");
    const Json body = Json::parse((**http).body);
    CHECK(body["servingMode"] ==
          Json::parse(R"({"servingType":"ON_DEMAND","modelId":"meta.llama-3.3-70b-instruct"})"));
}

TEST_CASE("an endpoint's OCID is dedicated, a model's OCID is on demand, and a key overrides this") {
    Options given = options();
    given.models["my.model"].serving = "dedicated";
    Bench bench(given);
    const std::string endpoint = "ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaaexample";
    const std::string model = "ocid1.generativeaimodel.oc1.us-chicago-1.amaaaaaaexample";
    CHECK(sent(bench.provider, ask(endpoint))["servingMode"] ==
          Json{{"servingType", "DEDICATED"}, {"endpointId", endpoint}});
    CHECK(sent(bench.provider, ask(model))["servingMode"] ==
          Json{{"servingType", "ON_DEMAND"}, {"modelId", model}});
    CHECK(sent(bench.provider, ask("my.model"))["servingMode"] ==
          Json{{"servingType", "DEDICATED"}, {"endpointId", "my.model"}});
}

TEST_CASE("a field that the model refuses is omitted in the retry and in all later requests") {
    for (const std::string& body :
         {nested("unsupported_parameter", "temperature"), nested("unsupported_value", "temperature"),
          fixture("error-400-nested-openai.json"), fixture("error-400-openai-plain.json")}) {
        CAPTURE(body);
        Bench bench;
        ChatRequest request = ask("openai.gpt-9");
        request.sampling.temperature = 0.5;
        request.sampling.top_p = 0.5;
        auto exchange = begin(bench.provider, request);
        CHECK(request_of(*exchange)["temperature"] == 0.5);
        CHECK(!exchange->amend({}));
        CHECK(respond(*exchange, 400, body).at(0).starts_with("error 400: "));
        CHECK(exchange->amend({}));
        const Json again = request_of(*exchange);
        CHECK(!exchange->amend({}));
        CHECK(!again.contains("temperature"));
        CHECK(again["topP"] == 0.5);
        CHECK(respond(*exchange, 200, good) == Lines{"text ok", "finish stop"});

        auto next = begin(bench.provider, request);
        CHECK(!request_of(*next).contains("temperature"));
        request.model = "openai.gpt-8";
        auto other = begin(bench.provider, request);
        CHECK(request_of(*other).contains("temperature"));
    }
}

TEST_CASE("xAI's refusal of stop is understood") {
    Bench bench;
    ChatRequest request = ask("xai.grok-9");
    request.sampling.stop = {"END"};
    auto exchange = begin(bench.provider, request);
    CHECK(request_of(*exchange).contains("stop"));
    respond(*exchange, 400, fixture("error-400-nested-xai.json"));
    CHECK(exchange->amend({}));
    CHECK(!request_of(*exchange).contains("stop"));
}

TEST_CASE("the token limit is renamed once, and the new name is remembered") {
    Bench bench;
    const ChatRequest request = ask("vendor.new");
    auto exchange = begin(bench.provider, request);
    CHECK(request_of(*exchange).contains("maxTokens"));
    respond(*exchange, 400,
            nested("unsupported_parameter", "max_tokens",
                   "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                   "'max_completion_tokens' instead."));
    CHECK(exchange->amend({}));
    CHECK(request_of(*exchange).contains("maxCompletionTokens"));
    respond(*exchange, 400, nested("unsupported_parameter", "maxCompletionTokens"));
    CHECK(!exchange->amend({}));
    auto next = begin(bench.provider, request);
    CHECK(request_of(*next).contains("maxCompletionTokens"));

    const ChatRequest openai = ask("openai.gpt-4.1");
    auto back = begin(bench.provider, openai);
    CHECK(request_of(*back).contains("maxCompletionTokens"));
    respond(*back, 400,
            R"({"code":"400","message":"Argument not supported on this model: maxCompletionTokens"})");
    CHECK(back->amend({}));
    CHECK(request_of(*back).contains("maxTokens"));
}

TEST_CASE("a refused value of a word is not remembered, a wrong limit is not renamed") {
    Bench bench;
    ChatRequest request = ask("vendor.new");
    request.reasoning_effort = "minimal";
    auto exchange = begin(bench.provider, request);
    CHECK(request_of(*exchange)["reasoningEffort"] == "MINIMAL");
    respond(*exchange, 400, nested("unsupported_value", "reasoning_effort"));
    CHECK(exchange->amend({}));
    CHECK(!request_of(*exchange).contains("reasoningEffort"));
    auto next = begin(bench.provider, request);
    CHECK(request_of(*next).contains("reasoningEffort"));
    respond(*next, 400, nested("unsupported_value", "max_tokens"));
    CHECK(!next->amend({}));
}

TEST_CASE(
    "nothing is asked again where it would not help: not sent, not droppable, too often, another status") {
    Bench bench;
    ChatRequest request = ask("vendor.new");
    request.sampling.temperature = 1;
    request.sampling.n = 2;
    auto exchange = begin(bench.provider, request);
    request_of(*exchange);
    for (const char* param : {"top_p", "n", "messages", "model", "", "response_format"}) {
        respond(*exchange, 400, nested("unsupported_parameter", param));
        CHECK(!exchange->amend({}));
        request_of(*exchange);
    }
    respond(*exchange, 500, nested("unsupported_parameter", "temperature"));
    CHECK(!exchange->amend({}));
    request_of(*exchange);
    respond(*exchange, 400, nested("invalid_value", "temperature"));
    CHECK(!exchange->amend({}));

    request.sampling.top_p = request.sampling.presence_penalty = request.sampling.frequency_penalty = 1;
    auto many = begin(bench.provider, request);
    int tries = 0;
    for (const char* param : {"temperature", "topP", "presence_penalty", "frequencyPenalty"}) {
        request_of(*many);
        respond(*many, 400, nested("unsupported_parameter", param));
        tries += many->amend({});
    }
    CHECK(tries == 3);
}

TEST_CASE("learned refusals are bounded and may be used from many threads") {
    oci::LearnedQuirks learned;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&learned, t] {
            for (int i = 0; i < 500; ++i) {
                learned.add("model" + std::to_string(t * 500 + i), {{RequestField::stop}, {}});
                learned.about("model" + std::to_string(i));
            }
        });
    for (std::thread& thread : threads) thread.join();
    int known = 0;
    for (int i = 0; i < 2000; ++i)
        known += learned.about("model" + std::to_string(i)).drop.has(RequestField::stop);
    CHECK(known == 1000);
}

TEST_CASE("request() starts from the beginning in any state") {
    Bench bench;
    const ChatRequest request = ask_stream();
    auto exchange = begin(bench.provider, request);
    request_of(*exchange);
    CHECK(is_one_error(respond(*exchange, 503, "{\"code\":\"503\"")));
    request_of(*exchange);
    CHECK(is_one_error(respond(
        *exchange, 200, sse({R"({"message":{"toolCalls":[{"id":"a","name":"f","arguments":"{"}]}})"}))));
    request_of(*exchange);
    CHECK(is_one_error(respond(*exchange, 200, "{\"chatResponse\":")));
    request_of(*exchange);
    CHECK(respond(*exchange, 200, fixture("generic-tools-whole-stream.sse")).size() == 3);
}

TEST_CASE("a simulated stream requests a non-streaming response and emits it in words") {
    Options given = options();
    given.streaming = "simulated";
    Bench bench(given);
    const ChatRequest request = ask_stream();
    auto exchange = begin(bench.provider, request);
    auto http = exchange->request();
    REQUIRE(http);
    CHECK((**http).first_byte_timeout == std::chrono::minutes(10));
    const Json chat = Json::parse((**http).body)["chatRequest"];
    CHECK(!chat.contains("isStream"));
    CHECK(!chat.contains("streamOptions"));

    const std::string body =
        R"({"chatResponse":{"choices":[{"message":{"reasoningContent":"let me think","content":[{"type":"TEXT","text":"Hello, dear world!\n"}],"toolCalls":[{"id":"c","name":"f","arguments":"{\"city\": \"Ulm\"}"}]},"finishReason":"tool_calls"}],"usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3}}})";
    CHECK(respond(*exchange, 200, body) ==
          Lines{"reasoning let", "reasoning  me", "reasoning  think", "text Hello,", "text  dear",
                "text  world!", "text \n", "call 0 id=c name=f ", "call 0 {\"city\":", "call 0  \"Ulm\"}",
                "finish tool_calls", "usage 1+2=3"});

    // A model's key may enable streaming.  A non-streaming request is not
    // affected.
    given.models["meta.*"].streaming = "native";
    Bench native(given);
    CHECK(chat_sent(native.provider, request)["isStream"] == true);
    CHECK(answer_to(ask(), good, {}, given) == Lines{"text ok", "finish stop"});
}

TEST_CASE("a simulated stream never splits a character, and the number of its pieces is bounded") {
    std::string text;
    for (int i = 0; i < 300'000; ++i) text += i % 7 ? "\xF0\x9F\x98\x80" : " ";
    testing::Events events;
    CuttingSink(events).emit(TextDelta{text, 0});
    CHECK(testing::text(events.list) == text);
    CHECK(events.list.size() <= 4200);
    for (const TextDelta& delta : testing::all<TextDelta>(events.list)) {
        CHECK((static_cast<unsigned char>(delta.text[0]) & 0xC0) != 0x80);
        CHECK(!delta.text.empty());
    }
    // Bytes that are not UTF-8 end too.
    for (const std::string& odd :
         {std::string(100, '\x80'), std::string(100, ' '), std::string("\n"), std::string()}) {
        testing::Events found;
        CuttingSink(found).emit(TextDelta{odd, 0});
        CHECK(testing::text(found.list) == odd);
    }
}
