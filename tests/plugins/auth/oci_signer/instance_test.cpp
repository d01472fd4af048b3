// SPDX-License-Identifier: Apache-2.0
// Instance principals with a metadata service and a federation endpoint that are functions:
// the requests they receive, and the effect of every malformed response.
#include "tests/plugins/auth/oci_signer/principal_fixture.hpp"

using namespace principals;
using gatehouse::test::Json;

namespace {

struct Cloud : Fixture {
    std::map<std::string, Result<http::Response>> answers;  // by path in the metadata service
    std::function<Result<http::Response>(const http::Request&)> federation;
    int federations = 0, lookups = 0;
    Time::duration life = 20min;
    const std::string base = "http://169.254.169.254/opc/v2";

    Cloud() {
        options.principal = "instance";
        set("/instance/regionInfo",
            R"({"realmKey":"oc1","realmDomainComponent":"oraclecloud.com","regionKey":"ORD",)"
            R"("regionIdentifier":"us-chicago-1"})");
        set("/instance/region", "ord");
        identity(1);
        set("/identity/intermediate.pem", certificate(test_key(3), {"intermediate"}));
        federation = [this](const http::Request&) {
            return response(200, token_answer(token(host.time + life, std::to_string(federations))));
        };
        host.answer = [this](const http::Request& request) -> Result<http::Response> {
            const std::string& url = request.url;
            if (request.method == "POST") {
                ++federations;
                return federation(request);
            }
            ++lookups;
            CHECK(request.headers.get("authorization") == "Bearer Oracle");
            CHECK(request.no_proxy);
            CHECK(request.connect_timeout <= 5s);
            CHECK(request.total_timeout <= 30s);
            const std::size_t path = url.find("/opc/v2") + 7;
            const auto found = answers.find(url.substr(path));
            return found == answers.end() ? response(404, "no such path") : found->second;
        };
    }
    void set(const std::string& path, const std::string& body) {
        answers.insert_or_assign(path, response(200, body));
    }
    void identity(int key) {
        set("/identity/cert.pem",
            certificate(test_key(key), {"opc-certtype:instance", "opc-tenant:" + tenancy}));
        set("/identity/key.pem", pem_of(test_key(key)));
    }
    /// The last request to the federation endpoint.
    http::Request sent() {
        for (auto request = host.fetched.rbegin(); request != host.fetched.rend(); ++request)
            if (request->method == "POST") return *request;
        FAIL("no federation request");
        return {};
    }
};

}  // namespace

TEST_CASE_FIXTURE(Cloud, "an instance's certificate becomes a token for a key of its own") {
    start();
    const std::string id = key_id();
    CHECK(id == "ST$" + token(noon + 20min, "1"));
    const http::Request request = sent();
    CHECK(request.url == "https://auth.us-chicago-1.oraclecloud.com/v1/x509");
    CHECK(!request.no_proxy);
    const auto body = Json::parse(request.body);
    CHECK(body.size() == 4);
    auto leaf = read_certificates(certificate(test_key(1), {}));
    CHECK(body["purpose"] == "DEFAULT");
    CHECK(body["publicKey"] == credential->key->public_key());
    CHECK(body["intermediateCertificates"].size() == 1);
    for (const std::string& text :
         {body["certificate"].get<std::string>(), body["intermediateCertificates"][0].get<std::string>()}) {
        CHECK(text.starts_with("MII"));
        CHECK(text.find_first_of("\r\n- ") == std::string::npos);
    }
    // The key of the certificate signs; its id is the certificate's SHA-1.
    const auto sent_leaf = read_certificates(oci_keys::armoured(body["certificate"], "CERTIFICATE"));
    REQUIRE(sent_leaf);
    CHECK(parameter(request, "keyId") == tenancy + "/fed-x509/" + (*sent_leaf)[0].fingerprint);
    CHECK((*sent_leaf)[0].fingerprint.size() == 59);
    CHECK(is_signed_by(request, (*leaf)[0].public_key));
    CHECK(!is_signed_by(request, credential->key->public_key()));
    CHECK(request.headers.get("x-content-sha256") == sha256_base64(request.body));
    CHECK(host.logged == std::vector<std::string>{"info: token obtained expires=Sun, 22 Nov 2026 12:20:00 "
                                                  "GMT of=tenancy " +
                                                  tenancy});
}

TEST_CASE_FIXTURE(Cloud,
                  "each renewal uses a new key and the current certificates, in time and without a request") {
    start();
    key_id();
    const auto first = credential;
    identity(2);
    host.advance(15min - 1s);
    CHECK(federations == 1);
    host.advance(1s);
    CHECK(federations == 2);
    CHECK(key_id() == "ST$" + token(noon + 35min, "2"));
    CHECK(credential->key->public_key() != first->key->public_key());
    CHECK(is_signed_by(sent(), (*read_certificates(certificate(test_key(2), {})))[0].public_key));
    CHECK(lookups == 1 + 3 + 3);  // the region is read once
}

TEST_CASE_FIXTURE(Cloud, "a token of a few seconds is renewed after half of its lifetime") {
    life = 4s;
    start();
    key_id();
    for (int i = 0; i < 20; ++i) {
        host.advance(500ms);
        CHECK(key_id().starts_with("ST$"));
        CHECK(*credential->expiry > host.time);
    }
    CHECK(federations == 6);
}

TEST_CASE_FIXTURE(Cloud, "a missing value of the metadata service is requested up to eight times") {
    answers.insert_or_assign("/identity/cert.pem", response(404));
    start();
    CHECK(key_id() == "(waits)");
    host.advance(1s);
    CHECK(lookups == 1 + 2);
    identity(1);
    host.advance(1s);
    CHECK(key_id().starts_with("ST$"));

    SUBCASE("but not for ever") {
        answers.insert_or_assign("/identity/key.pem", response(503, "<html>"));
        lookups = 0;
        host.advance(15min);
        CHECK(key_id().starts_with("ST$"));  // the old token is valid
        host.advance(5min + 1s);
        CHECK(key_id() == "(waits)");  // waits for the running attempt, for a short time
        CHECK(
            was_logged("warning: token renewal failed, using the old token until=Sun, 22 "
                       "Nov 2026 12:20:01 GMT reason=the instance metadata service, GET " +
                       base + "/identity/key.pem, responded with 503"));
        identity(1);
        host.advance(61s);
        CHECK(key_id().starts_with("ST$"));
        CHECK(was_logged("info: token obtained"));
        CHECK(host.logged.size() == 3);
    }
}

TEST_CASE_FIXTURE(Cloud, "without regionInfo, the region comes from its id or its short code") {
    SUBCASE("not there") { answers.insert_or_assign("/instance/regionInfo", response(404)); }
    SUBCASE("no JSON") { set("/instance/regionInfo", "<html>"); }
    SUBCASE("odd names") {
        set("/instance/regionInfo", R"({"regionIdentifier":"a/b","realmDomainComponent":7})");
    }
    start();
    CHECK(key_id().starts_with("ST$"));
    CHECK(sent().url == "https://auth.us-chicago-1.oraclecloud.com/v1/x509");
}

TEST_CASE_FIXTURE(Cloud, "a region of another realm uses the domain of its realm, also if it is unknown") {
    set("/instance/regionInfo",
        R"({"realmDomainComponent":"oraclecloud99.com","regionIdentifier":"xx-far-1"})");
    start();
    CHECK(key_id().starts_with("ST$"));
    CHECK(sent().url == "https://auth.xx-far-1.oraclecloud99.com/v1/x509");
}

TEST_CASE_FIXTURE(Cloud, "endpoints come from the keys, otherwise from the environment") {
    environment["OCI_METADATA_BASE_URL"] = "http://127.0.0.1:9/opc/v2/";
    environment["OCI_AUTH_ENDPOINT"] = "http://127.0.0.1:8";
    SUBCASE("environment") {
        start();
        CHECK(host.fetched[0].url == "http://127.0.0.1:9/opc/v2/identity/cert.pem");
        CHECK(sent().url == "http://127.0.0.1:8/v1/x509");
    }
    SUBCASE("keys") {
        options.metadata_endpoint = "http://127.0.0.1:7/opc/v2";
        options.auth_endpoint = "https://auth.example/";
        start();
        CHECK(host.fetched[0].url == "http://127.0.0.1:7/opc/v2/identity/cert.pem");
        CHECK(sent().url == "https://auth.example/v1/x509");
    }
    SUBCASE("a region") {
        environment.erase("OCI_AUTH_ENDPOINT");
        options.region = "fra";
        start();
        CHECK(sent().url == "https://auth.eu-frankfurt-1.oraclecloud.com/v1/x509");
    }
    SUBCASE("wrong ones") {
        options.metadata_endpoint = "169.254.169.254";
        CHECK(start_error() == "metadata_endpoint: metadata_endpoint must begin with http:// or https://");
        options.metadata_endpoint = {};
        environment["OCI_METADATA_BASE_URL"] = "ftp://x";
        CHECK(start_error() == ": the variable OCI_METADATA_BASE_URL must begin with http:// or https://");
        environment.clear();
        options.region = "us chicago";
        CHECK(start_error() == "region: region is not a region: expected something like us-chicago-1");
    }
}

TEST_CASE_FIXTURE(Cloud, "without a metadata service the start does not wait, and requests fail soon") {
    const auto clouds = host.answer;
    host.answer = [](const http::Request&) { return refused_connection(); };
    start();
    CHECK(host.fetched.size() == 1);
    CHECK(key_id() == "(waits)");
    host.advance(2s);
    CHECK(host.fetched.size() == 3);  // alternates with the IPv6 address
    CHECK(host.fetched[1].url == "http://[fd00:c1::a9fe:a9fe]/opc/v2/instance/regionInfo");
    CHECK(key_id() == "the instance metadata service, GET " + base +
                          "/instance/regionInfo, did not respond: the upstream cannot be "
                          "reached: connection refused");
    CHECK(host.logged.size() == 1);
    host.answer = clouds;
    host.advance(3s);
    CHECK(key_id().starts_with("ST$"));
}

TEST_CASE_FIXTURE(Cloud, "a malformed identity is rejected with a reason") {
    std::string problem;
    SUBCASE("garbage for a certificate") {
        set("/identity/cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        problem = "the instance's certificate cannot be used: it is not a PEM certificate";
    }
    SUBCASE("an empty certificate") {
        set("/identity/cert.pem", "");
        problem = "the instance's certificate cannot be used: it is not a PEM certificate";
    }
    SUBCASE("a certificate without a tenancy") {
        set("/identity/cert.pem", certificate(test_key(1), {"opc-certtype:instance"}));
        problem =
            "the instance's certificate does not name a tenancy: its subject has no OU opc-tenant:OCID "
            "or opc-identity:OCID";
    }
    SUBCASE("a tenancy that would break out of the header") {
        set("/identity/cert.pem", certificate(test_key(1), {"opc-tenant:a\",x=\"b"}));
        problem =
            "the instance's certificate does not name a tenancy: its subject has no OU opc-tenant:OCID "
            "or opc-identity:OCID";
    }
    SUBCASE("a certificate that is over") {
        set("/identity/cert.pem", certificate(test_key(1), {"opc-tenant:" + tenancy}, "20261122110000Z"));
        problem =
            "the instance's certificate expired on Sun, 22 Nov 2026 11:00:00 GMT, but this machine's "
            "clock shows Sun, 22 Nov "
            "2026 "
            "12:00:00 GMT; correct the clock";
    }
    SUBCASE("garbage for a key") {
        set("/identity/key.pem", "hunter2");
        problem =
            "the instance's private key is not a PEM private key: expected -----BEGIN PRIVATE KEY----- or "
            "-----BEGIN RSA PRIVATE KEY----- and the matching END line";
    }
    SUBCASE("garbage for the intermediate certificate") {
        set("/identity/intermediate.pem", std::string(1000, '-'));
        problem = "the intermediate certificate cannot be used: it is not a PEM certificate";
    }
    SUBCASE("far too much") {
        set("/identity/cert.pem", std::string(100'000, 'x'));
        problem = "the instance metadata service, GET " + base +
                  "/identity/cert.pem, responded with more than 64 KiB";
    }
    start();
    CHECK(key_id() == problem);
    CHECK(federations == 0);
    CHECK(host.logged == std::vector<std::string>{"error: no token obtained reason=" + problem});
    CHECK(cache->advice().ends_with("\nThere is no valid token: " + problem + "."));
    is_nowhere("hunter2");
}

TEST_CASE_FIXTURE(Cloud, "the tenancy may also be in opc-identity") {
    set("/identity/cert.pem", certificate(test_key(1), {"opc-identity:" + tenancy}));
    start();
    CHECK(key_id().starts_with("ST$"));
    CHECK(parameter(sent(), "keyId").starts_with(tenancy + "/fed-x509/"));
}

TEST_CASE_FIXTURE(Cloud, "a key and a certificate that do not match are read again") {
    set("/identity/key.pem", pem_of(test_key(2)));
    start();
    CHECK(key_id() == "(waits)");
    SUBCASE("and fit then") {
        set("/identity/cert.pem", certificate(test_key(2), {"opc-tenant:" + tenancy}));
        host.advance(1s);
        CHECK(key_id().starts_with("ST$"));
    }
    SUBCASE("or never") {
        host.advance(2s);
        CHECK(key_id() == "the instance's private key is not that of its certificate");
    }
}

TEST_CASE_FIXTURE(Cloud, "a certificate of another tenancy than before is rejected") {
    start();
    key_id();
    set("/identity/cert.pem", certificate(test_key(1), {"opc-tenant:ocid1.tenancy.oc1..other"}));
    host.advance(15min);
    CHECK(was_logged(
        "reason=the instance's certificate is of the tenancy ocid1.tenancy.oc1..other now, and was of " +
        tenancy + " before"));
    CHECK(key_id().starts_with("ST$"));
}

TEST_CASE_FIXTURE(
    Cloud,
    "the federation endpoint is tried three times, each time with a new signature, unless it rejects") {
    std::vector<http::Request> requests;
    const std::string url = "https://auth.us-chicago-1.oraclecloud.com/v1/x509";
    SUBCASE("5xx") {
        federation = [&](const http::Request& request) {
            requests.push_back(request);
            return response(requests.size() < 3 ? 500 : 200, token_answer(token(noon + 20min)));
        };
        start();
        host.advance(3s);
        CHECK(key_id() == "ST$" + token(noon + 20min));
        REQUIRE(requests.size() == 3);
        CHECK(requests[0].headers.get("date") != requests[2].headers.get("date"));
        CHECK(requests[0].body == requests[2].body);
        CHECK(parameter(requests[0], "signature") != parameter(requests[2], "signature"));
    }
    SUBCASE("no answer") {
        federation = [&](const http::Request& request) -> Result<http::Response> {
            requests.push_back(request);
            return Error{ErrorKind::timeout, "no connection to the upstream within 5000 ms"};
        };
        start();
        host.advance(1500ms);
        CHECK(requests.size() == 3);
        CHECK(key_id() == url + " did not respond: no connection to the upstream within 5000 ms");
    }
    SUBCASE("4xx") {
        federation = [&](const http::Request& request) {
            requests.push_back(request);
            return response(401,
                            "{\n  \"code\" : \"NotAuthenticated\",\n  \"message\" : \"The certificate is "
                            "not\\n valid\"\n}");
        };
        start();
        CHECK(requests.size() == 1);
        CHECK(key_id() == url + " responded with 401 (NotAuthenticated: The certificate is not  valid)");
        host.advance(900ms);
        CHECK(requests.size() == 1);
        host.advance(100ms);  // the cache's next attempt
        CHECK(requests.size() == 2);
    }
}

TEST_CASE_FIXTURE(Cloud, "a malformed response of the federation endpoint is rejected") {
    std::string body, problem;
    SUBCASE("no JSON") { body = "<html>", problem = "the response is not a JSON object"; }
    SUBCASE("empty") { body = "", problem = "the response is not a JSON object"; }
    SUBCASE("a list") { body = "[]", problem = "the response is not a JSON object"; }
    SUBCASE("no token") { body = "{}", problem = "the response does not have a token"; }
    SUBCASE("a number") { body = R"({"token":7})", problem = "the response does not have a token"; }
    SUBCASE("an empty one") {
        body = R"({"token":""})", problem = "the token in the response cannot be used: it is empty";
    }
    SUBCASE("a hostile one") {
        body = R"({"token":"a\",x=\"b"})",
        problem = "the token in the response cannot be used: it is not a single token";
    }
    SUBCASE("line ends") {
        body = R"({"token":"a\r\nx: y"})",
        problem = "the token in the response cannot be used: it is not a single token";
    }
    SUBCASE("a huge one") {
        body = token_answer(std::string(20'000, 'x')),
        problem = "the token in the response cannot be used: it is larger than 16384 bytes";
    }
    SUBCASE("far too much") {
        body = std::string(1'000'000, '['), problem = "the response is too large for a token";
    }
    SUBCASE("deep") { body = std::string(60'000, '['), problem = "the response is not a JSON object"; }
    federation = [&](const http::Request&) { return response(200, body); };
    start();
    CHECK(key_id() == "https://auth.us-chicago-1.oraclecloud.com/v1/x509: " + problem);
}

TEST_CASE_FIXTURE(Cloud, "a token without an expiry is used and renewed every ten minutes") {
    std::string odd;
    SUBCASE("opaque") { odd = "opaque"; }
    SUBCASE("no exp") { odd = jwt({{"sub", "x"}}); }
    SUBCASE("a text") { odd = jwt({{"exp", "tomorrow"}}); }
    SUBCASE("beyond all times") { odd = jwt({{"exp", 1e300}}); }
    SUBCASE("no JSON") { odd = "a.b.c"; }
    federation = [&](const http::Request&) { return response(200, token_answer(odd)); };
    start();
    CHECK(key_id() == "ST$" + odd);
    host.advance(10min);
    CHECK(federations == 2);
    CHECK(key_id() == "ST$" + odd);
}

TEST_CASE_FIXTURE(Cloud, "a new token that is already expired causes advice to correct the clock") {
    life = -6min;
    start();
    CHECK(key_id() ==
          "the new token expired on Sun, 22 Nov 2026 11:54:00 GMT, but this machine's clock shows Sun, 22 "
          "Nov 2026 12:00:00 GMT; correct the clock");
}

TEST_CASE_FIXTURE(Cloud,
                  "a 401 renews the token once for all rejected requests, and other requests do not wait") {
    start();
    key_id();
    const auto answer = host.answer;
    host.answer = nullptr;  // the test responds from here on
    CHECK(rejected() == "(waits)");
    CHECK(rejected() == "(waits)");
    CHECK(key_id() == "ST$" + token(noon + 20min, "1"));
    CHECK(host.pending.size() == 1);
    host.answer = answer;
    host.reply(answer(host.pending.front().first));
    CHECK(federations == 2);
    CHECK(key_id() == "ST$" + token(noon + 20min, "2"));
    CHECK(rejected() == "yes");
    CHECK(federations == 2);
}

TEST_CASE_FIXTURE(Cloud, "logs and advice contain no secret") {
    start();
    key_id();
    federation = [](const http::Request&) { return response(500); };
    host.advance(20min);
    is_nowhere(token(noon + 20min, "1"));
    CHECK(cache->advice().starts_with(
        "Signed as an instance principal: its identity comes from " + base +
        ", its token from the authentication service of its region.\nThe instance must be in the dynamic "
        "group that "
        "the policy names.\nThe token is for tenancy " +
        tenancy +
        ".\nThe token expired on Sun, 22 Nov 2026 12:20:00 GMT, 0 minutes ago by this machine's "
        "clock.\nThere is no "
        "valid token: https://auth.us-chicago-1.oraclecloud.com/v1/x509 responded with 500."));
}
