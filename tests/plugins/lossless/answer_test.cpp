// SPDX-License-Identifier: Apache-2.0
// An unknown member at any place of a response reaches a client of the upstream's protocol,
// byte for byte except for the escapes of strings.
#include "tests/plugins/lossless/sides.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr const char* ask =
    R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],"n":3,"logprobs":true,"top_logprobs":2})";
constexpr const char* ask_stream =
    R"({"model":"oa/m","messages":[{"role":"user","content":"Hi"}],"n":3,"stream":true,
        "stream_options":{"include_usage":true},"logprobs":true,"top_logprobs":2})";
constexpr const char* complete = R"({"model":"oa/m","prompt":"Once","n":3,"logprobs":2})";
constexpr const char* complete_stream =
    R"({"model":"oa/m","prompt":"Once","n":3,"logprobs":2,"stream":true,"stream_options":{"include_usage":true}})";

struct Sample {
    const char* name;
    const char* path;
    const char* request;
    std::vector<std::string> events;  // one: a non-streaming response
};

const char* const usage_whole = R"("usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
  "prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}})";

const std::vector<Sample>& samples() {
    static const std::vector<Sample> all = {
        {"a chat",
         chat_path,
         ask,
         {std::string(R"({"id":"c","object":"chat.completion","created":7,"model":"up",
          "service_tier":"default","system_fingerprint":"fp","choices":[
            {"index":0,"message":{"role":"assistant","content":"Hello","reasoning_content":"r","refusal":null,
              "annotations":[{"type":"url_citation","url_citation":{"url":"https://host.example","title":"t",
                "start_index":0,"end_index":5}},
                {"type":"file_citation","file_citation":{"file_id":"f","index":1}}],
              "audio":{"id":"audio_1","data":"AA=="}},
             "logprobs":{"content":[{"token":"Hello","logprob":-0.5,"bytes":[72,101,108,108,111],
               "top_logprobs":[{"token":"Hello","logprob":-0.5,"bytes":null}]}]},"finish_reason":"stop"},
            {"index":1,"message":{"role":"assistant","content":null,"refusal":"No."},"logprobs":null,
             "finish_reason":"content_filter","content_filter_results":{"hate":{"filtered":false}}},
            {"index":2,"message":{"role":"assistant","content":"cut"},"finish_reason":"length"}],)") +
          usage_whole + "}"}},
        {"tool calls",
         chat_path,
         ask,
         {std::string(R"({"choices":[{"index":0,"message":{"role":"assistant",
          "content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"},
             "extra_content":{"google":{"thought_signature":"c2ln"}}},
            {"id":"call_2","type":"function","function":{"name":"time","arguments":"not JSON"}},
            {"id":"call_3","type":"custom","custom":{"name":"patch","input":"*** begin"}}]},
          "finish_reason":"tool_calls"}],)") +
          usage_whole + "}"}},
        {"a streamed chat",
         chat_path,
         ask_stream,
         {
             R"({"id":"c","object":"chat.completion.chunk","created":7,"model":"up","system_fingerprint":"fp",
              "choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})",
             R"({"choices":[{"index":0,"delta":{"reasoning_content":"r"}}]})",
             R"({"choices":[{"index":0,"delta":{"content":"Hel"},"logprobs":{"content":[{"token":"Hel","logprob":-1.5,
              "bytes":null,"top_logprobs":[{"token":"Hel","logprob":-1.5,"bytes":[72,101,108]}]}]}}]})",
             R"({"choices":[{"index":1,"delta":{"role":"assistant","content":"x"}},{"index":0,"delta":{"content":"lo"}}]})",
             R"({"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":
              {"url":"https://host.example","title":"t","start_index":0,"end_index":5}}]}}]})",
             R"({"choices":[{"index":2,"delta":{"refusal":"No."}}]})",
             R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop","content_filter_results":{"hate":{}}}]})",
             R"({"choices":[{"index":1,"delta":{},"finish_reason":"length"},{"index":2,"delta":{},"finish_reason":"stop"}]})",
             R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
              "prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}})"}},
        {"streamed tool calls",
         chat_path,
         ask_stream,
         {
             R"({"choices":[{"index":0,"delta":{"role":"assistant","content":"I look.","tool_calls":[
              {"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""},
               "extra_content":{"google":{"thought_signature":"c2ln"}}}]}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}}]}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[
              {"index":1,"id":"call_2","type":"custom","custom":{"name":"patch","input":"*** "}}]}}]})",
             R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"type":"custom","custom":{"input":"end"}}]}}]})",
             R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})",
             R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})"}},
        {"a text completion",
         text_path,
         complete,
         {std::string(R"({"id":"c","object":"text_completion","created":7,
          "model":"up","choices":[{"index":0,"text":" upon","logprobs":{"tokens":[" up","on"],
            "token_logprobs":[-1.0,-0.5],"top_logprobs":[{" up":-1.0},{"on":-0.5}],"text_offset":[4,7]},
            "finish_reason":"stop"},{"index":1,"text":" more","logprobs":null,"finish_reason":"length"}],)") +
          usage_whole + "}"}},
        {"a streamed text completion",
         text_path,
         complete_stream,
         {
             R"({"id":"c","object":"text_completion","created":7,"choices":[{"index":0,"text":" up","logprobs":{
            "tokens":[" up"],"token_logprobs":[-1.0],"top_logprobs":[{" up":-1.0}],"text_offset":[4]}}]})",
             R"({"choices":[{"index":1,"text":"on"}]})",
             R"({"choices":[{"index":0,"text":"on","finish_reason":"stop"}]})",
             R"({"choices":[{"index":1,"text":"","finish_reason":"length"}]})",
             R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})"}},
    };
    return all;
}

/// A member that is a negative number is an alternative of the token, in a text completion: its key is the
/// alternative's text.  The client receives its value.
bool is_alternative(const Sample& sample, const std::string& path, const std::string& value) {
    return sample.path == std::string_view(text_path) && path.find("/top_logprobs/") != path.npos &&
           value.starts_with('-');
}

/// Calls same(value) for the values of the member `path`.
template <typename Same>
bool any_value(const std::vector<Walk>& found, const std::string& path, Same&& same) {
    return std::ranges::any_of(found, [&](const Walk& walk) {
        const auto [begin, end] = walk.members.equal_range(path);
        return std::any_of(begin, end, [&](const auto& member) { return same(member.second); });
    });
}
bool has(const std::vector<Walk>& found, const std::string& path, const std::string& value) {
    return any_value(found, path, [&](const std::string& text) {
        return with_plain_strings(text) == with_plain_strings(value);
    });
}
/// The same, for a member that may be an alternative of a token.
bool has(const std::vector<Walk>& found, const Sample& sample, const std::string& path,
         const std::string& value) {
    if (!is_alternative(sample, path, value)) return has(found, path, value);
    return any_value(found, path,
                     [&](const std::string& text) { return std::stod(text) == std::stod(value); });
}

/// Each path of the response, with indices of choices and calls.
std::vector<Walk> walks(const std::string& body, bool stream, std::vector<std::string>& texts) {
    texts.clear();
    if (!stream) texts.push_back(body);
    for (std::size_t at = 0; stream && (at = body.find("data: ", at)) != body.npos;) {
        const std::size_t end = body.find("\n\n", at);
        texts.push_back(body.substr(at + 6, end - at - 6));
        at = end;
    }
    std::vector<Walk> out;
    for (const std::string& text : texts)
        if (text != "[DONE]") out.emplace_back(text);
    return out;
}

bool streams(const Sample& sample) { return sample.events.size() > 1; }

/// The upstream's bytes.  An event is one line.
std::string bytes_of(const Sample& sample, std::vector<std::string> events) {
    if (!streams(sample)) return events.front();
    std::string out;
    for (std::string& event : events) {
        std::ranges::replace(event, '\n', ' ');
        out += "data: " + event + "\n\n";
    }
    return out + "data: [DONE]\n\n";
}

/// The response cut into `pieces` pieces.
std::vector<std::string_view> cut(std::string_view body, std::size_t pieces) {
    std::vector<std::string_view> out;
    const std::size_t size = body.size() / pieces + 1;
    for (std::size_t at = 0; at < body.size(); at += size) out.push_back(body.substr(at, size));
    return out;
}

}  // namespace

TEST_CASE("each unknown member of a response reaches the client at its path, as written") {
    Sides sides;
    std::vector<std::string> texts;
    for (const Sample& sample : samples()) {
        CAPTURE(std::string(sample.name));
        for (std::size_t event = 0; event < sample.events.size(); ++event) {
            CAPTURE(event);
            for (const Place& place : Walk(sample.events[event]).objects) {
                CAPTURE(place.path);
                std::size_t pieces = 1;
                for (const Member& member : unknown) {
                    CAPTURE(std::string(member.key));
                    auto events = sample.events;
                    events[event] = inserted(events[event], place, member.key, member.value);
                    const std::string body = bytes_of(sample, events);
                    const std::string out = sides.answered(sample.path, sample.request, cut(body, pieces++));
                    CHECK_MESSAGE(has(walks(out, streams(sample), texts), sample,
                                      place.path + "/" + key_of(member), member.value),
                                  out);
                }
            }
        }
    }
}

TEST_CASE("unknown members at all places of a response reach the client together") {
    Sides sides;
    for (const Sample& sample : samples()) {
        CAPTURE(std::string(sample.name));
        auto events = sample.events;
        std::vector<std::pair<std::string, std::string>> expected;
        for (std::size_t event = 0; event < events.size(); ++event) {
            const std::vector<Place> objects = Walk(sample.events[event]).objects;
            for (std::size_t i = objects.size(); i-- > 0;) {
                const std::string value = "1" + std::to_string(event) + std::to_string(i) + "1.50";
                const std::string key = "x_" + std::to_string(event);
                events[event] = inserted(events[event], objects[i], key, value);
                expected.emplace_back(objects[i].path + "/" + key, value);
            }
        }
        const std::string body = bytes_of(sample, events);
        for (std::size_t pieces : {1U, 2U, 7U, 1000U}) {
            CAPTURE(pieces);
            std::vector<std::string> texts;
            const std::string out = sides.answered(sample.path, sample.request, cut(body, pieces));
            const std::vector<Walk> found = walks(out, streams(sample), texts);
            for (const auto& one : expected) {
                CAPTURE(one.first);
                CHECK_MESSAGE(has(found, one.first, one.second), out);
            }
        }
    }
}

TEST_CASE("an unknown member that is null reaches the client") {
    Sides sides;
    std::vector<std::string> texts;
    for (const Sample& sample : samples()) {
        CAPTURE(std::string(sample.name));
        for (std::size_t event = 0; event < sample.events.size(); ++event) {
            CAPTURE(event);
            for (const Place& place : Walk(sample.events[event]).objects) {
                CAPTURE(place.path);
                auto events = sample.events;
                events[event] = inserted(events[event], place, "x_null", "null");
                const std::string out =
                    sides.answered(sample.path, sample.request, cut(bytes_of(sample, events), 3));
                CHECK_MESSAGE(has(walks(out, streams(sample), texts), place.path + "/x_null", "null"), out);
            }
        }
    }
}

TEST_CASE("a member that is null in every chunk adds no chunks to the stream") {
    Sides sides;
    const std::string event =
        R"(data: {"x":null,"choices":[{"index":0,"y":null,"delta":{"content":"a","z":null},"finish_reason":null}]})"
        "\n\n";
    const std::string stop =
        R"(data: {"choices":[{"index":0,"y":1,"delta":{},"finish_reason":"stop"}]})"
        "\n\ndata: {\"choices\":[{\"index\":0,\"y\":null,\"delta\":{}}]}\n\ndata: [DONE]\n\n";
    std::string body;
    for (int i = 0; i < 20; ++i) body += event;
    const std::string out = sides.answered(chat_path, ask_stream, {body + stop});
    const auto count = [&](std::string_view text) {
        std::size_t found = 0;
        for (std::size_t at = 0; (at = out.find(text, at)) != out.npos; ++at) ++found;
        return found;
    };
    CHECK(count(R"("content":"a")") == 20);
    CHECK(count(R"("z":null)") == 1);
    CHECK(count(R"("x":null)") == 1);
    CHECK(count(R"("y":null)") == 2);  // behind a value it is told again
    CHECK(count("data: ") <= 25);
}

TEST_CASE("a number that needs more than 64 bits reaches the client as written") {
    Sides sides;
    std::vector<std::string> texts;
    for (const char* number :
         {"123456789012345678901234567890", "-18446744073709551616", "9223372036854775808"})
        for (const Sample& sample : samples()) {
            CAPTURE(std::string(sample.name));
            for (const Place& place : Walk(sample.events.front()).objects) {
                CAPTURE(place.path);
                auto events = sample.events;
                events.front() = inserted(events.front(), place, "x_long", number);
                const std::string out =
                    sides.answered(sample.path, sample.request, cut(bytes_of(sample, events), 3));
                CHECK_MESSAGE(has(walks(out, streams(sample), texts), sample, place.path + "/x_long", number),
                              out);
            }
        }
}

TEST_CASE("numbers behind texts and keys with signs of JSON reach the client as written") {
    Sides sides;
    const std::string beside =
        R"("a:{\"":"b:1,\"}]","c" : { ":" : [ {":":":"}, 1.50 ], "d":2.0 } ,"d":1.10,"d":1.20,"e":[])";
    const std::string out = sides.answered(
        chat_path, ask,
        {R"({"x":{},)" + beside +
         R"(,"choices":[{"message":{"content":"a: 1.5"},"y":-0.10,"finish_reason":"stop"}],"z":1E2})"});
    const Walk found(out);
    const auto value = [&](const char* path) { return with_plain_strings(found.members.find(path)->second); };
    CHECK(value("/c") == R"({":":[{":":":"},1.50],"d":2.0})");
    CHECK(value("/choices/0/y") == "-0.10");
    CHECK(value("/z") == "1E2");
    CHECK(Json::parse(out)["d"] == 1.20);
}

TEST_CASE("a response with very many numbers keeps their values") {
    Sides sides;
    std::string members;
    for (int i = 0; i < 5'000; ++i) members += "\"x" + std::to_string(i) + "\":" + std::to_string(i) + ".50,";
    const std::string out = sides.answered(
        chat_path, ask,
        {R"({"choices":[{"message":{"content":"a"},)" + members + R"("finish_reason":"stop"}]})"});
    const Json choice = Json::parse(out)["choices"][0];
    for (int i = 0; i < 5'000; ++i) CHECK(choice.value("x" + std::to_string(i), 0.0) == i + 0.5);
    CHECK(out.find(R"("x99":99.50)") != out.npos);
}
