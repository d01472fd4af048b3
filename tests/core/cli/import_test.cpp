// SPDX-License-Identifier: Apache-2.0
// `gatehouse import` as a user runs it: the new file, what it says of the rest, and its errors.
#include "tests/core/cli/imported.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

std::string problem_of(const std::string& yaml) {
    const Folder folder;
    const Made made = import(folder, yaml);
    CHECK(made.outcome.status == 2);
    CHECK(made.file == "");
    return made.outcome.err.substr(made.outcome.err.find("config.yaml"));
}

constexpr const char* several = R"(
model_list:
  - model_name: chat
    litellm_params: &first
      model: openai/large
      api_base: http://127.0.0.1:9001/v1
      api_key: sk-plain
      weight: 3
    model_info: {mode: chat, input_cost_per_token: 0.0000025, output_cost_per_token: 1e-5}
  - model_name: chat
    litellm_params: {<<: *first, model: openai/small, weight: 1, rpm: 10}
  - model_name: spare
    litellm_params: {model: "ollama/llama3.1:8b", api_base: http://127.0.0.1:9002}
  - model_name: "any/*"
    litellm_params: {model: "hosted_vllm/*", api_base: http://127.0.0.1:9003/v1}
  - model_name: gone
    litellm_params: {model: bedrock/nova, aws_region_name: us-east-1}
  - model_name: nowhere
    litellm_params: {model: hosted_vllm/x}
  - model_name: starless
    litellm_params: {model: "openai/*"}
router_settings:
  model_group_alias: {alias: chat, hidden: {model: spare, hidden: true}}
  fallbacks: [{chat: [spare, gone]}]
  num_retries: 1
  timeout: 2.5
litellm_settings: {num_retries: 7, drop_params: true, set_verbose: false, cache_params: {}}
general_settings: {master_key: sk-master-000000000000, database_url: null}
)";

}  // namespace

TEST_CASE(
    "deployments, weights, fallbacks, aliases, prices and limits are imported, and the file passes check") {
    const Folder folder;
    const Made made = import(folder, several);
    CAPTURE(made.file);
    CHECK(made.outcome.status == 0);
    CHECK(made.outcome.err == "");
    for (
        const char* part :
        {"keys = [{ name = \"master\", key = \"sk-master-000000000000\" }]\n",
         "[upstream]\nattempts = 2\nresponse_timeout_ms = 2500\n",
         "[signer.openai]\nuse = \"bearer\"\nkey = \"sk-plain\"\n",
         "[provider.openai]\nuse = \"openai\"\nbase_url = \"http://127.0.0.1:9001/v1\"\nsigner = \"openai\"\n",
         "[provider.openai.per_model.\"large\"]\nprice = { input = 2.5, output = 10 }\n",
         "[provider.ollama]\nuse = \"ollama\"\nbase_url = \"http://127.0.0.1:9002\"\n\n",
         "[provider.hosted_vllm]\nuse = \"openai\"\nbase_url = \"http://127.0.0.1:9003/v1\"\n\n",
         "\"chat\" = [\"openai/large\", \"openai/small\", \"ollama/llama3.1:8b\"]\n",
         "\"alias\" = [\"openai/large\", \"openai/small\"]\n", "\"hidden\" = \"ollama/llama3.1:8b\"\n",
         "\"any/*\" = \"hosted_vllm/*\"\n",
         "models = [\"chat\"]\nroutes = [\n    { to = \"openai/large\", weight = 3 },\n"
         "    { to = \"openai/small\", weight = 1 },\n    { to = \"ollama/llama3.1:8b\" },\n]\n"})
        CHECK_MESSAGE(contains(made.file, part), part);
    CHECK(run("check -c " + (folder.path / "made.toml").string()).status == 0);
}

TEST_CASE("every model and every setting without a counterpart is named") {
    const Folder folder;
    const Made made = import(folder, several);
    const std::string expected =
        "not imported: \"gone\": \"bedrock/nova\" uses the provider \"bedrock\", which Gatehouse does not have\n"
        "not imported: \"nowhere\": \"hosted_vllm/x\" needs an api_base\n"
        "not imported: \"starless\": \"openai/*\" has a star, but model_name has none\n"
        "not imported: the fallback of \"chat\" to \"gone\": no imported model has this name\n"
        "not supported: litellm_settings.drop_params: ";
    CHECK(made.outcome.out.starts_with(expected));
    CHECK(contains(made.outcome.out,
                   "not supported: model_list.litellm_params.rpm: the limiter quota limits requests"));
    CHECK_FALSE(contains(made.outcome.out, "model_info.mode"));  // a chat
    CHECK_FALSE(contains(made.outcome.out, "set_verbose"));      // false is what the gateway does
    CHECK_FALSE(contains(made.outcome.out, "aws_region_name"));  // its model is named
    CHECK(contains(made.file, "# not imported: \"gone\": "));
    CHECK_FALSE(contains(made.outcome.out, "sk-"));
}

TEST_CASE("a strategy becomes a preference, and a variable of the environment a reference") {
    const Folder folder;
    const Made made = import(folder, R"(
model_list:
  - {model_name: a, litellm_params: {model: gpt-4o, api_key: os.environ/FIRST}}
  - {model_name: a, litellm_params: {model: claude-x, api_key: "${SECOND}"}}
  - {model_name: b, litellm_params: {model: azure/own, api_base: os.environ/BASE}}
router_settings: {routing_strategy: latency-based-routing}
)");
    for (const char* part : {"key = \"env:FIRST\"\n", "key = \"env:SECOND\"\n", "header = \"x-api-key\"\n",
                             "base_url = \"env:BASE\"\n", "azure_api_version = \"env:AZURE_API_VERSION:-",
                             "models = [\"a\"]\nprefer = \"fastest\"\n"})
        CHECK_MESSAGE(contains(made.file, part), part);
}

TEST_CASE("weights with a fraction keep their proportion") {
    const Folder folder;
    const Made made = import(folder, R"(
model_list:
  - {model_name: a, litellm_params: {model: hosted_vllm/x, api_base: http://127.0.0.1:1/v1, weight: 0.9}}
  - {model_name: a, litellm_params: {model: hosted_vllm/y, api_base: http://127.0.0.1:1/v1, weight: 0.1}}
  - {model_name: a, litellm_params: {model: hosted_vllm/z, api_base: http://127.0.0.1:1/v1, weight: 0}}
)");
    CHECK(contains(made.file, "{ to = \"hosted_vllm/x\", weight = 900 }"));
    CHECK(contains(made.file, "{ to = \"hosted_vllm/y\", weight = 100 }"));
    CHECK(contains(made.file, "{ to = \"hosted_vllm/z\", weight = 0 }"));
}

TEST_CASE("import refuses what it cannot read, and never replaces a file") {
    const std::string no_models =
        "config.yaml is not a configuration of litellm: it has no model_list (models of a "
        "database are not imported)\n";
    CHECK(problem_of("model_list: [").starts_with("config.yaml: line "));
    CHECK(problem_of("a: 1") == no_models);
    CHECK(problem_of("[1, 2]") == no_models);
    CHECK(problem_of("? [a, b]\n: 1\n") == "config.yaml: line 1: a key must be a text\n");
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k) bomb += last + (k < 9 ? ", " : "]\n");
    }
    CHECK(contains(problem_of(bomb), "too many values, or too many levels"));
    CHECK(contains(problem_of(std::string(5000, '[')), "config.yaml: line 1: "));

    const Folder folder;
    const std::string there = folder.file("made.toml", "kept"), yaml = folder.file("c.yaml", several);
    const Outcome again = run("import litellm " + yaml + " -o " + there);
    CHECK(again.status == 2);
    CHECK(again.err == there + " exists; choose another file with -o FILE\n");
    CHECK(contains(run("import foo " + yaml + " -o " + there).err,
                   "there is no format \"foo\" (there are: litellm)"));
    CHECK(content_of(there) == "kept");
    CHECK(run("import litelm " + yaml + " -o " + there + "2").err ==
          "there is no format \"litelm\"; did you mean \"litellm\"? (there are: litellm)\n");
    CHECK(run("import litellm /no/such -o " + there + "2").err == "/no/such: no such file or directory\n");
}
