// SPDX-License-Identifier: Apache-2.0
// Compares every field of OpenAI's chat requests in every format with README.md's
// table: translated, refused or dropped.
#include "tests/plugins/provider/oci/helpers.hpp"

#include <array>
#include <functional>
#include <map>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

constexpr std::array models = {"meta.llama-3.3-70b-instruct", "cohere.command-a-03-2025",
                               "cohere.command-a-reasoning-08-2025"};

Tool tool(const char* name) {
    Tool tool;
    tool.name = name;
    return tool;
}

using Change = std::function<void(ChatRequest&)>;

struct Field {
    Change set;                   // as a client would
    Change before = {};           // other fields that the field depends on
    const char* named = nullptr;  // in the log, if not by its own name
};

void with_tools(ChatRequest& request) { request.tools = {tool("f"), tool("g")}; }

const std::map<std::string, Field> openai = {
    {"model", {[](ChatRequest& r) { r.model += "-x"; }}},
    {"messages", {[](ChatRequest& r) { r.messages.push_back(message(Role::user, "more")); }}},
    {"max_completion_tokens", {[](ChatRequest& r) { r.sampling.max_completion_tokens = 7; }}},
    {"max_tokens", {[](ChatRequest& r) { r.sampling.max_tokens = 7; }}},
    {"temperature", {[](ChatRequest& r) { r.sampling.temperature = 0.5; }}},
    {"top_p", {[](ChatRequest& r) { r.sampling.top_p = 0.5; }}},
    {"top_k", {[](ChatRequest& r) { r.sampling.top_k = 5; }}},
    {"frequency_penalty", {[](ChatRequest& r) { r.sampling.frequency_penalty = 0.5; }}},
    {"presence_penalty", {[](ChatRequest& r) { r.sampling.presence_penalty = 0.5; }}},
    {"seed", {[](ChatRequest& r) { r.sampling.seed = 5; }}},
    {"stop", {[](ChatRequest& r) { r.sampling.stop = {"x"}; }}},
    {"n", {[](ChatRequest& r) { r.sampling.n = 2; }}},
    {"logprobs", {[](ChatRequest& r) { r.sampling.logprobs = true; }}},
    {"top_logprobs",
     {[](ChatRequest& r) { r.sampling.top_logprobs = 5; },
      [](ChatRequest& r) { r.sampling.logprobs = true; }}},
    {"logit_bias", {[](ChatRequest& r) { r.sampling.logit_bias = {R"({"1":2})"}; }}},
    {"stream", {[](ChatRequest& r) { r.stream = true; }}},
    // Usage is always requested.  The field counts as translated if the request is
    // streaming.
    {"stream_options", {[](ChatRequest& r) { r.stream = r.include_usage = true; }}},
    {"response_format", {[](ChatRequest& r) { r.response_format.kind = ResponseFormat::Kind::json_object; }}},
    {"tools", {with_tools}},
    {"tool_choice",
     {[](ChatRequest& r) {
          r.tool_choice = {ToolChoice::Mode::named, "f", {}};
      },
      with_tools}},
    {"parallel_tool_calls", {[](ChatRequest& r) { r.parallel_tool_calls = false; }, with_tools}},
    // The dialect converts these two into tools and a tool choice.
    {"functions", {with_tools}},
    {"function_call",
     {[](ChatRequest& r) {
          r.tool_choice = {ToolChoice::Mode::named, "g", {}};
      },
      with_tools}},
    {"reasoning_effort", {[](ChatRequest& r) { r.reasoning_effort = "low"; }}},
    {"verbosity", {[](ChatRequest& r) { r.verbosity = "low"; }}},
    {"service_tier", {[](ChatRequest& r) { r.service_tier = "default"; }}},
    {"prediction", {[](ChatRequest& r) { r.prediction = {R"({"type":"content","content":"x"})"}; }}},
    {"web_search_options", {[](ChatRequest& r) { r.web_search_options = {"{}"}; }}},
    {"metadata", {[](ChatRequest& r) { r.metadata = {R"({"a":"b"})"}; }}},
    {"modalities", {[](ChatRequest& r) { r.modalities = {R"(["text","audio"])"}; }}},
    {"audio", {[](ChatRequest& r) { r.audio = {R"({"voice":"x","format":"wav"})"}; }}},
    {"store", {[](ChatRequest& r) { r.store = true; }}},
    {"user", {[](ChatRequest& r) { r.user = "u"; }}},
    {"safety_identifier", {[](ChatRequest& r) { r.safety_identifier = "u"; }}},
    {"prompt_cache_key", {[](ChatRequest& r) { r.prompt_cache_key = "u"; }}},
    {"prompt_cache_retention", {[](ChatRequest& r) { r.extra = {R"({"prompt_cache_retention":"24h"})"}; }}},
    {"unknown fields", {[](ChatRequest& r) { r.extra = {R"({"never_heard_of":1})"}; }, {}, "never_heard_of"}},
};

/// The first word of README.md's cell for each field and format.
std::map<std::string, std::array<std::string, 3>> manual() {
    std::ifstream file(MANUAL);
    REQUIRE(file);
    std::map<std::string, std::array<std::string, 3>> table;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) inside = line == "### Fields of a request";
        if (!inside || !line.starts_with("| ") || line.starts_with("| OpenAI")) continue;
        std::istringstream cells(line.substr(2));
        std::string name, cell;
        std::getline(cells, name, '|');
        if (name.starts_with('`')) name = name.substr(1, name.find('`', 1) - 1);
        while (name.ends_with(' ')) name.pop_back();
        for (std::string& word : table[name]) {
            std::getline(cells, cell, '|');
            const std::size_t first = cell.find_first_not_of(' ');
            REQUIRE_MESSAGE(first != cell.npos, line);
            word = cell.substr(first, cell.find_first_of(" ,:;|", first) - first);
        }
    }
    return table;
}

struct Outcome {
    std::string word;
    std::vector<std::string> logged = {};
};

Outcome outcome(const std::string& name, const Field& field, const char* model) {
    auto make = [&](bool set) {
        ChatRequest request = ask(model);
        if (field.before) field.before(request);
        if (set) field.set(request);
        return request;
    };
    Bench plain, bench;
    const ChatRequest without = make(false), with = make(true);
    auto exchange = bench.provider.chat(with);
    REQUIRE(exchange);
    auto http = (*exchange)->request();
    if (!http) {
        CHECK_MESSAGE(http.error().param == name, name);
        CHECK(status_of(http.error()) == 400);
        return {"refused"};
    }
    const Json body = Json::parse((**http).body);
    return {body == sent(plain.provider, without) ? "dropped" : "translated", bench.host.logged};
}

}  // namespace

TEST_CASE("README.md's table has every field, and the code does as the table says") {
    const auto table = manual();
    for (const auto& field : openai) CHECK_MESSAGE(table.contains(field.first), field.first);
    for (const auto& row : table) CHECK_MESSAGE(openai.contains(row.first), row.first);
    for (const auto& row : openai) {
        const auto& name = row.first;
        const auto& field = row.second;
        if (!table.contains(name)) continue;
        for (std::size_t i = 0; i < models.size(); ++i) {
            CAPTURE(name);
            CAPTURE(models[i]);
            const Outcome found = outcome(name, field, models[i]);
            CHECK(found.word == table.at(name)[i]);
            const std::string shown = field.named ? field.named : name;
            const bool told =
                std::any_of(found.logged.begin(), found.logged.end(), [&](const std::string& line) {
                    return line.starts_with("request fields dropped") && line.find(shown) != line.npos;
                });
            CHECK(told == (found.word == "dropped"));
        }
    }
}

TEST_CASE("an ordinary request leaves no line in the log") {
    for (const char* model : models) {
        Bench bench;
        ChatRequest request = ask_stream(model);
        request.sampling.temperature = 0.5;
        request.sampling.n = 1;
        request.tools = {tool("f")};
        chat_sent(bench.provider, request);
        CHECK(bench.host.logged == Lines{});
    }
}

TEST_CASE("one bounded line names all dropped fields, once") {
    Bench bench;
    ChatRequest request = ask("xai.grok-4");
    request.store = true;
    request.sampling.stop = {"x"};
    request.reasoning_effort = "low";
    request.verbosity = "chatty";
    request.tools = {tool("f"), tool("g")};
    request.tools[1].type = "web_search";
    request.extra = {R"({"mine":1,"nothing":null})"};
    auto exchange = bench.provider.chat(request);
    REQUIRE(exchange);
    REQUIRE((*exchange)->request());
    REQUIRE((*exchange)->request());  // a retry
    CHECK(bench.host.logged ==
          Lines{"request fields dropped model=xai.grok-4 format=GENERIC fields=stop, reasoning_effort, "
                "verbosity, tools[1] of type web_search, store, mine"});
    ChatRequest many = ask();
    many.extra.text = "{";
    for (int i = 0; i < 10'000; ++i)
        many.extra.text += "\"" + std::string(100, 'x') + std::to_string(i) + "\":1,";
    many.extra.text += R"("z":1})";
    Bench other;
    chat_sent(other.provider, many);
    REQUIRE(other.host.logged.size() == 1);
    CHECK(other.host.logged[0].size() < 4000);
}
