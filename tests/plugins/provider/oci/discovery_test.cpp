// SPDX-License-Identifier: Apache-2.0
// The model discovery: what it tells of a model, what that changes, and the rules of residency.
#include "plugins/provider/oci/models/discovery.hpp"

#include "tests/plugins/provider/oci/helpers.hpp"

#include <map>

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

ModelFacts read(std::string json, std::string_view region = "us-chicago-1") {
    const auto tree = Tree::parse(json);
    REQUIRE(tree);
    return read_discovered(*object(tree->root()), region);
}

const std::string grok =
    R"({"modelId":"xai.grok-9","vendor":"xai","capabilities":["CHAT"],)"
    R"("apiCapability":["OPENAI_V1_CHAT_COMPLETIONS","OPENAI_V1_RESPONSES"],"modelAccess":"PROXY",)"
    R"("modalitySupport":[{"input":"TEXT","output":"TEXT"},{"input":"IMAGE","output":"TEXT"}],)"
    R"("availability":[{"realm":"oc1","region":"us-chicago-1","servingModes":["ON_DEMAND"],"timeOnDemandRetired":"2027-01-22T00:00:00Z","supportedReplacements":["xai.grok-10"]},)"
    R"({"realm":"oc1","region":"eu-frankfurt-1","servingModes":["DEDICATED"]}],)"
    R"("parameters":[{"name":"maxCompletionTokens","type":"INTEGER","minimum":1.0,"maximum":8192.0},{"name":"temperature"},)"
    R"({"name":"contextWindow","defaultValue":"262144"},{"name":"stop"}]})";

/// Feeds the lists of the control plane: the discovery has `items`, the list of models `models`.
std::vector<ModelInfo> list(Bench& bench, const std::string& items, const std::string& models,
                            const std::string& endpoints = "") {
    auto exchange = bench.provider.models();
    REQUIRE(exchange);
    testing::Events events;
    auto http = (*exchange)->request();
    for (const std::string* body : {&items, &endpoints, static_cast<const std::string*>(nullptr), &models}) {
        REQUIRE((http && *http));
        (*exchange)->head(status(body ? 200 : 404));
        REQUIRE((*exchange)->body(body ? "{\"items\":[" + *body + "]}" : "{}", events));
        REQUIRE((*exchange)->end(events));
        http = (*exchange)->next();
    }
    REQUIRE((http && !*http));
    return testing::all<ModelInfo>(events.list);
}

std::string path_of(Bench& bench, const std::string& model) {
    const ChatRequest request = ask(model);
    auto exchange = bench.provider.chat(request);
    if (!exchange) return exchange.error().message;
    const std::string url = (**(*exchange)->request()).url;
    return url.substr(url.find(".com") + 4);
}

}  // namespace

TEST_CASE("an item tells APIs, access, regions, modalities and limits") {
    const ModelFacts one = read(grok);
    CHECK(one.vendor == "xai");
    CHECK((one.chats && one.has_apis && one.completions && one.responses));
    CHECK(one.access == ModelFacts::Access::proxied);
    CHECK(one.regions == std::vector<std::string>{"us-chicago-1", "eu-frankfurt-1"});
    CHECK((one.here && one.on_demand));
    CHECK(one.retires_on == "2027-01-22");
    CHECK(one.replacements == std::vector<std::string>{"xai.grok-10"});
    CHECK(one.max_output_tokens == 8192);
    CHECK(one.context_window == 262144);
    CHECK((one.max_completion_tokens && !one.max_tokens));
    CHECK(one.accepts == FieldSet{RequestField::temperature, RequestField::stop});
    CHECK(
        one.for_clients().text ==
        R"({"modalities":{"input":["text","image"],"output":["text"]},"retires_on":"2027-01-22","hosting":"external"})");
    CHECK_FALSE(read(grok, "eu-frankfurt-1").on_demand);
    CHECK_FALSE(read(grok, "ap-tokyo-1").here);
}

TEST_CASE("wrong types count as absent, and so do limits that no model has") {
    const ModelFacts one = read(
        R"({"modelId":"m","capabilities":"CHAT","apiCapability":7,"availability":[1,{"servingModes":"X"}],)"
        R"("modalitySupport":{},"parameters":[7,{"name":"maxTokens","maximum":0},{"name":"maxOutputTokens","maximum":1.5},)"
        R"({"name":"contextWindow","defaultValue":"many"},{"name":"temperature"}]})");
    CHECK_FALSE((one.chats || one.has_apis || one.on_demand));
    CHECK_FALSE((one.max_output_tokens || one.context_window));
    CHECK(one.accepts == FieldSet{RequestField::temperature});
    CHECK(one.for_clients().empty());
    CHECK(read(R"({"modelId":"m","parameters":{"maxTokens":{"maximum":500}}})").accepts == FieldSet());
}

TEST_CASE("a model of today is used on the day it appears, and its keys win") {
    Options given = options();
    given.surface = "auto";
    given.models["xai.grok-9-own"].surface = "native";
    Bench bench(given);
    CHECK(path_of(bench, "vendor.model-1") == "/20231130/actions/chat");
    std::string only = grok, own = grok;
    only.replace(only.find("xai.grok-9"), 10, "vendor.model-1");
    only.erase(only.find("\"OPENAI_V1_CHAT_COMPLETIONS\","), 29);
    own.replace(own.find("xai.grok-9"), 10, "xai.grok-9-own");
    const auto models =
        list(bench, grok + "," + only + "," + own,
             R"({"id":"ocid1.generativeaimodel.a","displayName":"xai.grok-9","type":"BASE","vendor":"xai",)"
             R"("capabilities":["CHAT"],"lifecycleState":"ACTIVE"})",
             R"({"id":"ocid1.generativeaiendpoint.oc1.us-chicago-1.e","lifecycleState":"ACTIVE"})");
    REQUIRE(models.size() == 4);
    CHECK(models.at(0).id == "xai.grok-9");
    CHECK(models.at(0).max_output_tokens == 8192);
    CHECK(models.at(0).context_window == 262144);
    CHECK(models.at(0).extra.text.find("retires_on") != std::string::npos);
    CHECK(models.at(1).id == "ocid1.generativeaiendpoint.oc1.us-chicago-1.e");
    CHECK(path_of(bench, "xai.grok-9") == "/openai/v1/chat/completions");
    CHECK(path_of(bench, "vendor.model-1") == "/openai/v1/responses");
    CHECK(path_of(bench, "xai.grok-9-own") == "/20231130/actions/chat");
    const Json sent = chat_sent(bench.provider, ask("xai.grok-9-own"));
    CHECK(sent.at("maxCompletionTokens") == 4000);
}

TEST_CASE("a parameter that the service lists is sent although the table of families drops it") {
    Model model = Models(options()).find("xai.grok-4");
    REQUIRE(model.drop.has(RequestField::stop));
    learn(model, read(grok));
    CHECK_FALSE(model.drop.has(RequestField::stop));
    CHECK(model.drop.has(RequestField::presence_penalty));
    CHECK(model.context_window == 128'000);
    Options given = options();
    given.models["xai.grok-4"].drop = {"stop"};
    Model own = Models(given).find("xai.grok-4");
    learn(own, read(grok));
    CHECK(own.drop.has(RequestField::stop));
}

TEST_CASE("oracle_only refuses models that run elsewhere, or are not known to run inside") {
    Options given = options();
    given.hosting = "oracle_only";
    Bench bench(given);
    CHECK(path_of(bench, "cohere.command-a-03-2025") == "/20231130/actions/chat");
    CHECK(path_of(bench, "ocid1.generativeaiendpoint.oc1.us-chicago-1.e") == "/20231130/actions/chat");
    CHECK(path_of(bench, "google.gemini-2.5-pro").find("is not known to run inside Oracle") !=
          std::string::npos);
    CHECK(path_of(bench, "ocid1.generativeairoutingprofile.oc1.us-chicago-1.a").find("routing profile") !=
          std::string::npos);
    std::string hosted = grok;
    hosted.replace(hosted.find("PROXY"), 5, "HOSTED");
    (void)list(bench, hosted, "");
    CHECK(path_of(bench, "xai.grok-9") == "/20231130/actions/chat");
    (void)list(bench, grok, "");
    CHECK(path_of(bench, "xai.grok-9").find("runs at an external provider") != std::string::npos);
    CHECK(bench.host.logged.back().find("request refused by residency model=xai.grok-9") == 0);
}

TEST_CASE("other regions are refused at the start, and what leaves the region with each request") {
    Options given = options();
    given.allowed_regions = {"ord"};
    Bench bench(given);
    (void)list(bench, grok, "");
    CHECK(path_of(bench, "xai.grok-9").find("outside of the allowed regions") != std::string::npos);
    CHECK(path_of(bench, "google.gemini-2.5-pro").find("is not known to run inside Oracle") !=
          std::string::npos);
    CHECK(path_of(bench, "meta.llama-3.3-70b-instruct") == "/20231130/actions/chat");
    const auto wrong = [](const Options& options) {
        testing::FakeHost host;
        try {
            Oci provider(options, host);
        } catch (const KeyError& error) {
            return error.path + ": " + error.what();
        }
        return std::string();
    };
    given.region = {"us-chicago-1", "eu-frankfurt-1"};
    CHECK(wrong(given) == "allowed_regions: the list lacks region eu-frankfurt-1, which this provider uses");
    given.region = {};
    given.endpoint = {"http://127.0.0.1:9"};
    CHECK(wrong(given).find("the region of the endpoint 127.0.0.1:9 is not known") != std::string::npos);
}

TEST_CASE("the key hosting of a model replaces the discovery, and like does not make a name hosted") {
    Options given = options();
    given.hosting = "oracle_only";
    given.models["xai.grok-9"].hosting = "oracle";
    given.models["cohere.command-a-03-2025"].hosting = "external";
    given.models["google.gemini-9"].like = "meta.llama-3.3-70b-instruct";
    given.models["ocid1.generativeaimodel.oc1.us-chicago-1.a"].like = "meta.llama-3.3-70b-instruct";
    Bench bench(given);
    (void)list(bench, grok, "");
    CHECK(path_of(bench, "xai.grok-9") == "/20231130/actions/chat");
    CHECK(path_of(bench, "cohere.command-a-03-2025").find("runs at an external provider") !=
          std::string::npos);
    CHECK(path_of(bench, "google.gemini-9").find("is not known to run inside Oracle") != std::string::npos);
    CHECK(path_of(bench, "ocid1.generativeaimodel.oc1.us-chicago-1.a") == "/20231130/actions/chat");
}

TEST_CASE("a model that needs the list waits for it, and the list's facts survive a failed discovery") {
    Options given = options();
    given.allowed_regions = {"us-chicago-1"};
    given.discover = true;
    Bench bench(given);
    const Error error = refused(bench.provider, ask("xai.grok-9"));
    CHECK(error.kind == ErrorKind::unavailable);
    CHECK(error.retry_after_seconds == 5);
    CHECK(
        error.message ==
        "model \"xai.grok-9\" is not known to run inside Oracle yet: the list of models has not been received");
    CHECK(path_of(bench, "meta.llama-3.3-70b-instruct") == "/20231130/actions/chat");
    const std::string model =
        R"({"id":"ocid1.generativeaimodel.a","displayName":"xai.grok-9","type":"BASE","vendor":"xai",)"
        R"("capabilities":["CHAT"],"lifecycleState":"ACTIVE"})";
    (void)list(bench, grok, model);
    CHECK(path_of(bench, "xai.grok-9").find("outside of the allowed regions") != std::string::npos);

    auto exchange = bench.provider.models();
    REQUIRE(exchange);
    testing::Events events;
    auto http = (*exchange)->request();
    for (const char* items : {"", "", "", model.c_str()}) {
        const bool fails = *items == 0;
        (*exchange)->head(status(fails ? 503 : 200));
        REQUIRE((*exchange)->body(fails ? "{}" : "{\"items\":[" + std::string(items) + "]}", events));
        REQUIRE((*exchange)->end(events));
        http = (*exchange)->next();
    }
    REQUIRE((http && !*http));
    CHECK(path_of(bench, "xai.grok-9").find("outside of the allowed regions") != std::string::npos);
    const auto models = testing::all<ModelInfo>(events.list);
    REQUIRE(models.size() == 1);
    CHECK(models[0].extra.text.find("external") != std::string::npos);
}

TEST_CASE("a list without the discovery that residency needs is an error, so that the core asks again soon") {
    Options given = options();
    const auto ends = [&](int status_of_discovery) {
        Bench bench(given);
        auto exchange = bench.provider.models();
        REQUIRE(exchange);
        testing::Events events;
        auto http = (*exchange)->request();
        for (const int code : {status_of_discovery, 200, 200}) {
            (*exchange)->head(status(code));
            REQUIRE((*exchange)->body(R"({"items":[]})", events));
            REQUIRE((*exchange)->end(events));
            http = (*exchange)->next();
        }
        (*exchange)->head(status(200));
        REQUIRE((*exchange)->body(R"({"items":[]})", events));
        const auto ended = (*exchange)->end(events);
        return ended ? std::string("list") : ended.error().message;
    };
    given.discover = true;
    CHECK(ends(500) == "list");
    given.hosting = "oracle_only";
    CHECK(ends(500) == "the model discovery failed with status 500");
    CHECK(ends(200) == "list");
    CHECK(ends(404) == "list");
    given.discover = false;
    CHECK(ends(500) == "list");
}

TEST_CASE(
    "a model that needs the list does not wait if the service refuses the list or sends an empty list") {
    Options given = options();
    given.hosting = "oracle_only";
    given.discover = true;
    const auto ask_for_list = [](Bench& bench, int status_of_models) {
        auto exchange = bench.provider.models();
        REQUIRE(exchange);
        testing::Events events;
        auto http = (*exchange)->request();
        for (int left = 3; left > 0; --left) {
            (*exchange)->head(status(404));
            REQUIRE((*exchange)->end(events));
            http = (*exchange)->next();
        }
        (*exchange)->head(status(status_of_models));
        REQUIRE((*exchange)->body(status_of_models == 200 ? R"({"items":[]})" : "{}", events));
        (void)(*exchange)->end(events);
        (void)(*exchange)->next();
    };
    const std::map<int, ErrorKind> expected = {{404, ErrorKind::forbidden},   {403, ErrorKind::forbidden},
                                               {200, ErrorKind::forbidden},   {401, ErrorKind::unavailable},
                                               {408, ErrorKind::unavailable}, {429, ErrorKind::unavailable},
                                               {500, ErrorKind::unavailable}};
    for (const auto& one : expected) {
        const int code = one.first;
        CAPTURE(code);
        Bench bench(given);
        ask_for_list(bench, code);
        CHECK(refused(bench.provider, ask("xai.grok-9")).kind == one.second);
        const bool told =
            !bench.host.logged.empty() &&
            bench.host.logged.back().find("OCI refused the list of models") != std::string::npos;
        CHECK(told == (code == 404 || code == 403));
    }
}

TEST_CASE("the advice names the regions that serve a model, and its replacements after its retirement") {
    Bench bench;
    bench.host.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};
    std::string far = grok;
    far.replace(far.find("us-chicago-1"), 12, "ap-osaka-1");
    const auto advice_about = [&](const std::string& model) {
        const ChatRequest request = ask(model);
        auto exchange = bench.provider.chat(request);
        REQUIRE(exchange);
        testing::Events events;
        REQUIRE((*exchange)->request());
        (*exchange)->head(status(404));
        REQUIRE((*exchange)->body("{}", events));
        const auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        const std::string text = (*exchange)->advice(ended.error());
        return text.substr(0, text.find('\n'));
    };
    (void)list(bench, far, "");
    CHECK(advice_about("xai.grok-9") ==
          "Model \"xai.grok-9\" is served in ap-osaka-1 and eu-frankfurt-1; this provider's region is "
          "us-chicago-1: use one of those regions, or route to another model.");
    std::string wide = far;
    std::string places;
    for (int i = 0; i < 10; ++i) places += R"({"region":"r)" + std::to_string(i) + "\"},";
    wide.insert(wide.find("\"availability\":[") + 16, places);
    (void)list(bench, wide, "");
    CHECK(advice_about("xai.grok-9").find("is served in r0, r1, r2, r3, r4, r5, r6, r7 and 4 more; this") !=
          std::string::npos);
    (void)list(
        bench, grok,
        R"({"id":"ocid1.generativeaimodel.a","displayName":"xai.grok-9","type":"BASE","vendor":"xai",)"
        R"("capabilities":["CHAT"],"lifecycleState":"ACTIVE","timeOnDemandRetired":"2020-02-03T04:05:06Z"})");
    CHECK(
        advice_about("xai.grok-9") ==
        "Model \"xai.grok-9\" was retired from on-demand use on 2020-02-03: route to another model, such as "
        "xai.grok-10, or to a dedicated endpoint.");
}
