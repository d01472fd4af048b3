// SPDX-License-Identifier: Apache-2.0
// Requests for files, vector stores and containers to OCI: their form, their endpoint and their errors.
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

namespace {

const RawRequest list_files{.operation = "files",
                            .model = "objects",
                            .stored = true,
                            .method = "GET",
                            .path = "/file-1",
                            .query = "limit=2"};

Options two_regions() {
    Options given = options();
    given.region = {"us-chicago-1", "eu-frankfurt-1"};
    given.project = "ocid1.generativeaiproject.oc1..p";
    return given;
}

std::string host_of(const std::string& url) {
    return url.substr(url.find("://") + 3, url.find('/', url.find("://") + 3) - url.find("://") - 3);
}

}  // namespace

TEST_CASE("a request for an object has its method, path, query, compartment and project") {
    Bench bench(two_regions());
    RawRequest upload{.operation = "vector_stores",
                      .model = "objects",
                      .content_type = "application/json",
                      .body = R"({"name":"a"})",
                      .stored = true};
    for (const RawRequest& request : {list_files, upload}) {
        auto exchange = bench.provider.raw(request);
        REQUIRE(exchange);
        const http::Request http = **(*exchange)->request();
        CHECK(http.method == request.method);
        CHECK(http.body == request.body);
        CHECK(http.url.find("/openai/v1/" + request.operation + request.path) != std::string::npos);
        CHECK(http.url.ends_with(request.query.empty() ? "/vector_stores" : "?limit=2"));
        CHECK(http.headers.get("opc-compartment-id") == options().compartment_id);
        CHECK(http.headers.get("openai-project") == "ocid1.generativeaiproject.oc1..p");
        CHECK(http.headers.get("content-type") == request.content_type);
        CHECK(http.headers.get("openai-beta") ==
              (request.operation == "vector_stores" ? "assistants=v2" : ""));
    }
}

TEST_CASE("a failure keeps the object's endpoint, and does not move the chats of others") {
    Bench bench(two_regions());
    auto exchange = bench.provider.raw(list_files);
    REQUIRE(exchange);
    const std::string first = host_of((**(*exchange)->request()).url);
    testing::Events events;
    (*exchange)->head(status(429));
    REQUIRE((*exchange)->body("{}", events));
    const auto ended = (*exchange)->end(events);
    REQUIRE_FALSE(ended);
    CHECK_FALSE((*exchange)->amend(ended.error()));
    const ChatRequest request = ask("meta.llama-3.3-70b-instruct");
    CHECK(host_of((**(*bench.provider.chat(request))->request()).url) == first);
}

TEST_CASE("a missing object is not a missing model, and no compartment is named") {
    Bench bench(two_regions());
    for (const char* body :
         {R"({"error":{"message":"No such File object: file-1","code":"not_found"}})", "{}"}) {
        auto exchange = bench.provider.raw(list_files);
        REQUIRE(exchange);
        REQUIRE((*exchange)->request());
        testing::Events events;
        (*exchange)->head(status(404));
        REQUIRE((*exchange)->body(body, events));
        const auto ended = (*exchange)->end(events);
        REQUIRE_FALSE(ended);
        CHECK(ended.error().kind == ErrorKind::not_found);
        CHECK(ended.error().code != "model_not_found");
        CHECK(ended.error().message ==
              (std::string_view(body) == "{}" ? "OCI has no such object" : "No such File object: file-1"));
    }
}
