// SPDX-License-Identifier: Apache-2.0
// Requests that are refused, each with its message; and fields that are taken.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Wrong {
    const char* body;
    const char* param;
    const char* code;
    const char* message;
};

}  // namespace

TEST_CASE("a wrong request names its field, and says what to do") {
    const std::vector<Wrong> rows = {
        {R"({"input":"x"})", "model", "missing_required_parameter", "model is required: the name of a model"},
        {R"({"model":"m"})", "input", "missing_required_parameter",
         "input is required: a string or an array of items"},
        {R"({"model":"m","input":null})", "input", "missing_required_parameter",
         "input is required: a string or an array of items"},
        {R"({"model":"m","input":[]})", "input", "missing_required_parameter",
         "input is required: a message or another item"},
        {R"({"model":"m","input":7})", "input", "invalid_type",
         "input must be a string or an array of items; got 7"},
        {R"({"model":"m","input":["x"]})", "input[0]", "invalid_type",
         "input[0] must be an object with a type; got a string"},
        {R"({"model":"m","input":[{}]})", "input[0].type", "missing_required_parameter",
         "input[0].type is required: such as message or function_call"},
        {R"({"model":"m","input":[{"role":"robot","content":"x"}]})", "input[0].role", "invalid_value",
         "input[0].role must be one of user, assistant, system, developer; got \"robot\""},
        {R"({"model":"m","input":[{"type":"message","content":"x"}]})", "input[0].role",
         "missing_required_parameter", "input[0].role is required: user, assistant, system or developer"},
        {R"({"model":"m","input":[{"role":"user"}]})", "input[0].content", "missing_required_parameter",
         "input[0].content is required: a string or a non-empty array of parts"},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"video"}]}]})",
         "input[0].content[1].type", "invalid_value",
         "input[0].content[1].type must be one of input_text, input_image, input_file, input_audio, output_text, refusal; got \"video\""},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]})",
         "input[0].content[0].text", "missing_required_parameter",
         "input[0].content[0].text is required: a string"},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"ftp://x"}]}]})",
         "input[0].content[0].image_url", "invalid_value",
         "input[0].content[0].image_url must be an http:, https: or data: URL"},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","file_id":"f"}]}]})",
         "input[0].content[0].file_id", "",
         "input[0].content[0].file_id names an uploaded file, which the gateway does not keep: send image_url"},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_file"}]}]})",
         "input[0].content[0].file_data", "missing_required_parameter",
         "input[0].content[0].file_data is required: a data: URL, or else file_url or file_id"},
        {R"({"model":"m","input":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"A"}}]}]})",
         "input[0].content[0].input_audio.format", "invalid_value",
         "input[0].content[0].input_audio.format must be a word such as wav or mp3"},
        {R"({"model":"m","input":[{"type":"function_call","name":"f"}]})", "input[0].call_id",
         "missing_required_parameter", "input[0].call_id is required: the id of the call"},
        {R"({"model":"m","input":[{"type":"function_call","call_id":"a"}]})", "input[0].name",
         "missing_required_parameter", "input[0].name is required: the name of the tool that was called"},
        {R"({"model":"m","input":[{"type":"function_call","call_id":"a","name":"f","arguments":{}}]})",
         "input[0].arguments", "invalid_type", "input[0].arguments must be a string; got an object"},
        {R"({"model":"m","input":[{"type":"function_call_output","output":"x"}]})", "input[0].call_id",
         "missing_required_parameter", "input[0].call_id is required: the id of the call"},
        {R"({"model":"m","input":"x","background":true})", "background", "",
         "background is not available: send false"},
        {R"({"model":"m","input":"x","prompt":{"id":"p"}})", "prompt", "",
         "prompt names a template at OpenAI: send the text as input"},
        {R"({"model":"m","input":"x","conversation":"conv_1"})", "conversation", "",
         "conversation needs a store, and this gateway has none: send the items as input"},
        {R"({"model":"m","input":"x","conversation":{"id":"conv_1"},"previous_response_id":"resp_1"})",
         "previous_response_id", "mutually_exclusive_parameters",
         "previous_response_id cannot be given together with conversation"},
        {R"({"model":"m","input":"x","previous_response_id":"resp_1"})", "previous_response_id", "",
         "previous_response_id needs a store, and this gateway has none: send the items as input"},
        {R"({"model":"m","input":"x","max_output_tokens":0})", "max_output_tokens", "invalid_type",
         "max_output_tokens must be an integer between 1 and 2147483647; got 0"},
        {R"({"model":"m","input":"x","temperature":3})", "temperature", "invalid_type",
         "temperature must be a number between 0 and 2; got 3"},
        {R"({"model":"m","input":"x","text":{"format":{"type":"xml"}}})", "text.format.type", "invalid_value",
         "text.format.type must be one of text, json_object, json_schema; got \"xml\""},
        {R"({"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"n"}}})",
         "text.format.schema", "missing_required_parameter", "text.format.schema is required: a JSON schema"},
        {R"({"model":"m","input":"x","include":"all"})", "include", "invalid_type",
         "include must be an array of strings; got a string"},
        {R"({"model":"m","input":"x","truncation":"oldest"})", "truncation", "invalid_value",
         "truncation must be one of auto, disabled; got \"oldest\""},
        {R"({"model":"m","input":"x","metadata":[]})", "metadata", "invalid_type",
         "metadata must be an object; got an array"},
        {R"({"model":"m","input":"x","tools":[{"type":"function"}]})", "tools[0].name",
         "missing_required_parameter", "tools[0].name is required: the name of the tool"},
        {R"({"model":"m","input":"x","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]})",
         "tools[0].tools[0].name", "missing_required_parameter",
         "tools[0].tools[0].name is required: the name of the tool"},
    };
    for (const Wrong& row : rows) {
        Gateway gateway;
        CAPTURE(row.body);
        const Error error = gateway.refusal(row.body);
        CHECK(error.param == row.param);
        CHECK(error.code == row.code);
        CHECK(error.message == row.message);
        CHECK(status_of(error) == 400);
    }
}

TEST_CASE("null means absent for every field") {
    Gateway gateway;
    Json body = Json::parse(whole());
    for (const char* name : {"background",
                             "conversation",
                             "include",
                             "instructions",
                             "max_output_tokens",
                             "max_tool_calls",
                             "metadata",
                             "parallel_tool_calls",
                             "previous_response_id",
                             "prompt",
                             "prompt_cache_key",
                             "reasoning",
                             "safety_identifier",
                             "service_tier",
                             "store",
                             "stream",
                             "stream_options",
                             "temperature",
                             "text",
                             "tool_choice",
                             "tools",
                             "top_logprobs",
                             "top_p",
                             "truncation",
                             "user",
                             "unknown"})
        body[name] = nullptr;
    const ChatRequest chat = gateway.chat(body.dump());
    CHECK(chat.messages.size() == 1);
    CHECK(!chat.stream);
}

TEST_CASE("fields reach the members of the same meaning") {
    Gateway gateway;
    const ChatRequest chat = gateway.chat(whole(
        R"("max_output_tokens":50,"temperature":0.5,"top_p":0.9,"reasoning":{"effort":"low","summary":"auto"},
           "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{},"strict":true,"description":"d"}},
           "prompt_cache_key":"k","safety_identifier":"s","user":"u","service_tier":"flex","store":true,
           "metadata":{"a":"b"},"client_metadata":{"x":"y"})"));
    CHECK(chat.sampling.max_completion_tokens == 50);
    CHECK(chat.sampling.temperature == 0.5);
    CHECK(chat.reasoning_effort == "low");
    CHECK(chat.reasoning_summary == "auto");
    CHECK(chat.verbosity == "low");
    CHECK(chat.response_format.kind == ResponseFormat::Kind::json_schema);
    CHECK(chat.response_format.description == "d");
    CHECK(chat.prompt_cache_key == "k");
    CHECK(!chat.store);
    CHECK(chat.metadata.empty());
    CHECK(chat.extra.text == R"({"metadata":{"a":"b"},"client_metadata":{"x":"y"}})");
    CHECK(!gateway.sent(whole(R"("client_metadata":{"x":"y"})")).contains("client_metadata"));
}

TEST_CASE("a WebSocket is refused with 426") {
    Gateway gateway;
    http::RequestHead head{.method = "GET", .path = "/v1/responses"};
    head.headers.add("upgrade", "websocket");
    const auto parsed = gateway.dialect.parse(head, "");
    REQUIRE(!parsed);
    CHECK(status_of(parsed.error()) == 426);
    const http::Response response = gateway.dialect.error(parsed.error());
    CHECK(response.head.status == 426);
    CHECK(Json::parse(response.body)["error"]["message"] == "This endpoint has no WebSocket: use POST.");
}

TEST_CASE("a limit on items, parts and tools bounds a request") {
    testing::FakeHost host;
    openai_dialect::Options options;
    options.max_messages = 2;
    options.max_parts = 2;
    options.max_tools = 1;
    openai_dialect::OpenAi dialect(options, host);
    auto refused = [&](const std::string& body) {
        const auto parsed = dialect.parse({.method = "POST", .path = "/v1/responses"}, body);
        REQUIRE(!parsed);
        return parsed.error().message;
    };
    const std::string one = R"({"role":"user","content":"x"})";
    CHECK(refused(with_items(one + "," + one + "," + one)) == "input must have at most 2 items");
    const std::string part = R"({"type":"input_text","text":"x"})";
    CHECK(refused(with_items(R"({"role":"user","content":[)" + part + "," + part + "," + part + "]}")) ==
          "input[0].content is one of too many: all items together may have 2 content parts");
    CHECK(refused(whole(R"("tools":[{"type":"function","name":"a"},{"type":"function","name":"b"}])")) ==
          "tools is too long: all lists together may have 1 tools");
}
