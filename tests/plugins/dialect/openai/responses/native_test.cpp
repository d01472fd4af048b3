// SPDX-License-Identifier: Apache-2.0
// A client and an upstream of the same API: what the vocabulary has no words for passes as it is.
#include "tests/plugins/dialect/openai/responses/helper.hpp"

#include <utility>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

Json sent(const std::string& body) { return Gateway("responses").sent(body); }

const char* hosted =
    R"({"type":"web_search","search_context_size":"low","user_location":{"type":"approximate","country":"CH"}},
       {"type":"file_search","vector_store_ids":["vs_1"],"max_num_results":1.50},
       {"type":"code_interpreter","container":{"type":"auto"}},
       {"type":"mcp","server_label":"wiki","server_url":"https://mcp/","require_approval":"always"},
       {"type":"image_generation","quality":"low"},{"type":"computer_use_preview","display_width":8},
       {"type":"local_shell"},{"type":"tool_search","execution":"server"},{"type":"of_the_future","x":[1]})";

/// Items that this API alone has.
const char* hosted_items =
    R"({"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}},
       {"id":"mcpl_1","type":"mcp_list_tools","server_label":"wiki","tools":[{"name":"ask","input_schema":{}}]},
       {"id":"mcpr_1","type":"mcp_approval_request","server_label":"wiki","name":"ask","arguments":"{}"},
       {"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true},
       {"id":"ci_1","type":"code_interpreter_call","code":"1+1","container_id":"c","outputs":[{"type":"logs","logs":"2"}]},
       {"id":"x_1","type":"of_the_future_call","y":1.50})";

std::string event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
}

/// An event about the item at `index`.
std::string at(int index, const std::string& type, const std::string& members) {
    return event("response." + type,
                 "\"item_id\":\"up\",\"output_index\":" + std::to_string(index) + members);
}

const std::string search_item =
    R"({"id":"ws_9","type":"web_search_call","status":"completed","action":{"type":"search","query":"q","sources":[{"url":"https://a/"}]}})";
const std::string mcp_item =
    R"({"id":"mcp_9","type":"mcp_call","status":"completed","name":"ask","server_label":"wiki","arguments":"{\"a\":1}","output":"yes"})";
const std::string thought_item =
    R"({"id":"rs_9","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"one"},{"type":"summary_text","text":"two"}],"content":[{"type":"reasoning_text","text":"raw"}],"encrypted_content":"gAAA+/="})";
const std::string commentary_item =
    R"({"id":"msg_8","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me see."}]})";
const std::string message_item =
    R"({"id":"msg_9","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[)"
    R"({"type":"output_text","annotations":[],"logprobs":[],"text":"Ü1"},)"
    R"({"type":"output_text","annotations":[{"type":"url_citation","url":"https://a/","title":"A","start_index":0,"end_index":2,"x":1},)"
    R"({"type":"file_citation","file_id":"f","filename":"n","index":1}],"logprobs":[],"text":"Text","x_part":{"k":null}}]})";
const std::string call_item =
    R"({"id":"fc_9","type":"function_call","status":"completed","call_id":"call_1","name":"go","namespace":"mcp__x","arguments":"{\"a\":1.50}","caller":{"type":"direct"}})";
const std::string custom_item =
    R"({"id":"ctc_9","type":"custom_tool_call","status":"completed","call_id":"call_2","name":"say","namespace":"mcp__x","input":"hey \"you\""})";
const std::string search_call_item =
    R"({"id":"tsc_9","type":"tool_search_call","status":"completed","call_id":"call_3","execution":"client","arguments":{"query":"q"}})";

const std::string all_items = thought_item + "," + search_item + "," + commentary_item + "," + mcp_item +
                              "," + message_item + "," + call_item + "," + custom_item + "," +
                              search_call_item;

std::string response(const std::string& status, const std::string& output) {
    return R"({"id":"resp_9","object":"response","created_at":7,"model":"up","error":null,"status":")" +
           status + "\",\"output\":[" + output +
           R"(],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":3},"output_tokens":9,)" +
           R"("output_tokens_details":{"reasoning_tokens":4},"total_tokens":14},"x_top":1.50})";
}

std::string added(int index, const std::string& item) {
    return event("response.output_item.added",
                 "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}
std::string done(int index, const std::string& item) {
    return event("response.output_item.done",
                 "\"output_index\":" + std::to_string(index) + ",\"item\":" + item);
}

/// The events of each item.
const std::vector<std::string> events_of_items = {
    added(0, R"({"id":"rs_9","type":"reasoning","status":"in_progress","summary":[]})") +
        at(0, "reasoning_summary_part.added",
           R"(,"summary_index":0,"part":{"type":"summary_text","text":""})") +
        at(0, "reasoning_summary_text.delta", R"(,"summary_index":0,"delta":"one")") +
        at(0, "reasoning_summary_text.done", R"(,"summary_index":0,"text":"one")") +
        at(0, "reasoning_summary_part.done",
           R"(,"summary_index":0,"part":{"type":"summary_text","text":"one"})") +
        at(0, "reasoning_summary_text.delta", R"(,"summary_index":1,"delta":"tw")") +
        at(0, "reasoning_summary_text.delta", R"(,"summary_index":1,"delta":"o")") +
        at(0, "reasoning_text.delta", R"(,"content_index":0,"delta":"raw")") + done(0, thought_item),
    added(1, R"({"id":"ws_9","type":"web_search_call","status":"in_progress"})") +
        at(1, "web_search_call.in_progress", "") + at(1, "web_search_call.searching", R"(,"x":1.50)") +
        at(1, "web_search_call.completed", "") + done(1, search_item),
    added(2, R"({"id":"msg_8","type":"message","phase":"commentary","content":[]})") +
        at(2, "output_text.delta", R"(,"content_index":0,"delta":"Let me see.")") + done(2, commentary_item),
    added(3, R"({"id":"mcp_9","type":"mcp_call","status":"in_progress","name":"ask","arguments":""})") +
        at(3, "mcp_call_arguments.delta", R"(,"delta":"{\"a\":1}")") +
        at(3, "mcp_call_arguments.done", R"(,"arguments":"{\"a\":1}")") + done(3, mcp_item),
    added(4, R"({"id":"msg_9","type":"message","phase":"final_answer","content":[]})") +
        at(4, "content_part.added", R"(,"content_index":0,"part":{"type":"output_text","text":""})") +
        at(4, "output_text.delta", R"(,"content_index":0,"delta":"Ü1")") +
        at(4, "content_part.added", R"(,"content_index":1,"part":{"type":"output_text","text":""})") +
        at(4, "output_text.delta", R"(,"content_index":1,"delta":"Text")") +
        at(4, "output_text.annotation.added",
           R"(,"content_index":1,"annotation_index":0,"annotation":{"type":"url_citation","url":"https://a/","title":"A","start_index":0,"end_index":2,"x":1})") +
        done(4, message_item),
    added(
        5,
        R"({"id":"fc_9","type":"function_call","call_id":"call_1","name":"go","namespace":"mcp__x","arguments":""})") +
        at(5, "function_call_arguments.delta", R"(,"delta":"{\"a\":1.50}")") + done(5, call_item),
    added(
        6,
        R"({"id":"ctc_9","type":"custom_tool_call","call_id":"call_2","name":"say","namespace":"mcp__x","input":""})") +
        at(6, "custom_tool_call_input.delta", R"(,"delta":"hey \"")") +
        at(6, "custom_tool_call_input.delta", R"(,"delta":"you\"")") + done(6, custom_item),
    added(
        7,
        R"({"id":"tsc_9","type":"tool_search_call","status":"in_progress","call_id":"call_3","execution":"client","arguments":{}})") +
        done(7, search_call_item)};

std::string stream_of(const std::string& events, const std::string& output) {
    const std::string begun = "\"response\":" + response("in_progress", "");
    return event("response.created", begun) + event("response.in_progress", begun) + events +
           event("response.completed", "\"response\":" + response("completed", output));
}

std::string stream_of_all() {
    std::string events;
    for (const std::string& item : events_of_items) events += item;
    return stream_of(events, all_items);
}

/// The items as the upstream sends them, except for their ids.
Json without_ids(Json items) {
    for (Json& item : items) {
        REQUIRE(item["id"].get<std::string>().size() > 30);
        item.erase("id");
    }
    return items;
}
Json expected_items() {
    Json items = Json::parse("[" + all_items + "]");
    for (Json& item : items) item.erase("id");
    return items;
}

const std::string wanted = R"("store":false,"include":["reasoning.encrypted_content"])";

}  // namespace

TEST_CASE("hosted tools reach an upstream of this API as they are") {
    const Json request = Json::parse(whole(std::string("\"tools\":[") + hosted + "]"));
    CHECK(sent(request.dump())["tools"] == request["tools"]);
    for (const char* choice :
         {R"({"type":"web_search_preview"})", R"({"type":"mcp","server_label":"wiki"})"}) {
        const std::string members = std::string("\"tools\":[") + hosted + "],\"tool_choice\":" + choice;
        CHECK(sent(whole(members))["tool_choice"] == Json::parse(choice));
    }
    const Json allowed = sent(whole(
        std::string("\"tools\":[") + hosted +
        R"(],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"mcp","server_label":"wiki"}]})"));
    CHECK(allowed["tools"].size() == 1);
    CHECK(allowed["tool_choice"] == "required");
}

TEST_CASE("custom tools, namespaces and the search for tools have their own form upstream") {
    const std::string tools =
        R"([{"type":"function","name":"f","parameters":{"type":"object"},"strict":true,"defer_loading":true},
            {"type":"custom","name":"p","description":"d","format":{"type":"grammar","syntax":"lark","definition":"s"}},
            {"type":"namespace","name":"n","description":"of n","tools":[
              {"type":"function","name":"go","parameters":{"type":"object"}},{"type":"custom","name":"say"}]},
            {"type":"namespace","name":"m","tools":[{"type":"function","name":"go","parameters":{"type":"object"}}]},
            {"type":"tool_search","execution":"client","parameters":{"type":"object"}}])";
    CHECK(sent(whole("\"tools\":" + tools))["tools"] == Json::parse(tools));
    for (const char* choice :
         {R"({"type":"custom","name":"p"})", R"({"type":"custom","name":"say","namespace":"n"})",
          R"({"type":"function","name":"go","namespace":"m"})", R"({"type":"tool_search"})"})
        CHECK(sent(whole("\"tools\":" + tools + ",\"tool_choice\":" + choice))["tool_choice"] ==
              Json::parse(choice));
}

TEST_CASE("items of every type reach an upstream of this API in their order") {
    const std::string items =
        R"({"type":"additional_tools","role":"developer","tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"go"}]}]},
           {"type":"message","role":"user","content":"q"},)" +
        std::string(hosted_items) + R"(,
           {"type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"gAAA"},
           {"type":"message","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"A"}]},
           {"type":"message","role":"assistant","phase":"final_answer","content":[{"type":"output_text","text":"B"},{"type":"refusal","refusal":"C"}]},
           {"type":"message","role":"assistant","content":[{"type":"output_text","text":"D"}]},
           {"type":"function_call","call_id":"1","name":"go","namespace":"n","arguments":"{}","caller":{"type":"direct"}},
           {"type":"function_call_output","call_id":"1","output":"ok"},
           {"type":"custom_tool_call","call_id":"2","name":"p","input":"a \"b\"\n","namespace":"n"},
           {"type":"custom_tool_call_output","call_id":"2","output":"done"},
           {"type":"tool_search_call","call_id":"3","execution":"client","arguments":{"query":"q"}},
           {"type":"tool_search_output","call_id":"3","execution":"client","tools":[{"type":"function","name":"found","parameters":{}}]},
           {"type":"compaction","encrypted_content":"gBBB"},
           {"type":"computer_call_output","call_id":"9","output":{"type":"computer_screenshot"}})";
    const Json request = sent(with_items(items));
    CHECK(request["input"] == Json::parse("[" + items + "]"));
    CHECK_FALSE(request.contains("tools"));
}

TEST_CASE("an upstream with chats gets neither hosted items nor empty messages for them") {
    Gateway gateway;
    const Json messages = gateway.sent(
        with_items(std::string(hosted_items) + R"(,{"role":"user","content":"q"},)" + hosted_items +
                   R"(,{"role":"assistant","content":"A"},)" + hosted_items))["messages"];
    CHECK(messages == Json::parse(R"([{"role":"user","content":"q"},{"role":"assistant","content":"A"}])"));
}

TEST_CASE("a conversation of hosted items only reaches an upstream of this API") {
    const Json input = sent(with_items(hosted_items))["input"];
    CHECK(input == Json::parse("[" + std::string(hosted_items) + "]"));
}

TEST_CASE("every item of an upstream of this API reaches the client, non-streaming") {
    Gateway gateway("responses");
    const Json got = Json::parse(
        response_in_pieces(gateway, gateway.parse(whole(wanted)), {response("completed", all_items)}));
    CHECK(without_ids(got["output"]) == expected_items());
    CHECK(got["x_top"] == 1.5);
}

TEST_CASE("every item and event of an upstream of this API reaches the client") {
    Gateway gateway("responses");
    const Parsed parsed = gateway.parse(streaming(wanted));
    const std::string stream = stream_of_all();
    const std::string all = response_in_pieces(gateway, parsed, {stream});
    const Grammar read(all, true);
    CHECK(read.fault() == "");
    CHECK(read.ended());
    CHECK(without_ids(read.response()["output"]) == expected_items());
    CHECK(read.types() ==
          "created in_progress "
          "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
          "reasoning_summary_text.done reasoning_summary_part.done reasoning_summary_part.added "
          "reasoning_summary_text.delta reasoning_summary_text.delta reasoning_summary_text.done "
          "reasoning_summary_part.done content_part.added reasoning_text.delta reasoning_text.done "
          "content_part.done output_item.done "
          "output_item.added web_search_call.in_progress web_search_call.searching web_search_call.completed "
          "output_item.done "
          "output_item.added content_part.added output_text.delta output_text.done content_part.done "
          "output_item.done "
          "output_item.added mcp_call_arguments.delta mcp_call_arguments.done output_item.done "
          "output_item.added content_part.added output_text.delta output_text.done content_part.done "
          "content_part.added output_text.delta output_text.annotation.added output_text.annotation.added "
          "output_text.done content_part.done output_item.done "
          "output_item.added function_call_arguments.delta function_call_arguments.done output_item.done "
          "output_item.added custom_tool_call_input.delta custom_tool_call_input.delta "
          "custom_tool_call_input.done output_item.done "
          "output_item.added output_item.done completed");
}

TEST_CASE("items of an upstream of this API are the same wherever their stream is cut") {
    Gateway gateway("responses");
    const Parsed parsed = gateway.parse(streaming(wanted));
    for (const std::size_t item : {1, 4, 6}) {
        const std::string& events = events_of_items[item];
        const std::string stream = stream_of(events, "");
        const std::string all = response_in_pieces(gateway, parsed, {stream});
        CHECK(Grammar(all, true).fault() == "");
        const std::size_t begin = stream.find(events), end = begin + events.size();
        for (std::size_t cut = begin; cut < end; ++cut) {
            const std::string_view bytes = stream;
            REQUIRE(response_in_pieces(gateway, parsed, {bytes.substr(0, cut), bytes.substr(cut)}) == all);
        }
    }
}

TEST_CASE("an upstream's stream of this API that ends at any byte is complete or failed") {
    Gateway gateway("responses");
    const Parsed parsed = gateway.parse(streaming(wanted));
    for (const std::size_t item : {1, 4, 6}) {
        const std::string& events = events_of_items[item];
        const std::string stream = stream_of(events, "");
        std::string last;
        for (std::size_t end = 0; end < stream.size(); ++end) {
            const std::string out =
                response_in_pieces(gateway, parsed, {std::string_view(stream).substr(0, end)});
            if (std::exchange(last, out) == out) continue;
            const Grammar read(out, true);
            REQUIRE(read.fault() == "");
            REQUIRE(read.ended());
        }
    }
}

TEST_CASE("encrypted thoughts are the upstream's own bytes in both directions") {
    Gateway gateway("responses");
    const Json got = Json::parse(
        response_in_pieces(gateway, gateway.parse(whole(wanted)), {response("completed", all_items)}));
    CHECK(got["output"][0]["encrypted_content"] == "gAAA+/=");
    Json next = Json{{"model", "m"}, {"input", got["output"]}};
    next["input"].push_back(
        Json::parse(R"({"type":"function_call_output","call_id":"call_1","output":"1"})"));
    const Json input = sent(next.dump())["input"];
    CHECK(input[0]["encrypted_content"] == "gAAA+/=");
    CHECK(input[0]["summary"] == got["output"][0]["summary"]);
    CHECK(input[0]["content"] == got["output"][0]["content"]);
    CHECK(input[1] == got["output"][1]);
    CHECK(input[2]["phase"] == "commentary");
    // Not asked for, not shown.
    const Json plain =
        Json::parse(response_in_pieces(gateway, gateway.parse(whole()), {response("completed", all_items)}));
    CHECK_FALSE(plain["output"][0].contains("encrypted_content"));
}

TEST_CASE("an answer of hosted items only gets no empty message") {
    Gateway gateway("responses");
    const Parsed parsed = gateway.parse(whole());
    const Json got = Json::parse(response_in_pieces(gateway, parsed, {response("completed", search_item)}));
    CHECK(without_ids(got["output"]).size() == 1);
    CHECK(got["status"] == "completed");
}

TEST_CASE("the id of a hosted item keeps its prefix") {
    Gateway gateway("responses");
    auto id = [&](const std::string& upstream) {
        const std::string item = R"({"id":")" + upstream + R"(","type":"of_the_future_call"})";
        const Json got =
            Json::parse(response_in_pieces(gateway, gateway.parse(whole()), {response("completed", item)}));
        const std::string made = got["output"][0]["id"];
        CHECK(made.size() <= 64);
        return made.substr(0, made.find('_') + 1);
    };
    CHECK(id("mcpr_1") == "mcpr_");
    CHECK(id("") == "item_");
    CHECK(id("Not an id_") == "item_");
    CHECK(id(std::string(99, 'a') + "_") == "item_");
}
