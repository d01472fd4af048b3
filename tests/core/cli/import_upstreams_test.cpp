// SPDX-License-Identifier: Apache-2.0
// The upstreams that `gatehouse import` writes: addresses, APIs, keys, and models that no provider has.
#include "tests/core/cli/imported.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

/// Imports models with these parameters, each with the name m, next to a local one.
Made import_models(const std::vector<std::string>& parameters, const std::string& rest = "") {
    const Folder folder;
    std::string yaml = "model_list:\n  - {model_name: local, litellm_params: {model: ollama/x}}\n";
    for (const std::string& one : parameters) yaml += "  - {model_name: m, litellm_params: {" + one + "}}\n";
    return import(folder, yaml + rest);
}

/// The reason why a model with these parameters is not imported.
std::string refusal(const std::string& parameters) {
    const std::string out = import_models({parameters}).outcome.out;
    const std::size_t begin = out.find("\"m\": \""), end = out.find('\n', begin);
    return begin == std::string::npos ? "" : out.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("each reason why a model is not imported says how to write it") {
    CHECK(refusal("model: bedrock/x") ==
          "\"m\": \"bedrock/x\" uses the provider \"bedrock\", which Gatehouse does not have");
    CHECK(
        refusal("model: maker/x, api_base: http://127.0.0.1:1/v1") ==
        "\"m\": \"maker/x\" uses the provider \"maker\", which Gatehouse does not have; write openai/MODEL if its "
        "api_base speaks OpenAI's protocol");
    CHECK(refusal("model: x") == "\"m\": \"x\" names no provider; write PROVIDER/MODEL");
    CHECK(refusal("model: os.environ/MODEL") ==
          "\"m\": \"os.environ/MODEL\" is a variable; write the name of the model");
    CHECK(refusal("model: '*'") ==
          "\"m\": \"*\" takes the provider from the request; write an entry for each "
          "provider: \"PROVIDER/*\"");
    CHECK(refusal("model: gemini/x, api_base: https://example.com/v1beta")
              .starts_with("\"m\": \"gemini/x\" has an api_base for the protocol of Gemini, "));
    CHECK(refusal("model: openai/x, api_base: 'https://example.com/v1?a=b'") ==
          "\"m\": \"openai/x\" has an api_base with a query, which Gatehouse does not have");
    CHECK(refusal("model: azure/x, api_base: os.environ/BASE, api_version: preview") ==
          "\"m\": \"azure/x\" needs its api_base in the file, because its api_version changes the path");
    CHECK(refusal("model: azure_ai/x, api_base: os.environ/BASE") ==
          "\"m\": \"azure_ai/x\" needs its api_base in the file, because the host changes the path");
    CHECK(refusal("model: openai/x, litellm_credential_name: none") ==
          "\"m\": \"openai/x\" uses the credential \"none\", which the file does not have");
    CHECK(refusal("model: openai/x}, model_info: {mode: audio_transcription") ==
          "\"m\": \"openai/x\" is a model for \"audio_transcription\", which Gatehouse does not have");
}

TEST_CASE("an address becomes the base URL of the API that LiteLLM would call") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"model: openai/x, api_base: http://127.0.0.1:1/v1/chat/completions",
         "base_url = \"http://127.0.0.1:1/v1\"\n"},
        {"model: anthropic/x, api_base: http://127.0.0.1:1/v1/messages",
         "base_url = \"http://127.0.0.1:1\"\n"},
        {"model: ollama_chat/x, api_base: http://127.0.0.1:1/api/chat",
         "base_url = \"http://127.0.0.1:1\"\n"},
        {"model: azure/x, api_base: https://r.openai.azure.com/, api_version: preview, api_key: k",
         "header = \"api-key\"\nkey = \"k\"\nscheme = \"\"\n\n[provider.azure]\nuse = \"openai\"\n"
         "base_url = \"https://r.openai.azure.com/openai/v1\"\n"},
        {"model: azure_ai/x, api_base: https://r.services.ai.azure.com/models, api_key: k",
         "header = \"api-key\"\nkey = \"k\"\nscheme = \"\"\n\n[provider.azure_ai]\nuse = \"openai\"\n"
         "base_url = \"https://r.services.ai.azure.com/openai/v1\"\n"},
        {"model: azure_ai/x, api_base: https://x.models.ai.azure.com, api_key: k",
         "key = \"k\"\n\n[provider.azure_ai]\nuse = \"openai\"\nbase_url = \"https://x.models.ai.azure.com\"\n"},
        {"model: cohere/rerank-x", "base_url = \"https://api.cohere.com/v2\"\n"},
        {"model: openai/responses/x, api_key: k", "api = \"responses\"\n"},
        {"model: openai/responses/x, api_key: k", "\"m\" = \"openai/x\"\n"},
        {"model: azure/gpt5_series/x, api_base: http://127.0.0.1:1", "\"m\" = \"azure/x\"\n"},
        {"model: oci/x",
         "compartment_id = \"env:OCI_COMPARTMENT_ID\"\nregion = \"env:OCI_REGION:-us-ashburn-1\"\n"},
    };
    for (const auto& one : cases) {
        const Made made = import_models({one.first});
        CAPTURE(made.outcome.out);
        CAPTURE(made.file);
        CHECK_MESSAGE(contains(made.file, one.second), one.first);
    }
}

TEST_CASE("local servers have a signer only with a key") {
    const Made without = import_models({"model: lm_studio/x"});
    CHECK(contains(without.file,
                   "[provider.lm_studio]\nuse = \"openai\"\nbase_url = \"http://127.0.0.1:1234/v1\"\n\n"));
    CHECK_FALSE(contains(without.file, "[signer."));
    CHECK(contains(import_models({"model: ollama_chat/x, api_key: k"}).file,
                   "[signer.ollama_chat]\nuse = \"bearer\"\nkey = \"k\"\n"));
}

TEST_CASE("a credential gives the key and the address of the entries that name it") {
    const Made made = import_models({"model: openai/x, litellm_credential_name: shared",
                                     "model: openai/y, litellm_credential_name: shared, api_key: own"},
                                    R"(credential_list:
  - credential_name: shared
    credential_values: {api_key: os.environ/SHARED, api_base: "http://127.0.0.1:1/v1"}
)");
    CHECK(contains(made.file, "[signer.openai]\nuse = \"bearer\"\nkey = \"env:SHARED\"\n"));
    CHECK(contains(made.file, "[provider.openai]\nuse = \"openai\"\nbase_url = \"http://127.0.0.1:1/v1\"\n"));
    CHECK(contains(made.file, "[signer.openai_2]\nuse = \"bearer\"\nkey = \"own\"\n"));
    CHECK_FALSE(contains(made.outcome.out, "credential"));
}
