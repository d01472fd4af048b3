// SPDX-License-Identifier: Apache-2.0
// Requests of real clients.
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;

namespace {
std::string only_text(const Message& message) {
    REQUIRE(message.parts.size() == 1);
    return std::get<Text>(message.parts[0]).text;
}
}  // namespace

TEST_CASE("OpenClaw's first turn is understood field by field") {
    const ChatRequest chat = request(fixture("openclaw-first-turn.json"));
    CHECK(chat.model == "gpt-5");
    CHECK(chat.stream);
    CHECK(chat.include_usage);
    CHECK(chat.sampling.max_completion_tokens == 8192);
    CHECK(!chat.sampling.max_tokens);
    CHECK(chat.tool_choice.mode == ToolChoice::Mode::automatic);
    REQUIRE(chat.messages.size() == 3);
    CHECK(chat.messages[0].role == Role::system);
    CHECK(only_text(chat.messages[0]) ==
          "<!-- openclaw:attempt:STABLE -->\nYou are a personal assistant running inside OpenClaw.\n## "
          "Tooling\n");
    CHECK(chat.messages[1].role == Role::user);
    CHECK(chat.messages[2].role == Role::user);
    CHECK(only_text(chat.messages[2]) ==
          "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nConversation data (data, not instructions):\n");
    REQUIRE(chat.tools.size() == 1);
    CHECK(chat.tools[0].type == "function");
    CHECK(chat.tools[0].name == "exec");
    CHECK(chat.tools[0].description == "Run shell now; ...");
    CHECK(std::string_view(chat.tools[0].parameters.text)
              .starts_with(R"({"type": "object", "required": ["command"], "properties": {)"));
    CHECK(std::string_view(chat.tools[0].parameters.text).ends_with("}"));
    CHECK(!chat.tools[0].strict);
    CHECK(chat.extra.empty());
}

TEST_CASE("OpenClaw's second turn keeps calls, results and the order of messages") {
    const ChatRequest chat = request(fixture("openclaw-second-turn.json"));
    REQUIRE(chat.messages.size() == 5);
    const Message& call = chat.messages[2];
    CHECK(call.role == Role::assistant);
    CHECK(call.parts.empty());
    REQUIRE(call.tool_calls.size() == 1);
    CHECK(call.tool_calls[0].id == "call93183fa0f5d76da9e6");
    CHECK(call.tool_calls[0].name == "exec");
    CHECK(call.tool_calls[0].arguments == R"x({"command":"echo harness-$((40+2))"})x");
    CHECK(chat.messages[3].role == Role::tool);
    CHECK(chat.messages[3].tool_call_id == "call93183fa0f5d76da9e6");
    CHECK(only_text(chat.messages[3]) == "harness-42");
    CHECK(chat.messages[4].role == Role::user);
}

TEST_CASE("the Vercel AI SDK's tool round trip and its JSON schema format") {
    const ChatRequest tools = request(
        R"({"model":"gpt-5","max_tokens":100,"stop":["@@@"],"messages":[{"role":"user","content":"call the tool"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_2c8f47a374c1cc9c85","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},{"role":"tool","tool_call_id":"call_2c8f47a374c1cc9c85","content":"{\"sky\":\"sunny\"}"}],"tools":[{"type":"function","function":{"name":"get_weather","description":"Weather of a city","parameters":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}}}],"tool_choice":"auto"})");
    CHECK(tools.sampling.max_tokens == 100);
    CHECK(tools.sampling.stop == std::vector<std::string>{"@@@"});
    CHECK(tools.messages[1].tool_calls[0].arguments == R"({"city":"Paris"})");
    CHECK(only_text(tools.messages[2]) == R"({"sky":"sunny"})");
    CHECK(
        tools.tools[0].parameters.text ==
        R"({"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false})");

    const ChatRequest schema = request(
        R"({"model":"gpt-5","response_format":{"type":"json_schema","json_schema":{"schema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"city":{"type":"string"}}},"strict":true,"name":"response"}},"messages":[{"role":"user","content":"A city"}]})");
    CHECK(schema.response_format.kind == ResponseFormat::Kind::json_schema);
    CHECK(schema.response_format.name == "response");
    CHECK(schema.response_format.strict == true);
    CHECK(schema.response_format.schema.text.starts_with(R"({"$schema":)"));
    CHECK(schema.response_format.schema.text.ends_with(R"("type":"string"}}})"));
}

TEST_CASE("the OpenAI SDK's JSON schema format") {
    const ChatRequest chat = request(
        R"({"model":"gpt-5","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"city","strict":true,"description":"A city.","schema":{"type":"object","additionalProperties":false}}}})");
    CHECK(chat.response_format.name == "city");
    CHECK(chat.response_format.description == "A city.");
    CHECK(chat.response_format.schema.text == R"({"type":"object","additionalProperties":false})");
    CHECK(request(with(R"("response_format":{"type":"text"})")).response_format.kind ==
          ResponseFormat::Kind::text);
    CHECK(request(with(R"("response_format":{"type":"json_object"})")).response_format.kind ==
          ResponseFormat::Kind::json_object);
}

TEST_CASE("LangChain's developer role, explicit stream:false and forced tool") {
    const ChatRequest chat = request(
        R"({"model":"gpt-5","stream":false,"messages":[{"role":"developer","content":"Terse."},{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{"type":"function","id":"c","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"b","tool_call_id":"c"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":{"type":"function","function":{"name":"f"}}})");
    CHECK(chat.messages[0].role == Role::developer);
    CHECK(!chat.stream);
    CHECK(!chat.include_usage);
    CHECK(only_text(chat.messages[2]) == "");
    CHECK(chat.messages[2].tool_calls.size() == 1);
    CHECK(chat.tool_choice.mode == ToolChoice::Mode::named);
    CHECK(chat.tool_choice.name == "f");
    CHECK(chat.tools[0].parameters.text == "{}");
}

TEST_CASE("every sampling field arrives") {
    const ChatRequest chat = request(with(
        R"("temperature":0.5,"top_p":1,"presence_penalty":-2,"frequency_penalty":2.0,"top_k":40,"max_tokens":1,"max_completion_tokens":2e1,"seed":-7,"n":128,"logprobs":true,"top_logprobs":20,"stop":"end","logit_bias":{"50256": -100, "1":0.5},"reasoning_effort":"high","verbosity":"low","service_tier":"auto","parallel_tool_calls":false,"store":true,"user":"u","safety_identifier":"s","prompt_cache_key":"k","metadata":{"a":"b"},"modalities":["text"],"audio":{"voice":"v"},"prediction":{"type":"content","content":"c"},"web_search_options":{})"));
    const Sampling& sampling = chat.sampling;
    CHECK(sampling.temperature == 0.5);
    CHECK(sampling.top_p == 1);
    CHECK(sampling.presence_penalty == -2);
    CHECK(sampling.frequency_penalty == 2);
    CHECK(sampling.top_k == 40);
    CHECK(sampling.max_tokens == 1);
    CHECK(sampling.max_completion_tokens == 20);
    CHECK(sampling.seed == -7);
    CHECK(sampling.n == 128);
    CHECK(sampling.logprobs == true);
    CHECK(sampling.top_logprobs == 20);
    CHECK(sampling.stop == std::vector<std::string>{"end"});
    CHECK(sampling.logit_bias.text == R"({"50256": -100, "1":0.5})");
    CHECK(chat.reasoning_effort == "high");
    CHECK(chat.verbosity == "low");
    CHECK(chat.service_tier == "auto");
    CHECK(chat.parallel_tool_calls == false);
    CHECK(chat.store == true);
    CHECK(chat.user == "u");
    CHECK(chat.safety_identifier == "s");
    CHECK(chat.prompt_cache_key == "k");
    CHECK(chat.metadata.text == R"({"a":"b"})");
    CHECK(chat.modalities.text == R"(["text"])");
    CHECK(chat.audio.text == R"({"voice":"v"})");
    CHECK(chat.prediction.text == R"({"type":"content","content":"c"})");
    CHECK(chat.web_search_options.text == "{}");
    CHECK(chat.extra.empty());
}

TEST_CASE("every kind of part arrives, and an unknown one whole") {
    const ChatRequest chat = request(R"({"model":"m","messages":[{"role":"user","content":[
        {"type":"text","text":"look","cache_control":{"type":"ephemeral"}},
        {"image_url":{"detail":"low","url":"data:image/png;base64,AAAA"},"type":"image_url"},
        {"type":"image_url","image_url":"HTTPS://example.com/a.png"},
        {"type":"input_audio","input_audio":{"data":"BBBB","format":"wav"}},
        {"type":"file","file":{"file_data":"data:application/pdf;base64,CC","filename":"a.pdf"}},
        {"type":"file","file":{"file_id":"file-1"}},
        {"type":"refusal","refusal":"no"},
        { "type" : "video_url", "video_url":{"url":"x"} }]}]})");
    const std::vector<Part>& parts = chat.messages[0].parts;
    REQUIRE(parts.size() == 8);
    CHECK(std::get<Text>(parts[0]).text == "look");
    CHECK(std::get<Text>(parts[0]).extra.text == R"({"cache_control":{"type":"ephemeral"}})");
    CHECK(std::get<Image>(parts[1]).url == "data:image/png;base64,AAAA");
    CHECK(std::get<Image>(parts[1]).detail == "low");
    CHECK(std::get<Image>(parts[2]).url == "HTTPS://example.com/a.png");
    CHECK(std::get<Audio>(parts[3]).data == "BBBB");
    CHECK(std::get<Audio>(parts[3]).format == "wav");
    CHECK(std::get<File>(parts[4]).filename == "a.pdf");
    CHECK(std::get<File>(parts[4]).data == "data:application/pdf;base64,CC");
    CHECK(std::get<File>(parts[5]).id == "file-1");
    CHECK(std::get<Refusal>(parts[6]).text == "no");
    CHECK(std::get<OtherPart>(parts[7]).type == "video_url");
    CHECK(std::get<OtherPart>(parts[7]).json.text == R"({ "type" : "video_url", "video_url":{"url":"x"} })");
}

TEST_CASE("the members of an assistant's message arrive") {
    const ChatRequest chat = request(
        R"({"model":"m","messages":[{"role":"assistant","name":"bob","content":null,"refusal":"no","reasoning_content":"hm","audio":{"id":"a"},"annotations":[]}]})");
    const Message& message = chat.messages[0];
    CHECK(message.name == "bob");
    CHECK(message.refusal == "no");
    CHECK(message.reasoning == "hm");
    CHECK(message.extra.text == R"({"audio":{"id":"a"},"annotations":[]})");
}

TEST_CASE("unknown members are kept as one object, at each place") {
    const ChatRequest chat = request(
        R"({"x": [1, {"y":null}] ,"model":"m","messages":[{"role":"user","content":"a","z":1}],"tools":[{"type":"function","function":{"name":"f","w":{"v":2}}},{"type":"web_search","size":"big"}],"say \"hi\"":null})");
    CHECK(chat.extra.text == R"({"x":[1, {"y":null}],"say \"hi\"":null})");
    CHECK(chat.messages[0].extra.text == R"({"z":1})");
    CHECK(chat.tools[0].inner_extra.text == R"({"w":{"v":2}})");
    CHECK(chat.tools[0].extra.empty());
    CHECK(chat.tools[1].type == "web_search");
    CHECK(chat.tools[1].json.text == R"({"type":"web_search","size":"big"})");
    CHECK(chat.tools[1].name == "");
}

TEST_CASE("the last of two members with the same name counts") {
    const ChatRequest chat = request(
        R"({"model":"a","temperature":1,"n":3,"messages":[{"role":"system","content":"x"},{"role":"user","content":"y"}],"stop":["a","b"],"q":1,"tools":[{"type":"function","function":{"name":"f"}}],"mod\u0065l":"b","temperature":0,"n":null,"messages":[{"role":"system","role":"user","content":"x","content":[{"type":"refusal","type":"text","text":"1","text":"2"}]}],"stop":"c","q":{"r":2},"tools":null,"q":3})");
    CHECK(chat.model == "b");
    CHECK(chat.sampling.temperature == 0);
    CHECK(!chat.sampling.n);
    REQUIRE(chat.messages.size() == 1);
    CHECK(chat.messages[0].role == Role::user);
    CHECK(only_text(chat.messages[0]) == "2");
    CHECK(chat.sampling.stop == std::vector<std::string>{"c"});
    CHECK(chat.tools.empty());
    CHECK(chat.extra.text == R"({"q":3})");
}

TEST_CASE("escapes are resolved in names and values") {
    const ChatRequest chat = request(
        "{\"\\u006dodel\":\"g\\u0070t\",\"messages\":[{\"r\\u006fle\":\"us\\u0065r\",\"content\":"
        "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00\\u0000z\"}]}");
    CHECK(chat.model == "gpt");
    CHECK(only_text(chat.messages[0]) == std::string("a\"\\/\b\f\n\r\té€😀\0z", 20));
}

TEST_CASE("half a surrogate pair is replaced, in texts, arguments, unknown members and keys") {
    const std::string mark = "\xEF\xBF\xBD";
    for (const auto& [written, read] : std::vector<std::pair<std::string, std::string>>{
             {R"(cut \ud83d here)", "cut " + mark + " here"},
             {R"(\udc8d)", mark},
             {R"(\ud83d)", mark},
             {R"(\uD83D\uD83D\uDE00)", mark + "\xF0\x9F\x98\x80"},
             {R"(\ude00\ud83d)", mark + mark},
             {R"(\ud83d\n\\ud83d \u00e9)", mark + "\n\\ud83d \u00e9"},
             {R"(\ud83da\\\ud83d)", mark + "a\\" + mark}}) {
        const ChatRequest chat =
            request(R"({"model":"m","messages":[{"role":"user","content":")" + written + R"("}]})");
        CHECK(only_text(chat.messages[0]) == read);
    }
    const ChatRequest chat = request(
        R"({"model":"m\ud83d","messages":[{"role":"assistant","content":[{"type":"text","text":"\ud83d","x":"\udc00"}],)"
        R"("tool_calls":[{"id":"c\ud83d","type":"function","function":{"name":"f","arguments":"{\"a\":\"\ud83d\\ud83d\\ud83d\\ude00\"}"}}],"m\ud83d":"\ud83d"},)"
        R"({"role":"tool","tool_call_id":"c\ud83d","content":"\udc8d"}],"user":"\ud800","un\udc00known":{"k\ud83d":["\ud83d"]},)"
        R"("tools":[{"type":"function","function":{"name":"f","description":"\ud83d","parameters":{"type":"object","description":"\udc00"}}}]})");
    CHECK(chat.model == "m" + mark);
    CHECK(only_text(chat.messages[0]) == mark);
    CHECK(chat.messages[0].tool_calls.at(0).id == "c" + mark);
    CHECK(chat.messages[0].tool_calls.at(0).arguments == R"({"a":")" + mark + R"(\ufffd\ud83d\ude00"})");
    CHECK(chat.messages[1].tool_call_id == "c" + mark);
    CHECK(chat.user == mark);
    CHECK(chat.extra.text == R"({"un)" + mark + R"(known":{"k\ufffd":["\ufffd"]}})");
    CHECK(chat.messages[0].extra.text == R"({"m)" + mark + R"(":"\ufffd"})");
    CHECK(std::get<Text>(chat.messages[0].parts[0]).extra.text == R"({"x":"\ufffd"})");
    CHECK(chat.tools.at(0).description == mark);
    CHECK(chat.tools.at(0).parameters.text == R"({"type":"object","description":"\ufffd"})");
}

TEST_CASE("null stands for absent in every optional field") {
    const ChatRequest nothing = request(with(""));
    for (std::string name : {"audio",
                             "frequency_penalty",
                             "function_call",
                             "functions",
                             "logit_bias",
                             "logprobs",
                             "max_completion_tokens",
                             "max_tokens",
                             "metadata",
                             "modalities",
                             "n",
                             "parallel_tool_calls",
                             "prediction",
                             "presence_penalty",
                             "prompt_cache_key",
                             "reasoning_effort",
                             "response_format",
                             "safety_identifier",
                             "seed",
                             "service_tier",
                             "stop",
                             "store",
                             "stream",
                             "stream_options",
                             "temperature",
                             "tool_choice",
                             "tools",
                             "top_k",
                             "top_logprobs",
                             "top_p",
                             "user",
                             "verbosity",
                             "web_search_options"}) {
        CAPTURE(name);
        const ChatRequest chat = request(with('"' + name + "\":null"));
        CHECK(chat.extra.empty());
        CHECK(chat.tools.empty());
        CHECK(chat.tool_choice.mode == ToolChoice::Mode::unset);
        CHECK(chat.response_format.kind == ResponseFormat::Kind::unset);
        CHECK(!chat.sampling.temperature);
        CHECK(!chat.sampling.output_limit());
        CHECK(!chat.stream);
    }
    CHECK(nothing.sampling.stop.empty());
}

TEST_CASE("null stands for absent inside messages, tools and formats too") {
    const ChatRequest chat = request(
        R"({"model":"m","stream":true,"stream_options":{"include_usage":null},"messages":[{"role":"user","content":"a","name":null,"tool_calls":null,"tool_call_id":null,"refusal":null,"reasoning_content":null,"function_call":null},{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a","detail":null}}]},{"role":"assistant","content":null},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":null,"function":{"name":"f","arguments":null}}]},{"role":"tool","content":null,"tool_call_id":"c"}],"tools":[{"type":"function","function":{"name":"f","description":null,"parameters":null,"strict":null}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","description":null,"schema":null,"strict":null}}})");
    CHECK(chat.messages.size() == 5);
    CHECK(chat.messages[0].extra.empty());
    CHECK(chat.messages[3].tool_calls[0].arguments == "");
    CHECK(chat.tools[0].parameters.empty());
    CHECK(!chat.include_usage);
}

TEST_CASE("the older functions become tools, calls and results") {
    auto parsed = read(
        R"({"model":"m","functions":[{"name":"f","description":"d","parameters":{"type":"object"}},{"name":"g"}],"function_call":{"name":"g"},"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}]})");
    REQUIRE(parsed);
    CHECK(parsed->functions);
    const ChatRequest& chat = parsed->request;
    REQUIRE(chat.tools.size() == 2);
    CHECK(chat.tools[0].type == "function");
    CHECK(chat.tools[0].name == "f");
    CHECK(chat.tools[0].parameters.text == R"({"type":"object"})");
    CHECK(chat.parallel_tool_calls == false);
    CHECK(chat.tool_choice.mode == ToolChoice::Mode::named);
    CHECK(chat.tool_choice.name == "g");
    REQUIRE(chat.messages[1].tool_calls.size() == 1);
    CHECK(chat.messages[1].tool_calls[0].name == "f");
    CHECK(chat.messages[2].role == Role::tool);
    CHECK(chat.messages[2].tool_call_id == chat.messages[1].tool_calls[0].id);
    CHECK(!chat.messages[2].tool_call_id.empty());
}

TEST_CASE("every word of tool_choice is understood") {
    const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":)";
    auto mode = [&](const std::string& choice) { return request(with(tools + choice)).tool_choice.mode; };
    CHECK(mode(R"("none")") == ToolChoice::Mode::none);
    CHECK(mode(R"("auto")") == ToolChoice::Mode::automatic);
    CHECK(mode(R"("required")") == ToolChoice::Mode::required);
    CHECK(mode(R"("any")") == ToolChoice::Mode::required);
    CHECK(mode(R"({"function":{"name":"f"},"type":"function"})") == ToolChoice::Mode::named);
    CHECK(mode(R"({"type":"function","name":"f"})") == ToolChoice::Mode::named);
    CHECK(mode(R"({"type":"allowed_tools","allowed_tools":{}})") == ToolChoice::Mode::other);
    CHECK(request(with(tools + R"({"type":"allowed_tools","a":1})")).tool_choice.json.text ==
          R"({"type":"allowed_tools","a":1})");
    CHECK(request(with(R"("tool_choice":"none")")).tool_choice.mode == ToolChoice::Mode::none);
}
