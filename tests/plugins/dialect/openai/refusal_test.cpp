// SPDX-License-Identifier: Apache-2.0
// Refused requests: field and message.
#include "tests/plugins/dialect/openai/helper.hpp"

using namespace gatehouse;
using namespace gatehouse::openai_dialect::testing;

TEST_CASE("each field with a wrong type or range is named, with what was expected and what came") {
    for (const Wrong& wrong : std::initializer_list<Wrong>{
             {R"("stream":"true")", "stream", "must be true or false; got a string"},
             {R"("stream":1)", "stream", "must be true or false; got 1"},
             {R"("stream_options":true)", "stream_options", "must be an object; got true"},
             {R"("stream_options":{"include_usage":"yes"})", "stream_options.include_usage",
              "must be true or false; got a string"},
             {R"("temperature":"0.7")", "temperature", "must be a number between 0 and 2; got a string"},
             {R"("temperature":2.1)", "temperature", "must be a number between 0 and 2; got 2.1"},
             {R"("temperature":-0.1)", "temperature", "must be a number between 0 and 2; got -0.1"},
             {R"("temperature":[1])", "temperature", "must be a number between 0 and 2; got an array"},
             {R"("top_p":1.01)", "top_p", "must be a number between 0 and 1; got 1.01"},
             {R"("top_p":{})", "top_p", "must be a number between 0 and 1; got an object"},
             {R"("presence_penalty":-3)", "presence_penalty", "must be a number between -2 and 2; got -3"},
             {R"("frequency_penalty":2.5)", "frequency_penalty",
              "must be a number between -2 and 2; got 2.5"},
             {R"("frequency_penalty":false)", "frequency_penalty",
              "must be a number between -2 and 2; got false"},
             {R"("max_tokens":0)", "max_tokens", "must be an integer between 1 and 2147483647; got 0"},
             {R"("max_tokens":1.5)", "max_tokens", "must be an integer between 1 and 2147483647; got 1.5"},
             {R"("max_tokens":"10")", "max_tokens",
              "must be an integer between 1 and 2147483647; got a string"},
             {R"("max_tokens":1e300)", "max_tokens",
              "must be an integer between 1 and 2147483647; got 1e300"},
             {R"("max_tokens":1e400)", "max_tokens",
              "must be an integer between 1 and 2147483647; got 1e400"},
             {R"("temperature":-123456789012345678901234567890)", "temperature",
              "must be a number between 0 and 2; got -123456789012345678901234567890"},
             {R"("max_tokens":123456789012345678901234567890)", "max_tokens",
              "must be an integer between 1 and 2147483647; got 123456789012345678901234567890"},
             {R"("max_completion_tokens":-1)", "max_completion_tokens",
              "must be an integer between 1 and 2147483647; got -1"},
             {R"("n":0)", "n", "must be an integer between 1 and 128; got 0"},
             {R"("n":129)", "n", "must be an integer between 1 and 128; got 129"},
             {R"("n":true)", "n", "must be an integer between 1 and 128; got true"},
             {R"("top_k":-2)", "top_k", "must be an integer between -1 and 2147483647; got -2"},
             {R"("seed":0.5)", "seed",
              "must be an integer between -9223372036854775808 and 9223372036854775807; got 0.5"},
             {R"("seed":18446744073709551615)", "seed",
              "must be an integer between -9223372036854775808 and 9223372036854775807; got "
              "18446744073709551615"},
             {R"("logprobs":1)", "logprobs", "must be true or false; got 1"},
             {R"("top_logprobs":21,"logprobs":true)", "top_logprobs",
              "must be an integer between 0 and 20; got 21"},
             {R"("top_logprobs":2)", "top_logprobs", "needs logprobs to be true"},
             {R"("stop":5)", "stop", "must be a string or an array of strings; got 5"},
             {R"("stop":["a",5])", "stop[1]", "must be a string; got 5"},
             {R"("stop":["a",null])", "stop[1]", "must be a string; got null"},
             {R"("stop":["a","b","c","d","e"])", "stop", "must have at most 4 strings"},
             {R"("logit_bias":[])", "logit_bias", "must be an object of numbers by token id; got an array"},
             {R"("logit_bias":{"1":"a"})", "logit_bias.1",
              "must be a number between -100 and 100; got a string"},
             {R"("logit_bias":{"1":101})", "logit_bias.1", "must be a number between -100 and 100; got 101"},
             {R"("reasoning_effort":3)", "reasoning_effort", "must be a string; got 3"},
             {R"("verbosity":{})", "verbosity", "must be a string; got an object"},
             {R"("service_tier":[])", "service_tier", "must be a string; got an array"},
             {R"("user":7)", "user", "must be a string; got 7"},
             {R"("safety_identifier":7)", "safety_identifier", "must be a string; got 7"},
             {R"("prompt_cache_key":7)", "prompt_cache_key", "must be a string; got 7"},
             {R"("store":"no")", "store", "must be true or false; got a string"},
             {R"("parallel_tool_calls":"no")", "parallel_tool_calls", "must be true or false; got a string"},
             {R"("metadata":[])", "metadata", "must be an object; got an array"},
             {R"("audio":"a")", "audio", "must be an object; got a string"},
             {R"("prediction":"a")", "prediction", "must be an object; got a string"},
             {R"("web_search_options":1)", "web_search_options", "must be an object; got 1"},
             {R"("modalities":"text")", "modalities", "must be an array of strings; got a string"},
             {R"("modalities":["text",1])", "modalities[1]", "must be a string; got 1"},
             {R"("response_format":"json")", "response_format",
              "must be an object with a type; got a string"},
             {R"("response_format":{})", "response_format.type", "is required: a string"},
             {R"("response_format":{"type":1})", "response_format.type", "must be a string; got 1"},
             {R"("response_format":{"type":""})", "response_format.type", "must not be empty"},
             {R"("response_format":{"type":"json_schema"})", "response_format.json_schema",
              "is required: an object with name and schema"},
             {R"("response_format":{"type":"json_schema","json_schema":[]})", "response_format.json_schema",
              "must be an object with name and schema; got an array"},
             {R"("response_format":{"type":"json_schema","json_schema":{"schema":{}}})",
              "response_format.json_schema.name", "is required: a name for the schema"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":5}})",
              "response_format.json_schema.name", "must be a string; got 5"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"a","schema":"b"}})",
              "response_format.json_schema.schema", "must be an object; got a string"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"a","strict":1}})",
              "response_format.json_schema.strict", "must be true or false; got 1"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"a","description":1}})",
              "response_format.json_schema.description", "must be a string; got 1"},
         })
        check(with(wrong.members), wrong.param, wrong.message);
}

TEST_CASE("each wrong tool is named") {
    for (
        const Wrong& wrong : std::initializer_list<Wrong>{
            {R"("tools":{})", "tools", "must be an array of tools; got an object"},
            {R"("tools":["f"])", "tools[0]", "must be an object with type and function; got a string"},
            {R"("tools":[null])", "tools[0]", "must be an object with type and function; got null"},
            {R"("tools":[{}])", "tools[0].type", "is required: a string"},
            {R"("tools":[{"type":1}])", "tools[0].type", "must be a string; got 1"},
            {R"("tools":[{"type":""}])", "tools[0].type", "must not be empty"},
            {R"("tools":[{"type":"function"}])", "tools[0].function", "is required: an object with a name"},
            {R"("tools":[{"type":"function","function":"f"}])", "tools[0].function",
             "must be an object with a name; got a string"},
            {R"("tools":[{"type":"function","function":{}}])", "tools[0].function.name",
             "is required: the name of the function"},
            {R"("tools":[{"type":"function","function":{"name":""}}])", "tools[0].function.name",
             "is required: the name of the function"},
            {R"("tools":[{"type":"function","function":{"name":1}}])", "tools[0].function.name",
             "must be a string; got 1"},
            {R"("tools":[{"type":"function","function":{"name":"f","description":[]}}])",
             "tools[0].function.description", "must be a string; got an array"},
            {R"("tools":[{"type":"function","function":{"name":"f","parameters":"p"}}])",
             "tools[0].function.parameters", "must be an object; got a string"},
            {R"("tools":[{"type":"function","function":{"name":"f","strict":"s"}}])",
             "tools[0].function.strict", "must be true or false; got a string"},
            {R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":2}}])",
             "tools[1].function.name", "must be a string; got 2"},
            {R"("tool_choice":"maybe")", "tool_choice",
             R"(must be one of none, auto, required; got "maybe")"},
            {R"("tool_choice":1)", "tool_choice",
             "must be none, auto, required or an object that names a function; got 1"},
            {R"("tool_choice":{})", "tool_choice.type", "is required: a string"},
            {R"("tool_choice":{"type":"robot"})", "tool_choice.type",
             R"(must be one of function, custom, allowed_tools; got "robot")"},
            {R"("tool_choice":{"type":"function"})", "tool_choice.function.name",
             "is required: the name of one of the tools"},
            {R"("tool_choice":{"type":"function","function":"f"})", "tool_choice.function",
             "must be an object with a name; got a string"},
            {R"("tool_choice":{"type":"function","function":{"name":[]}})", "tool_choice.function.name",
             "must be a string; got an array"},
            {R"("tool_choice":{"type":"function","function":{"name":"g"}},"tools":[{"type":"function","function":{"name":"f"}}])",
             "tool_choice", R"(names "g", which is not among the tools)"},
            {R"("tool_choice":"required")", "tool_choice", "is required, but there are no tools"},
            {R"("functions":"f")", "functions", "must be an array of functions; got a string"},
            {R"("functions":[1])", "functions[0]", "must be an object with a name; got 1"},
            {R"("functions":[{"parameters":{}}])", "functions[0].name",
             "is required: the name of the function"},
            {R"("functions":[{"name":"f"}],"tools":[{"type":"function","function":{"name":"f"}}])",
             "functions", "cannot be given together with tools"},
            {R"("function_call":"maybe")", "function_call", R"(must be one of none, auto; got "maybe")"},
            {R"("function_call":1)", "function_call", "must be none, auto or an object with a name; got 1"},
            {R"("function_call":{})", "function_call.name", "is required: the name of a function"},
            {R"("function_call":{"name":"g"},"functions":[{"name":"f"}])", "function_call",
             R"(names "g", which is not among the functions)"},
        })
        check(with(wrong.members), wrong.param, wrong.message);
}

TEST_CASE("the model is required, and no more than a name") {
    const std::string rest = R"("messages":[{"role":"user","content":"hi"}]})";
    check("{" + rest, "model", "is required: the name of a model");
    check(R"({"model":null,)" + rest, "model", "is required: the name of a model");
    check(R"({"model":"",)" + rest, "model", "is required: the name of a model");
    check(R"({"model":5,)" + rest, "model", "must be a string; got 5");
    check(R"({"model":["m"],)" + rest, "model", "must be a string; got an array");
    check(R"({"model":"a\nb",)" + rest, "model", "must not have control characters");
    check(R"({"model":")" + std::string(257, 'm') + "\"," + rest, "model", "must have at most 256 bytes");
    CHECK(request(R"({"model":")" + std::string(256, 'm') + "\"," + rest).model.size() == 256);
}

TEST_CASE("a program can tell a missing field, a wrong type and a wrong value") {
    CHECK(refusal("{}").code == "missing_required_parameter");
    CHECK(refusal(with(R"("n":"1")")).code == "invalid_type");
    CHECK(refusal(with(R"("tool_choice":"x")")).code == "invalid_value");
}

TEST_CASE("a body that is not an object is refused without a field") {
    const std::pair<const char*, const char*> table[] = {
        {"[]", "the body must be a JSON object; got an array"},
        {"\"hi\"", "the body must be a JSON object; got a string"},
        {"5", "the body must be a JSON object; got a number"},
        {"true", "the body must be a JSON object; got true or false"},
        {"null", "the body must be a JSON object; got null"},
        {"", "the body is not valid JSON: it is empty"},
        {"   ", "the body is not valid JSON: it is empty"},
        {"{\"model\":\"\xff\"}", "the body is not valid JSON: it is not valid UTF-8"},
        {"{\"n\":NaN}", "the body is not valid JSON: its syntax is wrong"},
        {R"({"model":"m","messages":[{"role":"user","content":"x"}],"unknown":1e400})",
         "the body is not valid JSON: a number is malformed or too large"},
    };
    for (const auto& row : table) {
        CAPTURE(row.first);
        const Error error = refusal(row.first);
        CHECK(error.kind == ErrorKind::bad_request);
        CHECK(error.message == row.second);
        CHECK(error.param == "");
    }
}

TEST_CASE("a message quotes at most 64 bytes of a wrong word, escaped and not split") {
    const std::string word(100, 'w');
    CHECK(refusal(messages(R"([{"role":")" + word + R"("}])")).message ==
          "messages[0].role must be one of system, developer, user, assistant, tool, function; got \"" +
              std::string(64, 'w') + "…\"");
    CHECK(refusal(messages(R"([{"role":"a\"\n\u0001b"}])")).message.ends_with(R"(got "a\"\n\u0001b")"));
    std::string euros = "x";
    for (int i = 0; i < 50; ++i) euros += "€";
    const std::string message = refusal(messages("[{\"role\":\"" + euros + "\"}]")).message;
    CHECK(message.ends_with(euros.substr(0, 64) + "…\""));  // 1 + 21 * 3
    CHECK(refusal(with("\"logit_bias\":{\"" + std::string(500, 'k') + "\":\"x\"}")).param ==
          "logit_bias." + std::string(64, 'k'));
}

TEST_CASE("no prompt comes back in an error") {
    const std::string secret = "my secret prompt";
    for (std::string body : {messages("\"" + secret + "\""), messages("[\"" + secret + "\"]"),
                             messages(R"([{"role":"user","content":[")" + secret + "\"]}]"),
                             with("\"n\":\"" + secret + "\""), "\"" + secret + "\""}) {
        const Error error = refusal(body);
        CHECK(error.message.find("secret") == std::string::npos);
        CHECK(error.detail.find("secret") == std::string::npos);
    }
}

TEST_CASE("lists have bounds") {
    using gatehouse::openai_dialect::Bounds;
    const Bounds small{.messages = 2, .parts = 3, .tools = 1, .stop = 1};
    auto error = [&](std::string body) {
        auto parsed = read(body, small);
        return parsed ? Error{} : parsed.error();
    };
    const std::string user = R"({"role":"user","content":"a"})";
    CHECK(error(messages("[" + user + "," + user + "]")).message == "");
    CHECK(error(messages("[" + user + "," + user + "," + user + "]")).message ==
          "messages must have at most 2 messages");
    const std::string two =
        R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})";
    CHECK(error(messages("[" + two + "," + two + "]")).param == "messages[1].content");
    CHECK(error(messages("[" + two + "]")).message == "");
    CHECK(error(with(R"("tools":[{"type":"a"},{"type":"b"}])")).message ==
          "tools must have at most 1 entries");
    CHECK(error(with(R"("stop":["a","b"])")).message == "stop must have at most 1 strings");
}
