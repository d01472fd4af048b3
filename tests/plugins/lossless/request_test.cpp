// SPDX-License-Identifier: Apache-2.0
// An unknown member at any place of a request reaches an upstream of the client's protocol,
// byte for byte.
#include "tests/plugins/lossless/sides.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

struct Sample {
    const char* name;
    const char* path;
    const char* body;
};

constexpr Sample samples[] = {
    {"messages of all roles", chat_path, R"({"model":"oa/m","messages":[
      {"role":"system","content":"Be brief."},
      {"role":"developer","content":[{"type":"text","text":"Answer in verse."}]},
      {"role":"user","name":"ann","content":"Hello"},
      {"role":"assistant","name":"bot","content":"Good day","reasoning_content":"a greeting"},
      {"role":"assistant","content":null,"refusal":"No."},
      {"role":"assistant","content":[{"type":"text","text":"A"},{"type":"refusal","refusal":"B"}]},
      {"role":"assistant","content":null,"audio":{"id":"audio_1"}}]})"},
    {"parts", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":[
      {"type":"text","text":"What is this?"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"high"}},
      {"type":"image_url","image_url":{"url":"https://host.example/a.png"}},
      {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},
      {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0=","filename":"a.pdf"}},
      {"type":"file","file":{"file_id":"file-1"}},
      {"type":"video_url","video_url":{"url":"https://host.example/a.mp4","frames":{"each":2}}}]}]})"},
    {"tools", chat_path, R"({"model":"oa/m","messages":[
      {"role":"user","content":"Weather in Rome?"},
      {"role":"assistant","content":null,"tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},
        {"id":"call_2","type":"function","function":{"name":"time","arguments":"not JSON"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"sun"},
      {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]}],
      "tools":[
        {"type":"function","function":{"name":"weather","description":"Weather of a city","strict":true,
          "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}},
        {"type":"function","function":{"name":"time"}}],
      "tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false})"},
    {"custom tools", chat_path, R"({"model":"oa/m","messages":[
      {"role":"user","content":"Edit the file."},
      {"role":"assistant","content":"Yes.","tool_calls":[
        {"id":"call_1","type":"custom","custom":{"name":"patch","input":"*** begin"}}]},
      {"role":"tool","tool_call_id":"call_1","content":"done"}],
      "tools":[
        {"type":"custom","custom":{"name":"patch","description":"Edits","format":{"type":"grammar",
          "grammar":{"syntax":"lark","definition":"start: /a/"}}}},
        {"type":"web_search","filters":{"domains":["host.example"]}}],
      "tool_choice":{"type":"custom","custom":{"name":"patch"}}})"},
    {"allowed tools", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "tools":[{"type":"function","function":{"name":"a","parameters":{}}}],
      "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto",
        "tools":[{"type":"function","function":{"name":"a"}}]}}})"},
    {"a schema", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "response_format":{"type":"json_schema","json_schema":{"name":"s","description":"d","strict":true,
        "schema":{"type":"object","properties":{"a":{"type":"number","multipleOf":0.10}}}}}})"},
    {"an object", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "response_format":{"type":"json_object","schema":{"type":"object"}}})"},
    {"a text", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "response_format":{"type":"text"}})"},
    {"a grammar", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "response_format":{"type":"grammar","grammar":{"root":"a"}}})"},
    {"all options", chat_path, R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],
      "stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"top_p":0.9,"top_k":4,"n":2,"seed":7,
      "stop":["a"],"logit_bias":{"5":-1.0},"logprobs":true,"top_logprobs":2,"max_completion_tokens":9,
      "metadata":{"a":"b"},"prediction":{"type":"content","content":[{"type":"text","text":"x"}]},
      "web_search_options":{"user_location":{"type":"approximate","approximate":{"city":"Rome"}}},
      "modalities":["text","audio"],"audio":{"voice":"a","format":"wav"},"store":true,"user":"u",
      "reasoning_effort":"low","verbosity":"low","service_tier":"flex","safety_identifier":"s","prompt_cache_key":"k",
      "chat_template_kwargs":{"thinking":{"on":true}},"extra_body":{"google":{"thinking_config":{"budget":1}}}})"},
    {"a text completion", text_path,
     R"({"model":"oa/m","prompt":"Once","suffix":"end","echo":true,"best_of":1,
      "logprobs":2,"max_tokens":5,"temperature":1,"n":1,"seed":3,"user":"u","nvext":{"a":{"b":1}}})"},
    {"a streamed text completion", text_path, R"({"model":"oa/m","prompt":["a","b"],"stream":true,
      "stream_options":{"include_usage":true},"logit_bias":{"5":1}})"},
};

/// Members that the gateway has to change or must not accept.
struct Exception {
    const char* path;
    const char* reason;
};
constexpr Exception exceptions[] = {
    {"/logit_bias", "its members are token ids and numbers: another one is refused"},
};

const char* exception(const std::string& path) {
    for (const Exception& one : exceptions)
        if (path == one.path) return one.reason;
    return nullptr;
}

openai_provider::Options all_fields() {
    openai_provider::Options options;
    options.send_reasoning = true;
    return options;
}

bool has(const Walk& walk, const std::string& path, const std::string& value) {
    const auto [begin, end] = walk.members.equal_range(path);
    return std::any_of(begin, end, [&](const auto& member) { return member.second == value; });
}

}  // namespace

TEST_CASE("each unknown member of a request reaches the upstream at its path, as written") {
    Sides sides(all_fields());
    for (const Sample& sample : samples) {
        CAPTURE(std::string(sample.name));
        for (const Place& place : Walk(sample.body).objects) {
            if (exception(place.path)) continue;
            CAPTURE(place.path);
            for (const Member& member : unknown) {
                CAPTURE(std::string(member.key));
                const std::string sent =
                    sides.sent(sample.path, inserted(sample.body, place, member.key, member.value));
                CHECK_MESSAGE(has(Walk(sent), place.path + "/" + key_of(member), member.value), sent);
            }
        }
    }
}

TEST_CASE("unknown members at all places of a request reach the upstream together") {
    Sides sides(all_fields());
    for (const Sample& sample : samples) {
        CAPTURE(std::string(sample.name));
        const std::vector<Place> objects = Walk(sample.body).objects;
        std::string body = sample.body;
        // From the last place on, so that the others stay where they are.
        for (std::size_t i = objects.size(); i-- > 0;) {
            if (exception(objects[i].path)) continue;
            body = inserted(body, objects[i], "x_all", std::to_string(i) + ".50");
            body = inserted(body, {.path = {}, .begin = objects[i].begin, .empty = false}, R"(x_\u00e9)",
                            "[" + std::to_string(i) + "]");
        }
        const Walk sent(sides.sent(sample.path, body));
        for (std::size_t i = 0; i < objects.size(); ++i) {
            if (exception(objects[i].path)) continue;
            CAPTURE(objects[i].path);
            CHECK(has(sent, objects[i].path + "/x_all", std::to_string(i) + ".50"));
            CHECK(has(sent, objects[i].path + "/x_\xC3\xA9", "[" + std::to_string(i) + "]"));
        }
    }
}

TEST_CASE("the opaque values of a request reach the upstream as written") {
    Sides sides(all_fields());
    for (const char* member :
         {R"("metadata":{ "a" : 1.50 })", R"("prediction":{"content": "\u00e9"})",
          R"("modalities":["text" ,"audio"])", R"("audio":{"b":1e2})", R"("web_search_options":{ })",
          R"("x":12345678901234567)",
          R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a": 1.0 }}})",
          R"("tools":[{"type":"function","function":{"name":"f","parameters":{"a": [1.50] }}}])"}) {
        const Walk given(std::string("{") + member + "}");
        const Walk sent(sides.sent(
            chat_path,
            std::string(R"({"model":"m","messages":[{"role":"user","content":"a"}],)") + member + "}"));
        for (const auto& member_of : given.members) {
            const std::string &path = member_of.first, &value = member_of.second;
            CAPTURE(path);
            if (path.starts_with("/metadata") || path.starts_with("/prediction") ||
                path.find("schema/a") != path.npos || path.find("parameters/a") != path.npos ||
                path == "/x" || path == "/modalities" || path == "/audio")
                CHECK(has(sent, path, value));
        }
    }
}

TEST_CASE("an integer of more than 64 bits reaches the upstream as written") {
    Sides sides(all_fields());
    for (const char* number :
         {"123456789012345678901234567890", "-18446744073709551616", "18446744073709551616"})
        for (const Sample& sample : samples) {
            CAPTURE(std::string(sample.name));
            for (const Place& place : Walk(sample.body).objects) {
                if (exception(place.path)) continue;
                CAPTURE(place.path);
                const std::string sent =
                    sides.sent(sample.path, inserted(sample.body, place, "x_long", number));
                CHECK_MESSAGE(has(Walk(sent), place.path + "/x_long", number), sent);
            }
        }
}

TEST_CASE("an unknown member that is null reaches the upstream") {
    Sides sides(all_fields());
    for (const Sample& sample : samples) {
        CAPTURE(std::string(sample.name));
        for (const Place& place : Walk(sample.body).objects) {
            if (exception(place.path)) continue;
            CAPTURE(place.path);
            const std::string sent = sides.sent(sample.path, inserted(sample.body, place, "x_null", "null"));
            CHECK_MESSAGE(has(Walk(sent), place.path + "/x_null", "null"), sent);
        }
    }
}
