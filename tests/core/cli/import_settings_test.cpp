// SPDX-License-Identifier: Apache-2.0
// Nothing that `gatehouse import` reads is lost silently: numbers, lists, names and included files.
#include "core/cli/import/yaml.hpp"
#include "tests/core/cli/imported.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

/// A file with the local models a, b and c, and more.
std::string with_models(const std::string& rest) {
    std::string text = "model_list:\n";
    for (const char* name : {"a", "b", "c"})
        text += std::string("  - {model_name: ") + name + ", litellm_params: {model: ollama/" + name + "}}\n";
    return text + rest;
}

}  // namespace

TEST_CASE("aliases and fallbacks to names without a model are named") {
    const Folder folder;
    const Made made = import(folder, with_models(R"(
router_settings:
  model_group_alias: {good: a, bad: nothing, many: [a, b]}
  fallbacks: [{a: [b, nothing, {}]}, {lost: [a]}, {b: [{model: c, temperature: 1}]}]
)"));
    for (const char* line : {"the alias \"bad\" of \"nothing\": no imported model has this name\n",
                             "the alias \"many\": it is not the name of a model\n",
                             "the fallback of \"a\" to \"nothing\": no imported model has this name\n",
                             "a fallback of \"a\": it is not the name of a model\n",
                             "the fallbacks of \"lost\": no imported model has this name\n",
                             "the fallback of \"b\": its members other than model\n"})
        CHECK_MESSAGE(contains(made.outcome.out, std::string("not imported: ") + line), line);
    CHECK(contains(made.file, "\"a\" = [\"ollama/a\", \"ollama/b\", \"ollama/c\"]\n"));
    CHECK(contains(made.file, "\"good\" = \"ollama/a\"\n"));
    CHECK_FALSE(contains(made.file, "\"bad\" = "));
}

TEST_CASE(
    "the fallbacks of a fallback follow it, and a name has those of its own list or of the default one") {
    const Folder folder;
    const Made chain = import(folder, with_models("router_settings: {fallbacks: [{a: [b]}, {b: [c, a]}]}\n"));
    CHECK(contains(chain.file, "\"a\" = [\"ollama/a\", \"ollama/b\", \"ollama/c\"]\n"));
    CHECK(contains(chain.file, "\"c\" = \"ollama/c\"\n"));
    const Made own = import(folder, with_models(R"(
router_settings: {fallbacks: [{a: [b]}, {a: [c]}]}
litellm_settings: {fallbacks: [{c: [a]}], default_fallbacks: c}
)"));
    CHECK(
        contains(own.file, "\"a\" = [\"ollama/a\", \"ollama/b\", \"ollama/c\"]\n"));  // b has the default one
    CHECK(contains(own.file, "\"b\" = [\"ollama/b\", \"ollama/c\"]\n"));
    CHECK(contains(own.file, "\"c\" = \"ollama/c\"\n"));  // the router's list replaces the library's
    const Made star = import(folder, with_models(R"(  - {model_name: "x/*", litellm_params: {model: "groq/*"}}
router_settings: {fallbacks: [{a: [x/one, "x/*"]}, {x/two: [b]}]}
)"));
    CHECK(contains(star.file, "\"a\" = [\"ollama/a\", \"groq/one\"]\n"));
    CHECK(contains(star.file, "\"x/two\" = [\"groq/two\", \"ollama/b\"]\n"));
    CHECK(contains(star.outcome.out, "the fallback of \"a\" to \"x/*\": "));
}

TEST_CASE("without retries the gateway still tries the fallbacks") {
    const Folder folder;
    const std::string none = "router_settings: {num_retries: 0";
    CHECK(contains(import(folder, with_models(none + "}\n")).file, "attempts = 1\n"));
    CHECK(contains(import(folder, with_models(none + ", fallbacks: [{a: [b]}]}\n")).file, "attempts = 2\n"));
    CHECK(contains(import(folder, with_models("litellm_settings: {num_retries: '3'}\n")).file,
                   "attempts = 4\n"));
}

TEST_CASE("deployments without weights share the requests by their limits") {
    const Folder folder;
    const std::string head = "model_list:\n",
                      one = "  - {model_name: m, litellm_params: {model: ollama/a, RATE}}\n",
                      two = "  - {model_name: m, litellm_params: {model: ollama/b, OTHER}}\n";
    auto shared = [&](const std::string& rate, const std::string& other) {
        std::string text = head + one + two;
        text.replace(text.find("RATE"), 4, rate).replace(text.find("OTHER"), 5, other);
        const std::string file = import(folder, text).file;
        const std::size_t begin = file.find("routes = [");
        return file.substr(begin, file.find(']', begin) - begin);
    };
    auto routes = [](const std::string& a, const std::string& b) {
        return "routes = [\n    { to = \"ollama/a\", weight = " + a +
               " },\n    { to = \"ollama/b\", weight = " + b + " },\n";
    };
    CHECK(shared("rpm: 60", "rpm: 30") == routes("60", "30"));
    CHECK(shared("tpm: 4_000_000", "tpm: 1_000_000") == routes("1000000", "250000"));
    CHECK(shared("weight: 2, rpm: 1", "rpm: 9") == routes("2", "0"));
    CHECK(shared("rpm: x", "rpm: 9") == routes("1", "1"));
    CHECK(shared("weight: 0", "weight: 0") == routes("1", "1"));
}

TEST_CASE("values of another type than expected are named") {
    const Folder folder;
    const Made made = import(folder, R"(
model_list:
  - model_name: a
    litellm_params: {model: ollama/a, weight: os.environ/WEIGHT, timeout: [1], api_key: {}}
    model_info: {input_cost_per_token: cheap}
router_settings: {num_retries: many, timeout: os.environ/TIME, model_group_alias: [a]}
litellm_settings: [drop_params]
general_settings: {master_key: [x]}
)");
    for (const char* path : {"model_list.litellm_params.weight", "model_list.litellm_params.timeout",
                             "model_list.model_info.input_cost_per_token", "router_settings.num_retries",
                             "router_settings.timeout", "router_settings.model_group_alias",
                             "litellm_settings", "general_settings.master_key"})
        CHECK_MESSAGE(contains(made.outcome.out, std::string("not supported: ") + path), path);
    CHECK(contains(made.outcome.out, "note: the file has no general_settings.master_key, "));
}

TEST_CASE("the prices and timeouts of a deployment become those of the model") {
    const Folder folder;
    const Made made = import(folder, R"(
model_list:
  - model_name: a
    litellm_params: {model: ollama/a, input_cost_per_token: 0.000001, output_cost_per_token: 0, timeout: 90,
                     stream_timeout: 1.5}
  - {model_name: b, litellm_params: {model: ollama/b}, model_info: {mode: embedding, input_cost_per_token: 2e-6}}
  - {model_name: c, litellm_params: {model: ollama/c}, model_info: {input_cost_per_token: 2e-6}}
)");
    CHECK(contains(
        made.file,
        "[provider.ollama.per_model.\"a\"]\nfirst_byte_timeout_ms = 1500\nprice = { input = 1, output = 0 }\n"
        "response_timeout_ms = 90000\n"));
    CHECK(contains(made.file, "[provider.ollama.per_model.\"b\"]\nprice = { input = 2, output = 0 }\n"));
    CHECK(contains(made.outcome.out,
                   "not supported: model_list.model_info.input_cost_per_token: a price needs "));
    CHECK(run("check -c " + (folder.path / "made.toml").string()).status == 0);
}

TEST_CASE("included files are read, and a file without a usable model is not written") {
    const Folder folder;
    folder.file("more.yaml", with_models("router_settings: {num_retries: 4}\n"));
    const Made made = import(folder,
                             "include: [more.yaml]\nrouter_settings: {num_retries: 1}\n"
                             "model_list: [{model_name: z, litellm_params: {model: ollama/z}}]\n");
    CHECK(contains(made.file, "\"z\" = \"ollama/z\"\n\"a\" = \"ollama/a\"\n"));
    CHECK(contains(made.file, "attempts = 5\n"));
    const Made missing = import(folder, "include: none.yaml\n");
    CHECK(missing.outcome.status == 2);
    CHECK(missing.outcome.err.ends_with("none.yaml: no such file or directory\n"));
    const Made unusable =
        import(folder, "model_list: [{model_name: a, litellm_params: {model: bedrock/a}}]\n");
    CHECK(unusable.outcome.status == 2);
    CHECK(unusable.file == "");
    CHECK(contains(unusable.outcome.out, "not imported: \"a\": "));
    CHECK(unusable.outcome.err.ends_with("config.yaml: no model can be imported, so no file was written\n"));
}

TEST_CASE("scalars of YAML are null, boolean, numbers or texts") {
    const auto value =
        parse_yaml("[~, null, true, False, 7, -2, 2.5, 1e-5, '7', \"true\", 2024-10-21, inf, x]");
    REQUIRE(value);
    const auto merged = parse_yaml("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {x: 3, <<: [*b, *a]}");
    REQUIRE(merged);
    CHECK(merged->at("c").dump() == R"({"x":3,"y":2,"z":2})");
    CHECK(value->dump() == R"([null,null,true,false,7,-2,2.5,1e-05,"7","true","2024-10-21","inf","x"])");
    const auto old = parse_yaml("[yes, No, ON, off, oN, 80_000, 1_0.5, a_1, _1]");
    REQUIRE(old);
    CHECK(old->dump() == R"([true,false,true,false,"oN",80000,10.5,"a_1","_1"])");
}

TEST_CASE("a file with few bytes cannot grow by its aliases, and an object cannot have members without end") {
    std::string aliases = "a: &a \"" + std::string(1 << 20, 'x') + "\"\nb: [";
    for (int i = 0; i < 100; ++i) aliases += "*a, ";
    CHECK(!parse_yaml(aliases + "]\n"));
    std::string members;
    for (int i = 0; i < 6'000; ++i) members += "m" + std::to_string(i) + ": 1\n";
    CHECK(!parse_yaml(members));
}
