// SPDX-License-Identifier: Apache-2.0
// Families of models, the keys that override them, and unsupported uses.
#include "plugins/provider/oci/models/model.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {
Model find(const std::string& id, const Options& given = options()) { return Models(given).find(id); }
}  // namespace

TEST_CASE("a model's format follows from its name") {
    const std::pair<const char*, Format> table[] = {
        {"cohere.command-a-03-2025", Format::cohere},
        {"cohere.command-r-plus-08-2024", Format::cohere},
        {"cohere.command-latest", Format::cohere},
        {"cohere.command-a-vision", Format::coherev2},
        {"cohere.command-a-vision-07-2025", Format::coherev2},
        {"cohere.command-a-reasoning-08-2025", Format::coherev2},
        {"cohere.embed-v4.0", Format::embed},
        {"cohere.rerank-v3.5", Format::rerank},
        {"meta.llama-3.3-70b-instruct", Format::generic},
        {"xai.grok-4", Format::generic},
        {"google.gemini-2.5-pro", Format::generic},
        {"openai.gpt-5", Format::generic},
        {"ocid1.generativeaimodel.oc1.us-chicago-1.amaaaaaa", Format::generic},
        {"ocid1.generativeaiendpoint.oc1.us-chicago-1.amaaaaaa", Format::generic},
        {"", Format::generic},
    };
    for (const auto& row : table) {
        const auto& name = row.first;
        const auto& format = row.second;
        CAPTURE(name);
        CHECK(find(name).format == format);
    }
}

TEST_CASE("each family has its capabilities") {
    struct Row {
        const char* name;
        bool max_completion_tokens, developer, sequential;
        FieldSet drop;
        std::int64_t window;
    };
    const FieldSet sampling = {RequestField::temperature, RequestField::top_p};
    const FieldSet stop = {RequestField::stop, RequestField::presence_penalty,
                           RequestField::frequency_penalty};
    FieldSet grok = stop;
    grok.add(RequestField::reasoning_effort);
    const Row table[] = {
        {"openai.gpt-4.1", true, true, false, {}, 1'047'576},
        {"openai.gpt-5.4", true, true, false, sampling, 400'000},
        {"openai.o3-mini", true, true, false, sampling, 200'000},
        {"openai.gpt-audio", true, true, false, {}, 0},
        {"openai.gpt-oss-120b", false, false, false, {}, 128'000},
        {"xai.grok-3", false, false, false, {}, 131'072},
        {"xai.grok-3-mini-fast", false, false, false, stop, 131'072},
        {"xai.grok-4", false, false, false, grok, 128'000},
        {"xai.grok-4-fast-reasoning", false, false, false, grok, 2'000'000},
        {"xai.grok-4.3", false, false, false, stop, 1'000'000},
        {"xai.grok-4.20-0309-reasoning", false, false, false, stop, 1'000'000},
        {"xai.grok-code-fast-1", false, false, false, stop, 256'000},
        {"google.gemini-2.5-flash-lite", false, false, true, {}, 1'048'576},
        {"meta.llama-3.3-70b-instruct", false, false, false, {}, 131'072},
        {"meta.llama-4-scout-17b-16e-instruct", false, false, false, {}, 192'000},
        {"mistral.something", false, false, false, {}, 0},
    };
    for (const Row& row : table) {
        CAPTURE(row.name);
        const Model model = find(row.name);
        CHECK(model.max_completion_tokens == row.max_completion_tokens);
        CHECK(model.developer == row.developer);
        CHECK(model.sequential_tools == row.sequential);
        CHECK(model.drop == row.drop);
        CHECK(model.context_window.value_or(0) == row.window);
    }
}

TEST_CASE("fields that a family refuses and fields in `drop` are not sent") {
    Options given = options();
    given.models["meta.*"].drop = {"temperature", "topP", "logprobs"};
    Bench bench(given);
    ChatRequest request = ask("xai.grok-4");
    request.sampling.stop = {"END"};
    request.sampling.presence_penalty = request.sampling.temperature = request.sampling.top_p = 1;
    request.sampling.logprobs = true;
    request.reasoning_effort = "low";
    const Json grok = chat_sent(bench.provider, request);
    CHECK(!grok.contains("stop"));
    CHECK(!grok.contains("presencePenalty"));
    CHECK(!grok.contains("reasoningEffort"));
    CHECK(grok["temperature"] == 1);
    request.model = "meta.llama-3.3-70b-instruct";
    const Json llama = chat_sent(bench.provider, request);
    CHECK(llama.contains("stop"));
    CHECK(llama.contains("reasoningEffort"));
    for (const char* field : {"temperature", "topP", "logProbs"}) CHECK(!llama.contains(field));
}

TEST_CASE("keys override the family; exact names win, then the longest prefix") {
    Options given = options();
    given.max_tokens = 100;
    given.models["openai.*"].max_tokens = 1;
    given.models["openai.gpt-5*"].max_tokens = 2;
    ModelOptions& exact = given.models["openai.gpt-5"];
    exact.max_tokens = 3;
    exact.max_tokens_cap = 5;
    exact.token_limit = "max_tokens";
    exact.developer_role = "system";
    exact.tool_turns = "sequential";
    exact.context_window = 9;
    exact.streaming = "simulated";
    ModelOptions& tuned = given.models["ocid1.generativeaimodel.oc1..x"];
    tuned.like = "google.gemini-2.5-pro";
    tuned.format = "generic";
    CHECK(find("meta.x", given).max_tokens == 100);
    CHECK(find("openai.x", given).max_tokens == 1);
    CHECK(find("openai.gpt-5-mini", given).max_tokens == 2);
    const Model model = find("openai.gpt-5", given);
    CHECK(model.max_tokens == 3);
    CHECK(!model.max_completion_tokens);
    CHECK(!model.developer);
    CHECK(model.sequential_tools);
    CHECK(model.context_window == 9);
    CHECK(model.simulated_stream);
    CHECK(find("ocid1.generativeaimodel.oc1..x", given).sequential_tools);
    CHECK(find("ocid1.generativeaimodel.oc1..x", given).id == "ocid1.generativeaimodel.oc1..x");

    Bench bench(given);
    ChatRequest request = ask("openai.gpt-5");
    request.sampling.max_tokens = 1000;
    CHECK(chat_sent(bench.provider, request)["maxTokens"] == 5);
}

TEST_CASE("a default above the cap is lowered to it") {
    Options given = options();
    given.models["m"].max_tokens_cap = 10;
    CHECK(find("m", given).max_tokens == 10);
}

TEST_CASE("models that embed or rank do not chat") {
    Bench bench;
    for (const char* name : {"cohere.embed-v4.0", "cohere.rerank-v3.5"}) {
        const Error error = refused(bench.provider, ask(name));
        CHECK(error.kind == ErrorKind::unsupported);
        CHECK(error.param == "model");
        CHECK(error.message.find(name) != std::string::npos);
    }
}

TEST_CASE("the model's name or a key selects the format") {
    auto format = [](const char* model, const Options& given = options()) {
        Bench bench(given);
        return chat_sent(bench.provider, ask(model)).at("apiFormat").get<std::string>();
    };
    CHECK(format("cohere.command-a-03-2025") == "COHERE");
    CHECK(format("cohere.command-r-08-2024") == "COHERE");
    CHECK(format("cohere.command-latest") == "COHERE");
    CHECK(format("cohere.command-a-vision") == "COHEREV2");
    CHECK(format("cohere.command-a-reasoning-08-2025") == "COHEREV2");
    CHECK(format("xai.grok-4") == "GENERIC");
    CHECK(format("ocid1.generativeaimodel.oc1..x") == "GENERIC");
    Options given = options();
    given.models["cohere.*"].format = "generic";
    given.models["ocid1.generativeaiendpoint.*"].format = "coherev2";
    given.models["tuned"].like = "cohere.command-r-08-2024";
    CHECK(format("cohere.command-a-03-2025", given) == "GENERIC");
    CHECK(format("ocid1.generativeaiendpoint.oc1..x", given) == "COHEREV2");
    CHECK(format("tuned", given) == "COHERE");
}

TEST_CASE("Cohere's on-demand models have a limit, and keys set tools and bounds") {
    CHECK(find("cohere.command-a-03-2025").max_tokens_cap == 4000);
    CHECK(find("cohere.command-a-vision").max_tokens_cap == 4000);
    CHECK(!find("meta.llama-3.3-70b-instruct").max_tokens_cap);
    CHECK(!find("cohere.command-a-vision").tools);
    CHECK(find("cohere.command-a-reasoning").tools);
    CHECK(!find("google.gemini-2.5-pro").exclusive_bounds);
    CHECK(find("xai.grok-4").exclusive_bounds);
    Options given = options();
    ModelOptions& model = given.models["cohere.command-a-vision"];
    model.tools = "yes";
    model.exclusive_bounds = "replace";
    model.max_tokens_cap = 9000;
    given.models["dedicated"].like = "cohere.command-a-03-2025";
    given.models["dedicated"].serving = "dedicated";
    given.models["google.*"].exclusive_bounds = "keep";
    given.models["meta.*"].tools = "no";
    CHECK(find("cohere.command-a-vision", given).tools);
    CHECK(!find("cohere.command-a-vision", given).exclusive_bounds);
    CHECK(find("cohere.command-a-vision", given).max_tokens_cap == 9000);
    CHECK(!find("dedicated", given).max_tokens_cap);
    CHECK(find("google.gemini-2.5-pro", given).exclusive_bounds);
    CHECK(!find("meta.x", given).tools);
}
