// SPDX-License-Identifier: Apache-2.0
// The keys, their errors at start, and the endpoints.
#include "plugins/provider/oci/region/endpoint.hpp"
#include "plugins/provider/oci/region/regions.hpp"
#include "tests/plugins/provider/oci/helpers.hpp"

using namespace gatehouse;
using namespace gatehouse::oci;
using namespace gatehouse::oci::test;

extern "C" const Descriptor gatehouse_plugin;

namespace {

std::string host_of(const char* region, const char* default_domain = "") {
    return inference_host(find_region(region, default_domain), false);
}

/// "path: message", or "" if the options are good.
std::string wrong(const Options& given) {
    testing::FakeHost host;
    try {
        Oci provider(given, host);
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
    return "";
}
std::string wrong_endpoint(const std::string& endpoint) {
    Options given = options();
    given.endpoint = {endpoint};
    return wrong(given);
}
std::string base_of(const std::string& endpoint) {
    Options given = options();
    given.endpoint = {endpoint};
    return find_endpoints(given, {}).front().base;
}

}  // namespace

TEST_CASE("regions are found by id and short code, in upper or lower case, in their realms") {
    CHECK(host_of("us-chicago-1") == "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(host_of("ord") == "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(host_of("US-Chicago-1") == "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(host_of("us-gov-phoenix-1") == "inference.generativeai.us-gov-phoenix-1.oci.oraclegovcloud.com");
    CHECK(host_of("ltn") == "inference.generativeai.uk-gov-london-1.oci.oraclegovcloud.uk");
    CHECK(host_of("eu-frankfurt-2") == "inference.generativeai.eu-frankfurt-2.oci.oraclecloud.eu");
    CHECK(host_of("me-dcc-muscat-1") == "inference.generativeai.me-dcc-muscat-1.oci.oraclecloud9.com");
    CHECK(host_of("sa-riodejaneiro-1") == "inference.generativeai.sa-riodejaneiro-1.oci.oraclecloud52.com");
}

TEST_CASE("an unknown region gets the default realm, and a region with a dot includes its realm") {
    CHECK(host_of("mars-north-1") == "inference.generativeai.mars-north-1.oci.oraclecloud.com");
    CHECK(host_of("mars-north-1", "oracle.mars") == "inference.generativeai.mars-north-1.oci.oracle.mars");
    CHECK(host_of("us-chicago-1", "oracle.mars") ==
          "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(host_of("x.y") == "inference.generativeai.x.y");
    Options given = options();
    given.region = {"mars-north-1"};
    Bench bench(given);
    REQUIRE(bench.host.logged.size() == 1);
    CHECK(bench.host.logged[0].find("region=mars-north-1") != std::string::npos);
}

TEST_CASE("an endpoint is used without slashes and version at its end") {
    CHECK(base_of("https://h.example") == "https://h.example");
    CHECK(base_of("HTTPS://h.example/") == "https://h.example");
    CHECK(base_of("http://127.0.0.1:9999") == "http://127.0.0.1:9999");
    CHECK(base_of("http://[::1]:80/base/") == "http://[::1]:80/base");
    CHECK(base_of("http://[::1]") == "http://[::1]");
    CHECK(base_of("https://h.example/a/b%20c/20231130/") == "https://h.example/a/b%20c");
    Options given = options();
    given.endpoint = {""};  // as env:NAME:- leaves it
    CHECK(find_endpoints(given, {}).front().host ==
          "inference.generativeai.us-chicago-1.oci.oraclecloud.com");
    CHECK(find_endpoints(given, {}).front().url("/actions/chat").ends_with(".com/20231130/actions/chat"));
}

TEST_CASE("an invalid endpoint is refused at its key") {
    const std::string advice = ": give https://host, http://host:port or https://host/base";
    CHECK(wrong_endpoint("h.example") ==
          "endpoint: the endpoint begins with neither https:// nor http://" + advice);
    CHECK(wrong_endpoint("ftp://h.example") ==
          "endpoint: the endpoint begins with neither https:// nor http://" + advice);
    CHECK(wrong_endpoint("https://user:pw@h.example") ==
          "endpoint: the endpoint must not have a user or a password" + advice);
    CHECK(wrong_endpoint("https://h.example?a=b") ==
          "endpoint: the endpoint must have neither a query nor a fragment" + advice);
    CHECK(wrong_endpoint("https://h.example/#a") ==
          "endpoint: the endpoint must have neither a query nor a fragment" + advice);
    for (const char* none : {"https://", "https:///path", "https://:80", "https://h example", "https://[::1",
                             "https://[]", "https://-h", "https://h\nx"})
        CHECK(wrong_endpoint(none) == "endpoint: the endpoint has no valid host" + advice);
    for (const char* port :
         {"https://h:", "https://h:0", "https://h:65536", "https://h:8a", "https://[::1]:x"})
        CHECK(wrong_endpoint(port) == "endpoint: the endpoint has no valid port" + advice);
    CHECK(wrong_endpoint("https://h/a b") ==
          "endpoint: the path of the endpoint has a character that must be percent-encoded" + advice);
}

TEST_CASE("region or endpoint is required, and both are validated") {
    Options given = options();
    given.region = {};
    CHECK(wrong(given) ==
          ": region and endpoint are missing: give one of them, such as region = \"us-chicago-1\"");
    given.region = {"us chicago"};
    CHECK(wrong(given) == "region: \"us chicago\" is not a region: give one such as us-chicago-1");
    given = options();
    given.compartment_id = "";
    CHECK(wrong(given) ==
          ": compartment_id is missing: give one such as \"ocid1.compartment.oc1..aaaa\"; it is required "
          "unless surface is \"openai\" and the signer sends an API key");
    given.compartment_id = "a b";
    CHECK(wrong(given) ==
          "compartment_id: \"a b\" is not an OCID: give one such as ocid1.compartment.oc1..aaaa");
    given.compartment_id = "my-compartment";
    CHECK(wrong(given) ==
          "compartment_id: \"my-compartment\" is not an OCID: give one such as ocid1.compartment.oc1..aaaa");
    given.compartment_id = "ocid1.user.oc1..aaaa";
    CHECK(wrong(given) ==
          "compartment_id: \"ocid1.user.oc1..aaaa\" is the OCID of a resource of type \"user\", not of a "
          "compartment or tenancy: give one such as ocid1.compartment.oc1..aaaa");
    for (const char* right : {"ocid1.tenancy.oc1..aaaa", "ocidv1:tenancy:oc1:phx:1460406592660:aaaa"}) {
        given.compartment_id = right;
        CHECK(wrong(given) == "");
    }
}

TEST_CASE("a region like a known one is suggested, and another one is not") {
    CHECK(nearest_region("us-chicaago-1") == "us-chicago-1");
    CHECK(nearest_region("US-Chicago1") == "us-chicago-1");
    CHECK(nearest_region("mars-north-1") == "");
    testing::FakeHost host;
    Options given = options();
    given.endpoint = {};
    given.region = {"us-chicaago-1", "mars-north-1"};
    const Oci provider(given, host);
    REQUIRE(host.logged.size() == 2);
    CHECK(host.logged[0].find("did you mean us-chicago-1?") != std::string::npos);
    CHECK(host.logged[1].find("check the name") != std::string::npos);
}

TEST_CASE("invalid keys of models are refused at their location") {
    Options given = options();
    given.models["a*b"] = {};
    CHECK(
        wrong(given) ==
        "models.\"a*b\": must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
    given = options();
    given.models["m"].drop = {"stop", "tempreature"};
    CHECK(wrong(given).starts_with(
        "models.\"m\".drop[1]: \"tempreature\" is not a field that can be dropped: give some of "));
    given = options();
    given.models["m"].max_tokens = 10;
    given.models["m"].max_tokens_cap = 5;
    CHECK(wrong(given) == "models.\"m\".max_tokens: max_tokens is larger than max_tokens_cap");
}

TEST_CASE("the entry point creates an instance from a checked table, and explains its keys") {
    REQUIRE(std::string(gatehouse_plugin.kind) == "provider/1");
    CHECK(std::string(gatehouse_plugin.name) == "oci");
    for (const Key& key : gatehouse_plugin.keys()) {
        CHECK(!key.doc.empty());
        for (const Key& inner : key.keys) CHECK(!inner.doc.empty());
    }
    testing::FakeHost host;
    Table model;
    model.entries.push_back({"max_tokens", Value{std::int64_t{7}}});
    Table models;
    models.entries.push_back({"meta.*", Value{model}});
    Table table;
    table.entries.push_back({"compartment_id", Value{std::string("ocid1.compartment.oc1..a")}});
    table.entries.push_back({"region", Value{std::vector<std::string>{"ord"}}});
    table.entries.push_back({"models", Value{models}});
    auto made = gatehouse_plugin.create(testing::FakeConfig(table), host);
    REQUIRE(made);
    auto* provider = dynamic_cast<Provider*>(made->get());
    REQUIRE(provider);
    CHECK(chat_sent(*provider, ask())["maxTokens"] == 7);
    table.entries[1].value.data = std::vector<std::string>{"no region"};
    auto failed = gatehouse_plugin.create(testing::FakeConfig(table), host);
    REQUIRE(!failed);
    CHECK(failed.error().message == "region: \"no region\" is not a region: give one such as us-chicago-1");
}
