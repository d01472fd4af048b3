// SPDX-License-Identifier: Apache-2.0
// Facts of an answer that other protocols do not have: id, thoughts with signatures,
// blocks of other kinds, stop details, members of usage.
#include "tests/plugins/provider/anthropic/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::anthropic;
using namespace gatehouse::anthropic::test;

namespace {

ChatRequest native() {
    ChatRequest request = ask();
    request.protocol = "anthropic";
    return request;
}

template <typename Kind>
std::vector<Kind> told(const ChatRequest& request, const std::string& body,
                       const http::ResponseHead& head = {}) {
    Bench bench;
    const auto events = testing::replay(bench.provider, request, {body}, head);
    REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
    return testing::all<Kind>(*events);
}

/// Events that are written over several lines, as a stream.
std::string stream_of(std::initializer_list<std::string> events) {
    std::string out;
    for (std::string event : events) {
        std::erase(event, '\n');
        out += sse({event});
    }
    return out;
}

const std::string whole =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[
    {"type":"thinking","thinking":"hm","signature":"s1"},{"type":"redacted_thinking","data":"d1"},
    {"type":"text","text":"a"},
    {"type":"text","text":"b","citations":[{"type":"char_location","cited_text":"c","document_index":0,
        "document_title":null,"start_char_index":0,"end_char_index":1},
        {"type":"web_search_result_location","url":"https://x","title":"X","cited_text":"c"}]},
    {"type":"server_tool_use","id":"t","name":"web_search","input":{"query":"q"}},
    {"type":"tool_use","id":"u","name":"f","input":{"x":1},"caller":{"type":"direct"}}],
    "stop_reason":"tool_use","stop_sequence":null,"container":{"id":"c1"},
    "usage":{"input_tokens":3,"output_tokens":2,"cache_creation_input_tokens":100,
        "cache_read_input_tokens":10,"service_tier":"standard","inference_geo":"eu","nothing":null,
        "cache_creation":{"ephemeral_5m_input_tokens":100},"output_tokens_details":{"thinking_tokens":1,"x":2}}})";

// The same message as a stream.
const std::string streamed = stream_of(
    {R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x",
        "content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1,
        "cache_creation_input_tokens":100,"cache_read_input_tokens":10,"service_tier":"standard",
        "inference_geo":"eu","cache_creation":{"ephemeral_5m_input_tokens":100}}}})",
     R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"1"}})",
     R"({"type":"content_block_stop","index":0})",
     R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"d1"}})",
     R"({"type":"content_block_stop","index":1})",
     R"({"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}})",
     R"({"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"a"}})",
     R"({"type":"content_block_stop","index":2})",
     R"({"type":"content_block_start","index":3,"content_block":{"type":"text","text":"","citations":[]}})",
     R"({"type":"content_block_delta","index":3,"delta":{"type":"citations_delta","citation":
        {"type":"char_location","cited_text":"c","document_index":0,"document_title":null,
        "start_char_index":0,"end_char_index":1}}})",
     R"({"type":"content_block_delta","index":3,"delta":{"type":"citations_delta","citation":
        {"type":"web_search_result_location","url":"https://x","title":"X","cited_text":"c"}}})",
     R"({"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"b"}})",
     R"({"type":"content_block_stop","index":3})",
     R"({"type":"content_block_start","index":4,"content_block":{"type":"server_tool_use","id":"t",
        "name":"web_search","input":{}}})",
     R"({"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"query\""}})",
     R"({"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":":\"q\"}"}})",
     R"({"type":"content_block_stop","index":4})",
     R"({"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"u","name":"f",
        "input":{},"caller":{"type":"direct"}}})",
     R"({"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}})",
     R"({"type":"content_block_stop","index":5})",
     R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"container":{"id":"c1"}},
        "usage":{"output_tokens":2,"output_tokens_details":{"thinking_tokens":1,"x":2}}})",
     R"({"type":"message_stop"})"});

const Lines expected = {"info default",
                        "reasoning hm",
                        "thought end anthropic s1|",
                        "thought end anthropic |d1",
                        "text a",
                        "block end",
                        "text b",
                        "citation   1-2",
                        "citation https://x X 1-2",
                        R"(other anthropic server_tool_use {"type":"server_tool_use","id":"t",)"
                        R"("name":"web_search","input":{"query":"q"}})",
                        "call 0 id=u name=f ",
                        "call 0 {\"x\":1}",
                        R"(extra {"container":{"id":"c1"}})",
                        "finish tool_calls",
                        "usage 113+2=115 cached=10 reasoning=1"};

}  // namespace

TEST_CASE("a client of the same protocol gets every block, streaming or not") {
    CHECK(answer_to(native(), whole) == expected);
    Bench bench;
    const ChatRequest request = native();
    testing::replay_cut_everywhere(bench.provider, request, streamed,
                                   [&](const Result<std::vector<Event>>& found) {
                                       if (lines(found) != expected) REQUIRE(lines(found) == expected);
                                   });
}

TEST_CASE("other clients get no citation without a source, and thinking_blocks only in OpenAI's protocol") {
    for (const std::string& body : {whole, streamed}) {
        const Lines openai = answer_to(ask(), body);
        CHECK(std::ranges::count(openai, "citation   1-2") == 0);
        CHECK(std::ranges::count(openai, R"(extra {"container":{"id":"c1"}})") == 0);
        CHECK(std::ranges::count(
                  openai, R"(extra {"thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s1"},)"
                          R"({"type":"redacted_thinking","data":"d1"}]})") == 1);
        ChatRequest other = ask();
        other.protocol = "responses";
        CHECK(told<Extra>(other, body).empty());
        CHECK(told<ThoughtEnd>(other, body).size() == 2);
    }
}

TEST_CASE("the answer has its id, its model and the tokens of its prompt") {
    const http::ResponseHead head{.status = 200,
                                  .headers = {{"Anthropic-Ratelimit-Requests-Limit", "50"},
                                              {"x-other", "1"},
                                              {"anthropic-organization-id", "o"}}};
    for (const std::string& body : {whole, streamed}) {
        auto infos = told<AnswerInfo>(native(), body, head);
        REQUIRE(infos.size() == 1);
        CHECK(infos[0].id == "msg_1");
        CHECK(infos[0].model == "claude-x");
        CHECK(infos[0].prompt_tokens == 113);
        CHECK(infos[0].headers.size() == 1);
        CHECK(infos[0].headers.get("anthropic-ratelimit-requests-limit") == "50");
        infos = told<AnswerInfo>(ask(), body, head);
        CHECK(infos.at(0).headers.size() == 0);
    }
}

TEST_CASE("usage keeps what was written to a cache, and unknown members") {
    for (const std::string& body : {whole, streamed}) {
        const auto usages = told<Usage>(ask(), body);
        REQUIRE(usages.size() == 1);
        CHECK(usages[0].cache_written == 100);
        CHECK(Json::parse(usages[0].extra.text) ==
              Json::parse(R"({"inference_geo":"eu","cache_creation":{"ephemeral_5m_input_tokens":100}})"));
        CHECK(Json::parse(usages[0].completion_extra.text) == Json{{"x", 2}});
    }
}

TEST_CASE("citations and calls keep their unknown members") {
    for (const std::string& body : {whole, streamed}) {
        auto citations = told<Citation>(native(), body);
        REQUIRE(citations.size() == 2);
        CHECK(Json::parse(citations[0].extra.text) ==
              Json::parse(R"({"type":"char_location","cited_text":"c","document_index":0,
                  "start_char_index":0,"end_char_index":1})"));
        citations = told<Citation>(ask(), body);
        REQUIRE(citations.size() == 1);
        CHECK(Json::parse(citations[0].extra.text) == Json{{"cited_text", "c"}});
        CHECK(told<ToolCallDelta>(ask(), body).at(0).extra.text == R"({"caller":{"type":"direct"}})");
    }
}

TEST_CASE("the finish has the service's own word, stop sequence and details") {
    const std::string stopped =
        R"({"type":"message","content":[],"stop_reason":"stop_sequence","stop_sequence":"END"})";
    auto finish = told<Finish>(ask(), stopped).at(0);
    CHECK(finish.reason == FinishReason::stop);
    CHECK(finish.native == "stop_sequence");
    CHECK(finish.stop_sequence == "END");
    CHECK(finish.details.empty());
    const std::string details = R"({"type":"refusal","category":"cyber","explanation":"No."})";
    const std::string refused =
        R"({"type":"message","content":[],"stop_reason":"refusal","stop_details":)" + details + "}";
    finish = told<Finish>(native(), refused).at(0);
    CHECK(finish.native == "refusal");
    CHECK(finish.details.text == details);
    CHECK(told<RefusalDelta>(native(), refused).empty());  // the explanation is in the details
    CHECK(told<RefusalDelta>(ask(), refused).at(0).text == "No.");
    const std::string paused = sse({R"({"type":"message_delta","delta":{"stop_reason":"pause_turn"}})"});
    CHECK(told<Finish>(native(), paused).at(0).native == "pause_turn");
}

TEST_CASE("strings of an unknown block's deltas are joined, and other values replace") {
    const std::string body = sse(
        {R"({"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":null,"n":1}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"a","n":2}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"b","more":"x"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
         R"({"type":"content_block_stop","index":0})",
         R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"});
    CHECK(answer_to(native(), body) ==
          Lines{R"(other anthropic compaction {"type":"compaction","content":"ab","n":2,"more":"x",)"
                R"("input":"{\"a\":"})",
                "finish stop"});
}

TEST_CASE("a block of another kind that is too large is dropped") {
    Bench bench;
    bench.host.given_limits = {.max_event_bytes = 2000, .max_answer_bytes = 3000};
    std::string body =
        sse({R"({"type":"content_block_start","index":0,"content_block":{"type":"hologram","data":""}})"});
    for (int i = 0; i < 10; ++i)
        body += sse({R"({"type":"content_block_delta","index":0,"delta":{"type":"d","data":")" +
                     std::string(500, 'x') + "\"}}"});
    body += sse({R"({"type":"content_block_stop","index":0})",
                 R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})"});
    CHECK(lines(testing::replay(bench.provider, native(), {body})) == Lines{"finish stop"});
}

TEST_CASE("numbers in blocks of other kinds and in unknown members stay as the service wrote them") {
    Bench bench;
    const std::string body =
        R"({"type":"message","content":[{"type":"hologram","scale":1.50,"size":{"x":[2.0,1e2]}}],)"
        R"("stop_reason":"end_turn","ratio":0.10})";
    const Lines found = lines(testing::replay(bench.provider, native(), {body}));
    CHECK(std::ranges::count(
              found, R"(other anthropic hologram {"type":"hologram","scale":1.50,"size":{"x":[2.0,1e2]}})") ==
          1);
    CHECK(std::ranges::count(found, R"(extra {"ratio":0.10})") == 1);
}
