// SPDX-License-Identifier: Apache-2.0
// Principals of a platform: resource principals and OKE workloads; and `auto`, which tries
// all principals.
#include "tests/plugins/auth/oci_signer/principal_fixture.hpp"

using namespace principals;

namespace {

const std::string rp = "OCI_RESOURCE_PRINCIPAL_";

struct Function : Fixture {
    Function() {
        options.principal = "resource";
        environment = {{rp + "VERSION", "2.2"},
                       {rp + "RPST", token(noon + 1h)},
                       {rp + "PRIVATE_PEM", pem_of(test_key(1))},
                       {rp + "REGION", "us-chicago-1"}};
    }
};

std::string missing(const std::string& what) {
    return "This signer cannot sign requests.\nThere is no valid token: " + what + ".";
}

}  // namespace

TEST_CASE_FIXTURE(Function, "a resource principal signs with the token and key in the variables") {
    environment[rp + "RPST"] = jwt({{"exp", seconds(noon + 1h)},
                                    {"res_tenant", tenancy},
                                    {"tenant", "ocid1.tenancy.oc1..other"},
                                    {"res_compartment", "ocid1.compartment.oc1..c"}});
    start();
    CHECK(key_id() == "ST$" + environment[rp + "RPST"]);
    CHECK(credential->about == "tenancy " + tenancy + ", compartment ocid1.compartment.oc1..c");
    CHECK(host.fetched.empty());
    CHECK(
        cache->advice().starts_with("Signed as a resource principal: the token (the variable "
                                    "OCI_RESOURCE_PRINCIPAL_RPST).\nThe resource must be "
                                    "in the dynamic group that the policy names.\nThe token is for tenancy " +
                                    tenancy));
    CHECK(rejected() == "no");
    host.advance(1h);
    CHECK(key_id() ==
          "the token (the variable OCI_RESOURCE_PRINCIPAL_RPST) expired on Sun, 22 Nov 2026 13:00:00 GMT; "
          "restart the gateway, because a token given as text cannot be renewed");
    is_nowhere(environment[rp + "RPST"]);
}

TEST_CASE_FIXTURE(Function, "the key may be encrypted; the pass phrase is a text or a file like the key") {
    const std::string encrypted = oci_keys::pkcs8(test_key(1), "hunter2");
    SUBCASE("text") {
        environment[rp + "PRIVATE_PEM"] = encrypted;
        environment[rp + "PRIVATE_PEM_PASSPHRASE"] = "hunter2";
        start();
        CHECK(key_id().starts_with("ST$"));
    }
    SUBCASE("file") {
        environment[rp + "PRIVATE_PEM"] = home.write("key", encrypted);
        environment[rp + "PRIVATE_PEM_PASSPHRASE"] = home.write("phrase", "hunter2\n");
        start();
        CHECK(key_id().starts_with("ST$"));
    }
    SUBCASE("no phrase") {
        environment[rp + "PRIVATE_PEM"] = encrypted;
        start();
        CHECK(key_id().ends_with("is encrypted; give its pass_phrase"));
    }
    SUBCASE("a missing file") {
        environment[rp + "PRIVATE_PEM"] = home.write("key", encrypted);
        environment[rp + "PRIVATE_PEM_PASSPHRASE"] = "/nowhere/phrase";
        start();
        CHECK(key_id().find("cannot read the pass phrase /nowhere/phrase of the private key") !=
              std::string::npos);
    }
    is_nowhere("hunter2");
}

TEST_CASE_FIXTURE(Function, "token and key files are read again when they change, and may appear late") {
    const std::string rpst = (home.path / "rp/rpst").string(), pem = (home.path / "rp/pem").string();
    environment[rp + "RPST"] = rpst;
    environment[rp + "PRIVATE_PEM"] = pem;
    start();
    CHECK(key_id() == "cannot use the token " + rpst + ": No such file or directory");
    home.write("rp/rpst", token(noon + 15min, "1"));
    home.write("rp/pem", pem_of(test_key(1)));
    host.advance(1s);
    CHECK(key_id() == "ST$" + token(noon + 15min, "1"));
    const auto first = credential->key;

    SUBCASE("a new pair is taken within a second") {
        home.write("rp/rpst", token(noon + 30min, "2"));
        home.write("rp/pem", pem_of(test_key(2)));
        host.advance(1s);
        key_id();
        CHECK(key_id() == "ST$" + token(noon + 30min, "2"));
        CHECK(credential->key->public_key() != first->public_key());
    }
    SUBCASE("without a request too, when it is due") {
        home.write("rp/rpst", token(noon + 30min, "2"));
        host.advance(10min);
        CHECK(was_logged("debug: token obtained expires=Sun, 22 Nov 2026 12:30:00 GMT"));
    }
    SUBCASE("and at once after a 401") {
        home.write("rp/rpst", token(noon + 30min, "2"));
        CHECK(rejected() == "yes");
        CHECK(key_id() == "ST$" + token(noon + 30min, "2"));
    }
    SUBCASE("incomplete files do not replace the old pair") {
        home.write("rp/rpst", "");
        home.write("rp/pem", "-----BEGIN");
        host.advance(5min);
        CHECK(key_id() == "ST$" + token(noon + 15min, "1"));
        host.advance(10min);
        CHECK(key_id() == "the token " + rpst +
                              " expired on Sun, 22 Nov 2026 12:15:00 GMT, and it cannot be read again: it is "
                              "empty; the platform should have renewed it");
    }
}

TEST_CASE_FIXTURE(Function, "a missing part of the platform is named and is not an error at start") {
    std::string problem;
    SUBCASE("no platform") {
        environment.clear();
        problem = "the variable OCI_RESOURCE_PRINCIPAL_VERSION is not set, so there is no resource principal";
    }
    SUBCASE("another version") {
        environment[rp + "VERSION"] = "1.1";
        problem =
            "resource principals of version 1.1 are not supported, only those of 2.2 "
            "(OCI_RESOURCE_PRINCIPAL_VERSION)";
    }
    SUBCASE("no token") {
        environment.erase(rp + "RPST");
        problem =
            "the variable OCI_RESOURCE_PRINCIPAL_RPST, which belongs to a resource principal, is not set";
    }
    SUBCASE("no key") {
        environment.erase(rp + "PRIVATE_PEM");
        problem =
            "the variable OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM, which belongs to a resource principal, is not "
            "set";
    }
    start();
    CHECK(key_id() == problem);
    CHECK(host.logged == std::vector<std::string>{"error: no token obtained reason=" + problem});
    CHECK(cache->advice() == missing(problem));
}

namespace {

struct Pod : Fixture {
    std::string account, authority;
    std::function<Result<http::Response>(const http::Request&)> proxymux;
    int count = 0;

    Pod() {
        options.principal = "oke_workload";
        account = home.write("sa/token", "k8s-token-1\n");
        authority = home.write("sa/ca.crt", "PEM");
        options.service_account_token_file = account;
        environment = {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                       {"OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", authority}};
        proxymux = [this](const http::Request&) {
            return response(200, "\"" + to_base64(token_answer("ST$" + next_token())) + "\"");
        };
        host.answer = [this](const http::Request& request) {
            ++count;
            return proxymux(request);
        };
    }
    std::string next_token() { return token(host.time + 1h, std::to_string(count)); }
};

}  // namespace

TEST_CASE_FIXTURE(
    Pod, "a workload sends its service account token with the cluster's certificates, without a proxy") {
    start();
    CHECK(key_id() == "ST$" + token(noon + 1h, "1"));
    const http::Request& request = host.fetched[0];
    CHECK(request.method == "POST");
    CHECK(request.url == "https://10.96.0.1:12250/resourcePrincipalSessionTokens");
    CHECK(request.headers.get("authorization") == "Bearer k8s-token-1");
    CHECK(request.ca_file == authority);
    CHECK(request.no_proxy);
    CHECK(request.body == R"({"podKey":")" + credential->key->public_key() + "\"}");
    is_nowhere("k8s-token-1");
}

TEST_CASE_FIXTURE(
    Pod, "a workload's token is renewed after half of its lifetime, with the current account token") {
    start();
    key_id();
    const auto first = credential;
    home.write("sa/token", "k8s-token-2");
    host.advance(30min - 1s);
    CHECK(count == 1);
    host.advance(1s);
    CHECK(count == 2);
    CHECK(host.fetched[1].headers.get("authorization") == "Bearer k8s-token-2");
    CHECK(key_id() == "ST$" + token(noon + 90min, "2"));
    CHECK(credential->key->public_key() != first->key->public_key());
    host.advance(11s);
    CHECK(rejected() == "yes");
    CHECK(count == 3);
}

TEST_CASE_FIXTURE(
    Pod, "the response may be quoted base64, bare base64 or JSON, its token with or without a prefix") {
    const std::string plain = token(noon + 1h, "x");
    std::string body;
    SUBCASE("bare") { body = to_base64(token_answer("ST$" + plain)) + "\n"; }
    SUBCASE("without a prefix") { body = "\"" + to_base64(token_answer(plain)) + "\""; }
    SUBCASE("JSON") { body = token_answer("ST$" + plain); }
    proxymux = [&](const http::Request&) { return response(200, body); };
    start();
    CHECK(key_id() == "ST$" + plain);
}

TEST_CASE_FIXTURE(Pod, "the service's address comes from the environment or the key") {
    std::string expected;
    SUBCASE("IPv6") {
        environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
        expected = "https://[fd00::1]:12250";
    }
    SUBCASE("a port") {
        environment["KUBERNETES_SERVICE_PORT_PROXYMUX"] = "12345";
        expected = "https://10.96.0.1:12345";
    }
    SUBCASE("a key") {
        options.proxymux_endpoint = "http://127.0.0.1:1/";
        expected = "http://127.0.0.1:1";
    }
    start();
    CHECK(host.fetched[0].url == expected + "/resourcePrincipalSessionTokens");
}

TEST_CASE_FIXTURE(Pod, "a rejection or a malformed response of the cluster is reported") {
    const std::string who = "the cluster's identity service https://10.96.0.1:12250";
    std::string problem;
    Result<http::Response> answer = response(200);
    int attempts = 1;
    SUBCASE("403") {
        answer = response(403, R"({"code":"NotAuthorized","message":"no"})");
        problem = who +
                  " responded with 403 (NotAuthorized: no): workload identity needs an enhanced cluster and "
                  "one of its service accounts";
    }
    SUBCASE("401") {
        answer = response(401);
        problem = who + " responded with 401";
    }
    SUBCASE("500, three times") {
        answer = response(500, "<html>");
        problem = who + " responded with 500";
        attempts = 3;
    }
    SUBCASE("nobody there") {
        answer = refused_connection();
        problem = who + " did not respond: the upstream cannot be reached: connection refused";
        attempts = 3;
    }
    SUBCASE("no base64") {
        answer = response(200, "\"???\"");
        problem = who + ": the response is not a JSON object";
    }
    SUBCASE("base64 of something else") {
        answer = response(200, to_base64("hello"));
        problem = who + ": the response is not a JSON object";
    }
    SUBCASE("no token") {
        answer = response(200, to_base64("{}"));
        problem = who + ": the response does not have a token";
    }
    SUBCASE("a hostile token") {
        answer = response(200, to_base64(token_answer("ST$a\",b=\"c")));
        problem = who + ": the token in the response cannot be used: it is not a single token";
    }
    SUBCASE("far too much") {
        answer = response(200, std::string(1'000'000, 'A'));
        problem = who + ": the response is too large for a token";
    }
    SUBCASE("empty") { problem = who + ": the response is not a JSON object"; }
    proxymux = [&](const http::Request&) { return answer; };
    start();
    host.advance(1500ms - 1000ms * (attempts == 1));
    CHECK(count == attempts);
    CHECK(key_id() == problem);
}

TEST_CASE_FIXTURE(Pod, "the error for a missing or malformed service account names its file") {
    SUBCASE("removed later") {
        start();
        key_id();
        std::filesystem::remove(account);
        host.advance(30min);
        CHECK(was_logged("reason=cannot read the service account's token " + account + ": No such file"));
        CHECK(key_id().starts_with("ST$"));
    }
    SUBCASE("garbage") {
        home.write("sa/token", "two words");
        start();
        CHECK(key_id() == "cannot use the service account's token " + account + ": it is not a single token");
    }
    SUBCASE("no pod") {
        environment.erase("KUBERNETES_SERVICE_HOST");
        start();
        CHECK(key_id() == "the variable KUBERNETES_SERVICE_HOST is not set: this is not a pod of a cluster");
    }
    SUBCASE("no account") {
        std::filesystem::remove(account);
        start();
        CHECK(key_id() ==
              "there is no file " + account + ": this pod does not have a Kubernetes service account");
    }
    SUBCASE("no certificates: the system's are not trusted instead") {
        std::filesystem::remove(authority);
        start();
        CHECK(key_id() ==
              "there is no file " + authority + ": this pod does not have a Kubernetes service account");
    }
}

namespace {

struct Anywhere : Pod {
    const std::string no_resource =
        "not a resource principal: the variable OCI_RESOURCE_PRINCIPAL_VERSION is not set, so there is "
        "no resource principal";
    const std::string no_pod =
        "; not an OKE workload: the variable KUBERNETES_SERVICE_HOST is not set: this is not a pod of a cluster";
    Anywhere() { options.principal = "auto"; }
    void no_cluster() { environment.clear(); }
};

}  // namespace

TEST_CASE_FIXTURE(Anywhere, "auto chooses a resource principal before all others") {
    environment[rp + "VERSION"] = "2.2";
    environment[rp + "RPST"] = token(noon + 1h, "rp");
    environment[rp + "PRIVATE_PEM"] = pem_of(test_key(1));
    start();
    CHECK(key_id() == "ST$" + token(noon + 1h, "rp"));
    CHECK(host.logged[0] == "info: principal found principal=a resource principal because=");
    CHECK(
        cache->advice().starts_with("The key principal = \"auto\" found a resource principal.\nSigned as a "
                                    "resource principal: "));
}

TEST_CASE_FIXTURE(Anywhere, "auto chooses a workload next, and keeps it") {
    home.write("key.pem", pem_of(test_key(1)));
    home.write(".oci/config",
               "[DEFAULT]\nuser=ocid1.user.oc1..a\ntenancy=" + tenancy + "\nkey_file=~/key.pem\n");
    start();
    CHECK(key_id() == "ST$" + token(noon + 1h, "1"));
    CHECK(host.logged[0] == "info: principal found principal=an OKE workload because=" + no_resource);
    host.advance(30min);
    CHECK(key_id() == "ST$" + token(noon + 90min, "2"));
    CHECK(host.logged.size() == 3);
}

TEST_CASE_FIXTURE(Anywhere, "auto tries the profile after the cluster has rejected the workload") {
    proxymux = [](const http::Request&) { return response(403); };
    home.write("key.pem", pem_of(test_key(1)));
    home.write(".oci/config",
               "[DEFAULT]\nuser=ocid1.user.oc1..a\ntenancy=" + tenancy + "\nkey_file=~/key.pem\n");
    start();
    CHECK(key_id().starts_with(tenancy + "/ocid1.user.oc1..a/"));
    CHECK(host.logged.size() == 1);
    CHECK(host.logged[0] ==
          "info: principal found principal=an API key or a session because=" + no_resource +
              "; not an OKE workload: the cluster's identity service https://10.96.0.1:12250 responded "
              "with 403: "
              "workload identity needs an enhanced cluster and one of its service accounts");
}

TEST_CASE_FIXTURE(Anywhere, "auto chooses a profile at once if no earlier principal is possible") {
    no_cluster();
    home.write("key.pem", pem_of(test_key(1)));
    home.write(".oci/config",
               "[DEFAULT]\nuser=ocid1.user.oc1..a\ntenancy=" + tenancy + "\nkey_file=~/key.pem\n");
    host.busy = true;  // all helpers are busy
    start();
    CHECK(key_id().starts_with(tenancy + "/ocid1.user.oc1..a/"));
    CHECK(host.logged ==
          std::vector<std::string>{
              "info: principal found principal=an API key or a session because=" + no_resource + no_pod});
}

TEST_CASE_FIXTURE(Anywhere, "auto tries the instance principal last, and reports why the others failed") {
    no_cluster();
    home.write(".oci/config", "[DEFAULT]\nuser=me\n");
    host.answer = [](const http::Request&) { return refused_connection(); };
    start();
    host.advance(1500ms);
    const std::string reasons =
        no_resource + no_pod + "; not an API key or a session: profile [DEFAULT] in " +
        (home.path / ".oci/config").string() +
        " has no key_file; not an instance principal: the instance metadata service, GET "
        "http://169.254.169.254/opc/v2/instance/regionInfo, did not respond: the upstream "
        "cannot be reached: connection refused";
    CHECK(key_id() == "no principal found: " + reasons);
    CHECK(host.logged ==
          std::vector<std::string>{"error: no token obtained reason=no principal found: " + reasons});
    const std::string advice = cache->advice();
    CHECK(advice.starts_with(
        "The key principal = \"auto\" has not found a principal yet.\nIt is not a resource "
        "principal: the variable"));
    host.advance(10s);  // and tries again
    CHECK(host.fetched.size() > 3);
}
