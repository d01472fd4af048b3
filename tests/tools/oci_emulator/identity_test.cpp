// SPDX-License-Identifier: Apache-2.0
// Principals: metadata, federation, refresh, OKE's proxymux, resource principals,
// and requests to the service that are signed with their tokens.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/http_date.hpp"
#include "tools/oci_emulator/service.hpp"

#include <openssl/pem.h>

#include <doctest/doctest.h>

#include <unistd.h>

#include <filesystem>
#include <functional>

using namespace gatehouse;
using namespace gatehouse::emulator;
using namespace std::chrono_literals;

namespace {

// One session key for all tests, because generating keys is slow.
const KeyPointer& session_key() {
    static const KeyPointer key = new_key();
    return key;
}

std::string all_bytes(const Script& script) {
    std::string bytes;
    for (const Script::Step& step : script.steps) bytes += step.bytes;
    return bytes;
}

http::RequestHead post(const std::string& path, const std::string& body) {
    return {.method = "POST",
            .path = path,
            .headers = {{"host", "emulator"},
                        {"date", to_http_date(std::chrono::system_clock::now())},
                        {"content-type", "application/json"},
                        {"content-length", std::to_string(body.size())},
                        {"x-content-sha256", to_base64(sha256(body))}}};
}

void sign_head(http::RequestHead& head, const KeyPointer& key, const std::string& key_id,
               std::vector<std::string> names = {"date", "(request-target)", "host", "content-length",
                                                 "content-type", "x-content-sha256"}) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : " ") + name;
    head.headers.set("authorization", "Signature version=\"1\",keyId=\"" + key_id +
                                          "\",algorithm=\"rsa-sha256\",headers=\"" + list +
                                          "\",signature=\"" + sign(key, *signing_string(names, head)) + "\"");
}

struct Answered {
    int status;
    std::string body, reason;
    http::Headers headers;
};

class Cloud {
public:
    explicit Cloud(IdentitySettings identity = {})
        : service([&] {
              Settings settings;
              settings.identity = std::move(identity);
              return settings;
          }()) {}

    Answered ask(const http::RequestHead& head, const std::string& body = {}) {
        const Script script = service.answer(head, body);
        return {script.head.status, all_bytes(script),
                std::string(script.head.headers.get("x-emulator-reason")), script.head.headers};
    }
    Answered metadata(const std::string& path) {
        return ask({.path = "/opc/v2/" + path, .headers = {{"Authorization", "Bearer Oracle"}}});
    }
    int control(const std::string& path, const std::string& body) {
        last_control = service.control({.method = "POST", .path = path}, body);
        return last_control.head.status;
    }
    Answered chat(const KeyPointer& key, const std::string& key_id) {
        const std::string body =
            R"({"compartmentId":"ocid1.compartment.oc1..a","servingMode":{"servingType":"ON_DEMAND","modelId":"xai.grok-3"},)"
            R"("chatRequest":{"apiFormat":"GENERIC","messages":[{"role":"USER","content":[{"type":"TEXT","text":"hi"}]}]}})";
        http::RequestHead head = post("/20231130/actions/chat", body);
        sign_head(head, key, key_id);
        return ask(head, body);
    }

    Service service;
    http::Response last_control;
};

// Shared by tests without special requirements.  Its keys are generated once.
Cloud& usual_cloud() {
    static Cloud cloud;
    return cloud;
}

std::string bare(std::string pem) {
    pem = pem.substr(pem.find('\n') + 1);
    pem.resize(pem.find("-----END"));
    std::erase(pem, '\n');
    return pem;
}

CertificatePointer certificate_from(const std::string& pem) {
    return read_certificate(*from_base64(bare(pem)));
}

// A valid federation request, which tests modify.
struct Federation {
    Cloud& cloud;
    std::string certificate = bare(cloud.metadata("identity/cert.pem").body);
    KeyPointer key = *read_key(cloud.metadata("identity/key.pem").body);
    Json body = {
        {"certificate", certificate},
        {"publicKey", to_base64(public_der(session_key()))},
        {"intermediateCertificates", Json::array({bare(cloud.metadata("identity/intermediate.pem").body)})},
        {"purpose", "DEFAULT"}};
    std::string key_id = "ocid1.tenancy.oc1..emulator/fed-x509/" +
                         fingerprint_of(read_certificate(*from_base64(certificate)), false);
    std::vector<std::string> names = {"date", "(request-target)", "content-length", "content-type",
                                      "x-content-sha256"};  // as Python: no host

    Answered send() {
        const std::string text = body.dump();
        http::RequestHead head = post("/v1/x509", text);
        sign_head(head, key, key_id, names);
        return cloud.ask(head, text);
    }
    std::string token() {
        const Answered answered = send();
        REQUIRE(answered.status == 200);
        return json(answered.body).at("token");
    }
};

Json claims_in(const std::string& token) {
    const std::size_t first = token.find('.');
    return json(*from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)));
}

}  // namespace

TEST_CASE("metadata require their header, and refuse proxies") {
    Cloud& cloud = usual_cloud();
    CHECK(cloud.ask({.path = "/opc/v2/instance/region"}).status == 403);
    CHECK(cloud.ask({.path = "/opc/v2/instance/region", .headers = {{"authorization", "Bearer Other"}}})
              .status == 403);
    CHECK(cloud
              .ask({.path = "/opc/v2/instance/region",
                    .headers = {{"authorization", "Bearer Oracle"}, {"x-forwarded-for", "1.2.3.4"}}})
              .status == 403);
    CHECK(cloud.metadata("instance/region").body == "us-chicago-1");
    CHECK(json(cloud.metadata("instance/regionInfo").body).at("regionKey") == "ORD");
    CHECK(cloud.metadata("identity/other.pem").status == 404);
    Cloud phoenix({.region = "us-phoenix-1", .metadata_region = "phx"});
    CHECK(phoenix.metadata("instance/region").body == "phx");
    CHECK(json(phoenix.metadata("instance/regionInfo").body).at("regionIdentifier") == "us-phoenix-1");
}

TEST_CASE("the instance's certificate names its tenancy and has its key") {
    Cloud cloud({.tenancy = "ocid1.tenancy.oc1..mine"});
    const std::string key_pem = cloud.metadata("identity/key.pem").body;
    CHECK(starts(key_pem, "-----BEGIN RSA PRIVATE KEY-----"));
    const auto leaf = certificate_from(cloud.metadata("identity/cert.pem").body);
    const auto units = units_of(leaf);
    CHECK(std::count(units.begin(), units.end(), "opc-tenant:ocid1.tenancy.oc1..mine") == 1);
    CHECK(fingerprint_of(*read_key(key_pem)) == fingerprint_of(key_of(leaf)));
}

TEST_CASE("the federation issues a token, and the service accepts its key's signatures") {
    Cloud& cloud = usual_cloud();
    Federation request{cloud};
    SUBCASE("as Python sends it") {}
    SUBCASE("as JavaScript sends it") { request.names.insert(request.names.begin() + 2, "host"); }
    SUBCASE("without a purpose") { request.body.erase("purpose"); }
    SUBCASE("with an upper-case fingerprint") {
        for (char& c : request.key_id)
            if (c >= 'a' && c <= 'f' && &c - request.key_id.data() > 37) c = static_cast<char>(c - 32);
    }
    SUBCASE("with SHA-256") {
        request.key_id = "ocid1.tenancy.oc1..emulator/fed-x509-sha256/" +
                         fingerprint_of(read_certificate(*from_base64(request.certificate)), true);
    }
    const std::string token = request.token();
    CHECK(claims_in(token).at("exp").get<std::int64_t>() - claims_in(token).at("iat").get<std::int64_t>() ==
          1200);
    CHECK(cloud.chat(session_key(), "ST$" + token).status == 200);
    CHECK(cloud.chat(request.key, "ST$" + token).reason == "the signature is wrong");
    CHECK(cloud.chat(session_key(), token).reason == "the key is not known");
    const Json line = json(cloud.service.control({.path = "/_emulator/requests"}, "").body).back();
    CHECK(line.at("status") == 401);
    CHECK(cloud.service.control({.path = "/_emulator/requests"}, "").body.find(token) == std::string::npos);
}

TEST_CASE("the federation refuses a request with a single mistake") {
    Cloud& cloud = usual_cloud();
    Federation request{cloud};
    std::string reason;
    int status = 401;
    SUBCASE("another key") {
        request.key = session_key();
        reason = "the signature is wrong";
    }
    SUBCASE("another tenancy") {
        request.key_id.replace(0, 4, "ocid2");
        reason = "the keyId is not";
    }
    SUBCASE("the digest unsigned") {
        request.names.pop_back();
        reason = "not signed: x-content-sha256";
    }
    SUBCASE("no date signed") {
        request.names.erase(request.names.begin());
        reason = "not signed: date";
    }
    SUBCASE("a certificate of another CA") {
        const Credential root = make_credential({.common_name = "Root", .authority = true}, nullptr, 1h);
        const Credential leaf = make_credential(
            {.common_name = "x", .units = {"opc-tenant:ocid1.tenancy.oc1..emulator"}}, &root, 1h);
        request.body["certificate"] = bare(to_pem(leaf.certificate));
        reason = "the certificate does not descend";
    }
    SUBCASE("the wrong intermediate") {
        request.body["intermediateCertificates"] = Json::array({request.certificate});
        reason = "the certificate does not descend";
    }
    SUBCASE("a replaced certificate") {
        REQUIRE(cloud.control("/_emulator/identity", R"({"rotate":true})") == 200);
        reason = "the certificate has been replaced since";
    }
    SUBCASE("an armoured certificate") {
        request.body["certificate"] = cloud.metadata("identity/cert.pem").body;
        status = 400;
    }
    SUBCASE("a short key") {
        request.body["publicKey"] = to_base64(public_der(KeyPointer(EVP_RSA_gen(1024), EVP_PKEY_free)));
        status = 400;
    }
    SUBCASE("no intermediate") {
        request.body["intermediateCertificates"] = Json::array();
        status = 400;
    }
    SUBCASE("an unknown field") {
        request.body["more"] = 1;
        status = 400;
    }
    const Answered answered = request.send();
    CHECK(answered.status == status);
    CHECK(starts(answered.reason, reason));
}

TEST_CASE("a token expires or is revoked") {
    Cloud cloud;
    Federation request{cloud};
    REQUIRE(cloud.control("/_emulator/identity", R"({"token_lifetime":100})") == 200);
    const auto before = std::chrono::system_clock::now();
    const std::string token = request.token();
    const auto after = std::chrono::system_clock::now();
    CHECK(cloud.service.identity().key_of_token(token, before + 98s));
    CHECK(cloud.service.identity().key_of_token(token, after + 101s).error().message ==
          "the token has expired");
    REQUIRE(cloud.control("/_emulator/identity", R"({"revoke":true})") == 200);
    CHECK(cloud.chat(session_key(), "ST$" + token).reason == "the token was revoked");
    CHECK(cloud.chat(session_key(), "ST$" + request.token()).status == 200);
}

TEST_CASE("a token of another issuer is refused") {
    Cloud& cloud = usual_cloud();
    Federation request{cloud};
    const std::string token = request.token();
    Cloud elsewhere;
    CHECK(elsewhere.chat(session_key(), "ST$" + token).reason == "the token was not issued here");
    Json claims = claims_in(token);
    claims["exp"] = 9'999'999'999;
    const std::string changed =
        token.substr(0, token.find('.') + 1) + to_base64url(claims.dump()) + token.substr(token.rfind('.'));
    CHECK(cloud.chat(session_key(), "ST$" + changed).reason == "the token was not issued here");
    for (const char* text : {"", ".", "..", "a.b.c", "a.bnVsbA.c"})
        CHECK(cloud.chat(session_key(), std::string("ST$") + text).status == 401);
}

TEST_CASE("a session is refreshed with its own token until the session ends") {
    Cloud& cloud = usual_cloud();
    const auto login = [&](const std::string& more) -> std::string {
        REQUIRE(cloud.control(
                    "/_emulator/session-token",
                    R"({"publicKey":")" + to_base64(public_der(session_key())) + "\"" + more + "}") == 200);
        return json(cloud.last_control.body).at("token");
    };
    const auto refresh = [&](const std::string& token, const std::string& signed_with,
                             const KeyPointer& key) {
        const std::string body = Json({{"currentToken", token}}).dump();
        http::RequestHead head = post("/v1/authentication/refresh", body);
        sign_head(head, key, "ST$" + signed_with);
        return cloud.ask(head, body);
    };
    const std::string token = login("");
    const Answered renewed = refresh(token, token, session_key());
    REQUIRE(renewed.status == 200);
    const std::string next = json(renewed.body).at("token");
    CHECK(next != token);
    CHECK(cloud.chat(session_key(), "ST$" + next).status == 200);
    CHECK(cloud.chat(session_key(), "ST$" + token).status == 200);
    CHECK(starts(refresh(token, next, session_key()).reason, "the keyId is not the token"));
    CHECK(refresh(token, token, new_key()).reason == "the signature is wrong");
    const std::string old = login(R"(,"session_lifetime":0)");
    CHECK(refresh(old, old, session_key()).reason == "the session can no longer be refreshed");
    const std::string brief =
        json(refresh(login(R"(,"session_lifetime":50)"), "", session_key()).body).value("token", "");
    CHECK(brief.empty());
    const std::string ending = login(R"(,"session_lifetime":50)");
    const Json claims = claims_in(json(refresh(ending, ending, session_key()).body).at("token"));
    CHECK(claims.at("exp").get<std::int64_t>() - claims.at("iat").get<std::int64_t>() <= 50);
}

TEST_CASE("a pod gets its token for its service account") {
    Cloud cloud({.service_account_token = "right"});
    const std::string body = Json({{"podKey", to_base64(public_der(session_key()))}}).dump();
    const auto ask = [&](const std::string& bearer, const std::string& text) {
        http::RequestHead head = post("/resourcePrincipalSessionTokens", text);
        if (!bearer.empty()) head.headers.add("authorization", bearer);
        return cloud.ask(head, text);
    };
    CHECK(ask("", body).status == 401);
    CHECK(ask("Bearer ", body).status == 401);
    CHECK(ask("Bearer wrong", body).status == 403);
    CHECK(ask("Bearer right", R"({"podKey":"x"})").status == 400);
    const Answered answered = ask("Bearer right", body);
    REQUIRE(answered.status == 200);
    REQUIRE(answered.body.front() == '"');
    const std::string key_id =
        json(*from_base64(answered.body.substr(1, answered.body.size() - 2))).at("token");
    CHECK(starts(key_id, "ST$"));
    CHECK(cloud.chat(session_key(), key_id).status == 200);
}

TEST_CASE("a resource principal has two files, and is renewed there") {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("emulator-rp-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto content = [&](const char* name) {
        std::ifstream in(folder / name, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    };
    {
        Cloud cloud({.resource_principal = folder});
        REQUIRE(
            cloud.service.identity().write_resource_principal(60s, true, std::chrono::system_clock::now()));
        const std::string token = content("rpst"), pem = content("private.pem");
        CHECK(cloud.chat(*read_key(pem), "ST$" + token).status == 200);
        CHECK(claims_in(token).at("res_compartment") == "ocid1.compartment.oc1..emulator");
        REQUIRE(cloud.control("/_emulator/resource-principal", "") == 200);
        CHECK(content("rpst") != token);
        CHECK(content("private.pem") == pem);
        REQUIRE(cloud.control("/_emulator/resource-principal", R"({"new_key":true,"lifetime":5})") == 200);
        CHECK(content("private.pem") != pem);
        CHECK(cloud.chat(*read_key(content("private.pem")), "ST$" + content("rpst")).status == 200);
    }
    std::filesystem::remove_all(folder);
    Cloud without;
    CHECK(without.control("/_emulator/resource-principal", "") == 409);
}

TEST_CASE("keys of another tenancy are not known") {
    Settings settings;
    settings.keys.add(session_key());
    settings.keys.limit_to("ocid1.tenancy.oc1..mine");
    CHECK(settings.keys.find("ocid1.tenancy.oc1..mine/ocid1.user.oc1..u/" + fingerprint_of(session_key())));
    CHECK_FALSE(
        settings.keys.find("ocid1.tenancy.oc1..other/ocid1.user.oc1..u/" + fingerprint_of(session_key())));
}
