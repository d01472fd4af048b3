// SPDX-License-Identifier: Apache-2.0
// embedText, rerankText and the list of models: requests and responses.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/embed.hpp"
#include "tools/oci_emulator/models_page.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

struct Answered {
    int status;
    Json body;
    std::string next;
};

Answered answered(const http::Response& response) {
    return {response.head.status, json(response.body),
            std::string(response.head.headers.get("opc-next-page"))};
}

Answered embedded(const Json& details) { return answered(embed(details, {}, "A/B/C")); }
Answered ranked(const Json& details) { return answered(rerank(details, {}, "A/B/C")); }
Answered listed(const std::string& query, const std::string& region = "us-chicago-1") {
    return answered(list_models(query, region, {}));
}

const std::string compartment = "compartmentId=ocid1.compartment.oc1..a";

Json embed_request(const std::string& more = "{}", const std::string& model = "cohere.embed-v4.0") {
    Json details = json(fixture("req-embed.json"));
    details["servingMode"]["modelId"] = model;
    details.update(json(more));
    return details;
}

double length(const Json& vector) {
    double squares = 0;
    for (const Json& number : vector) squares += number.get<double>() * number.get<double>();
    return std::sqrt(squares);
}

std::string message_of(const Answered& answer) {
    return std::to_string(answer.status) + " " + std::string(string_member(answer.body, "message"));
}

}  // namespace

TEST_CASE("texts become unit vectors of the model's size, the same for the same text") {
    const Answered answer = embedded(embed_request(R"({"inputs":["one two","three","one two"]})"));
    REQUIRE(answer.status == 200);
    const Json& vectors = answer.body.at("embeddings");
    REQUIRE(vectors.size() == 3);
    for (const Json& vector : vectors) {
        CHECK(vector.size() == 1536);
        CHECK(length(vector) == doctest::Approx(1));
    }
    CHECK(vectors[0] == vectors[2]);
    CHECK(vectors[0] != vectors[1]);
    CHECK(answer.body.at("usage").at("promptTokens") == 5);
    CHECK(answer.body.at("id") == "A/B/C");
    CHECK_FALSE(answer.body.contains("inputs"));
    CHECK(embedded(embed_request("{}", "cohere.embed-english-light-v3.0")).body.at("embeddings")[0].size() ==
          384);
    CHECK(embedded(embed_request("{}", "cohere.embed-multilingual-v3.0")).body.at("embeddings")[0].size() ==
          1024);
}

TEST_CASE("the fixtures' embed requests are accepted, and the responses have the recorded shape") {
    const Json whole = embedded(json(fixture("req-embed.json"))).body;
    const Json recorded = json(fixture("resp-embed.json"));
    for (const auto& [name, value] : recorded.items()) CHECK(whole.at(name).type() == value.type());
    CHECK(shape(whole.at("usage")) == shape(recorded.at("usage")));
    CHECK(embedded(json(fixture("req-embed-image.json"))).body.at("embeddingsByType").at("float")[0].size() ==
          512);

    const Json by_type = embedded(json(fixture("req-embed-contents.json"))).body;
    const Json expected = json(fixture("resp-embed-bytype.json"));
    CHECK(by_type.at("embeddings") == expected.at("embeddings"));
    for (const char* type : {"float", "int8"}) {
        REQUIRE(by_type.at("embeddingsByType").at(type).size() == 2);
        CHECK(by_type.at("embeddingsByType").at(type)[0].size() == 256);
    }
    CHECK(by_type.at("embedContents") == json(fixture("req-embed-contents.json")).at("embedContents"));
}

TEST_CASE("each type of numbers encodes the same vector") {
    const Json types = embedded(embed_request(R"({"inputs":["x"],"outputDimensions":256,
        "embeddingTypes":["float","int8","uint8","binary","ubinary","base64"]})"))
                           .body.at("embeddingsByType");
    const Json& floats = types.at("float")[0];
    const std::string bytes = *from_base64(types.at("base64")[0].get<std::string>());
    REQUIRE(bytes.size() == 256 * 4);
    for (std::size_t i = 0; i < 256; ++i) {
        float number = 0;
        std::memcpy(&number, bytes.data() + 4 * i, 4);
        CHECK(number == floats[i].get<float>());
        CHECK(types.at("uint8")[0][i].get<int>() - 128 == types.at("int8")[0][i].get<int>());
        const int byte = types.at("ubinary")[0][i / 8].get<int>();
        CHECK((byte >> (7 - i % 8) & 1) == (number > 0));
    }
    CHECK(types.at("binary")[0].size() == 32);
    CHECK(types.at("binary")[0][0].get<int>() + 128 == types.at("ubinary")[0][0].get<int>());
}

TEST_CASE("embedText refuses unsupported requests") {
    Json many = Json::array();
    for (int i = 0; i < 97; ++i) many.push_back("x");
    CHECK(message_of(embedded(embed_request(Json({{"inputs", many}}).dump()))) ==
          "400 Invalid parameter: 'inputs' must not have more than 96 elements.");
    many.erase(0);
    CHECK(embedded(embed_request(Json({{"inputs", many}}).dump())).status == 200);
    for (const char* more :
         {R"({"inputs":[]})", R"({"inputs":[""]})", R"({"inputs":"x"})", R"({"inputs":[[1,2]]})",
          R"({"inputType":"search_query"})", R"({"truncate":"end"})", R"({"embeddingTypes":["FLOAT"]})",
          R"({"embeddingTypes":[]})", R"({"outputDimensions":300})", R"({"encodingFormat":"float"})",
          R"({"inputs":["x"],"inputType":"IMAGE"})",
          R"({"inputs":["data:image/png;base64,"],"inputType":"IMAGE"})",
          R"({"inputs":["data:image/png;base64,aaaa","data:image/png;base64,aaaa"],"inputType":"IMAGE"})",
          R"({"embedContents":[{"type":"TEXT","text":"x"}]})"}) {
        CAPTURE(more);
        CHECK(embedded(embed_request(more)).status == 400);
    }
    CHECK(embedded(embed_request(R"({"outputDimensions":256})", "cohere.embed-english-v3.0")).status == 400);
    CHECK(message_of(embedded(embed_request("{}", "cohere.embed-v9"))) ==
          "404 Entity with key cohere.embed-v9 not found");
    CHECK(embedded(embed_request("{}", "cohere.command-a-03-2025")).status == 400);
    CHECK(embedded(embed_request(R"({"compartmentId":"nowhere"})")).status == 404);
    Json none = embed_request();
    none.erase("inputs");
    CHECK(message_of(embedded(none)) == "400 Missing required parameter: 'inputs'.");
}

TEST_CASE("a too long text is truncated as requested, or refused") {
    std::string text = "first";
    for (int i = 0; i < 512; ++i) text += " w" + std::to_string(i);
    const auto with = [&](const std::string& truncate, const std::string& input) {
        Json details = embed_request("{}", "cohere.embed-english-v3.0");
        details["inputs"] = Json::array({input});
        details["truncate"] = truncate;
        return embedded(details);
    };
    CHECK(with("NONE", text).status == 400);
    CHECK(with("END", text).body.at("embeddings") ==
          with("NONE", text.substr(0, text.rfind(' '))).body.at("embeddings"));
    CHECK(with("START", text).body.at("embeddings") ==
          with("NONE", text.substr(text.find(' '))).body.at("embeddings"));
}

TEST_CASE("documents are ranked by the words they share with the query") {
    const Answered answer = ranked(json(fixture("req-rerank.json")));
    CHECK(shape(answer.body) == shape(json(fixture("resp-rerank.json"))));
    const Json& ranks = answer.body.at("documentRanks");
    CHECK(ranks.size() == 2);
    CHECK(ranks[0].at("index") == 0);
    CHECK(ranks[0].at("relevanceScore") > ranks[1].at("relevanceScore"));
    Json details = json(fixture("req-rerank.json"));
    details["isEcho"] = true;
    details.erase("topN");
    const Json echoed = ranked(details).body.at("documentRanks");
    CHECK(echoed.size() == 3);
    CHECK(shape(echoed[0]) == shape(json(fixture("resp-rerank-echo.json")).at("documentRanks")[0]));
    CHECK(echoed[0].at("document").at("text") == details.at("documents")[0]);
    for (const Json& rank : echoed) {
        CHECK(rank.at("relevanceScore") >= 0);
        CHECK(rank.at("relevanceScore") <= 1);
    }
}

TEST_CASE("rerankText refuses unsupported requests") {
    for (const char* more : {R"({"topN":0})", R"({"documents":[]})", R"({"documents":[{"text":"x"}]})",
                             R"({"input":""})", R"({"query":"x"})", R"({"input":["x"]})"}) {
        CAPTURE(more);
        Json details = json(fixture("req-rerank.json"));
        details.update(json(more));
        CHECK(ranked(details).status == 400);
    }
}

TEST_CASE("the list of models requires a compartment, and checks its parameters") {
    CHECK(message_of(listed("")) == "400 Missing required parameter: 'compartmentId'.");
    CHECK(listed("compartmentId=nowhere").status == 404);
    for (const char* more :
         {"&limit=0", "&limit=x", "&limit=1001", "&colour=red", "&capability=chat", "&sortBy=name",
          "&sortOrder=up", "&lifecycleState=active", "&page=%zz", "&page=abcd", "&page=//8x1"}) {
        CAPTURE(more);
        CHECK(listed(compartment + more).status == 400);
    }
}

TEST_CASE("joined pages have every model once") {
    const Json whole = listed(compartment + "&limit=1000").body.at("items");
    std::vector<Json> together;
    std::string page;
    int pages = 0;
    do {
        const Answered answer = listed(compartment + "&limit=7" + page);
        REQUIRE(answer.status == 200);
        for (const Json& item : answer.body.at("items")) together.push_back(item);
        page.clear();
        if (!answer.next.empty()) {
            page = "&page=";
            for (char c : answer.next) {
                CHECK_MESSAGE(c != '%', "the token itself is not encoded");
                page += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
            }
        }
        REQUIRE(++pages < 100);
    } while (!page.empty());
    CHECK(Json(together) == whole);
    CHECK(pages == static_cast<int>((whole.size() + 6) / 7));
    CHECK(listed(compartment).body.at("items").size() == 25);
    CHECK(shape(whole[1]) == shape(json(fixture("resp-models-page1.json")).at("items")[0]));
}

TEST_CASE("the list has entries that a client must omit, and OCIDs of its region") {
    const Json all = listed(compartment + "&limit=1000").body.at("items");
    std::map<std::string, int> names;
    std::set<std::string> states, types, ids;
    int retired = 0, retiring = 0;
    std::size_t longest = 0;
    for (const Json& item : all) {
        ++names[item.at("displayName").get<std::string>()];
        states.insert(item.at("lifecycleState"));
        types.insert(item.at("type"));
        ids.insert(item.at("id"));
        longest = std::max(longest, item.at("id").get<std::string>().size());
        if (const std::string_view end = string_member(item, "timeOnDemandRetired"); !end.empty())
            ++(end < "2026" ? retired : retiring);
    }
    CHECK(ids.size() == all.size());
    CHECK(names.at("meta.llama-3.3-70b-instruct") == 2);
    CHECK(states == std::set<std::string>{"ACTIVE", "CREATING", "DELETED"});
    CHECK(types == std::set<std::string>{"BASE", "CUSTOM"});
    CHECK(retired == 5);
    CHECK(retiring == 1);
    CHECK(longest == 255);
    const Json frankfurt = listed(compartment + "&limit=1000", "eu-frankfurt-1").body.at("items");
    for (const Json& item : frankfurt) CHECK_FALSE(ids.contains(item.at("id").get<std::string>()));
}

TEST_CASE("the list is filtered and sorted as requested") {
    const auto items = [](const std::string& more) {
        return listed(compartment + "&limit=1000" + more).body.at("items");
    };
    for (const Json& item : items("&vendor=xai")) CHECK(item.at("vendor") == "xai");
    for (const Json& item : items("&capability=TEXT_EMBEDDINGS&capability=TEXT_RERANK"))
        CHECK(item.at("capabilities")[0] != "CHAT");
    CHECK(items("&capability=TEXT_EMBEDDINGS&capability=TEXT_RERANK").size() == 13);
    CHECK(items("&lifecycleState=DELETED").size() == 1);
    CHECK(items("&displayName=meta.llama-3.3-70b-instruct").size() == 2);
    const Json one = items("&displayName=xai.grok-4");
    REQUIRE(one.size() == 1);
    CHECK(items("&id=" + one[0].at("id").get<std::string>()) == one);
    const auto is_sorted = [](const Json& list, const char* key, bool down) {
        for (std::size_t i = 1; i < list.size(); ++i) {
            const std::string a = list[i - 1].at(key), b = list[i].at(key);
            if (down ? a < b : b < a) return false;
        }
        return true;
    };
    CHECK(is_sorted(items(""), "timeCreated", true));
    CHECK(is_sorted(items("&sortOrder=ASC"), "timeCreated", false));
    CHECK(is_sorted(items("&sortBy=displayName"), "displayName", false));
    CHECK(is_sorted(items("&sortBy=displayName&sortOrder=DESC"), "displayName", true));
}

TEST_CASE("a model that is retired on demand is listed, but requests get 404") {
    const auto ocid = model_ocid("cohere.command-r-plus", "us-chicago-1");
    CHECK(listed(compartment + "&id=" + ocid).body.at("items").size() == 1);
    CHECK_FALSE(find_model("cohere.command-r-plus"));
    CHECK_FALSE(find_model(ocid));
}
