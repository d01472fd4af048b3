// SPDX-License-Identifier: Apache-2.0
// Faults: their addresses, requests and counts.
#include "tests/tools/oci_emulator/chat_support.hpp"
#include "tools/oci_emulator/http_date.hpp"
#include "tools/oci_emulator/service.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::emulator;
using namespace std::chrono_literals;

namespace {

struct Cloud {
    Settings settings = [] {
        Settings open;
        open.signature.mode = SignatureRules::Mode::off;
        return open;
    }();
    Service service{settings};
    AddressState here, elsewhere{"eu-frankfurt-1"};

    Script chat(AddressState& address, const std::string& model = "xai.grok-4") {
        return service.answer(
            {.method = "POST", .path = "/20231130/actions/chat"},
            R"({"compartmentId":"ocid1.compartment.oc1..a","servingMode":{"servingType":"ON_DEMAND","modelId":")" +
                model +
                R"("},"chatRequest":{"apiFormat":"GENERIC","messages":[{"role":"USER","content":[{"type":"TEXT","text":"hi"}]}]}})",
            address);
    }
    int status() { return chat(here).head.status; }
    void fault(const std::string& text) { REQUIRE_FALSE(here.scenarios.add(std::string_view(text))); }
};

std::string body_of(const Script& script) { return script.steps.empty() ? "" : script.steps.front().bytes; }

}  // namespace

TEST_CASE("a fault affects one address, until it is cleared") {
    Cloud cloud;
    cloud.fault("status");
    CHECK(cloud.status() == 503);
    CHECK(cloud.chat(cloud.elsewhere).head.status == 200);
    cloud.service.control({.method = "DELETE", .path = "/_emulator/faults"}, "", cloud.here);
    CHECK(cloud.status() == 200);
}

TEST_CASE("a fault affects the first requests, one model, or one path") {
    Cloud cloud;
    SUBCASE("the first") {
        cloud.fault("throttled,first=2,retry_after=7");
        CHECK(cloud.chat(cloud.here).head.headers.get("retry-after") == "7");
        CHECK(cloud.status() == 429);
        CHECK(cloud.status() == 200);
        CHECK(cloud.here.scenarios.list() == json(R"([{"fault":"throttled","struck":2}])"));
    }
    SUBCASE("one model") {
        cloud.fault("not-authorized,model=xai.grok-3");
        CHECK(cloud.status() == 200);
        CHECK(cloud.chat(cloud.here, "xai.grok-3").head.status == 404);
    }
    SUBCASE("one path") {
        cloud.fault("status,status=500,path=/opc/");
        CHECK(cloud.status() == 200);
        CHECK(cloud.service.answer({.path = "/opc/v2/instance/region"}, "", cloud.here).head.status == 500);
    }
    SUBCASE("without a path not the principals' paths") {
        cloud.fault("status");
        CHECK(cloud.service.answer({.path = "/opc/v2/instance/region"}, "", cloud.here).head.status == 403);
        CHECK(cloud.service.answer({.path = "/20231130/models"}, "", cloud.here).head.status == 503);
    }
}

TEST_CASE("each fault responds as the service does") {
    Cloud cloud;
    const auto answer = [&](const std::string& name) {
        cloud.here.scenarios.clear();
        cloud.fault(name);
        return cloud.chat(cloud.here);
    };
    CHECK(body_of(answer("unknown-key")) == fixture("error-401-not-authenticated.json"));
    CHECK(answer("unknown-key").head.headers.get("x-emulator-reason") == "the key is not known");
    CHECK(json(body_of(answer("not-authorized"))) == json(fixture("error-404-not-authorized-named.json")));
    CHECK(json(body_of(answer("retired"))).at("message") == "Entity with key xai.grok-4 not found");
    CHECK(json(body_of(answer("wrong-format"))) == json(fixture("error-400-type-mismatch.json")));
    CHECK(answer("capacity").head.status == 503);
    CHECK(answer("gateway").head.headers.get("content-type") == "text/html");
    CHECK(answer("status,status=413").head.status == 413);
    CHECK(answer("reset").reset);
    CHECK(answer("silent").wait == 10min);
    CHECK(answer("slow,wait=1500").wait == 1500ms);
    CHECK(answer("slow,wait=1500").head.status == 200);
}

TEST_CASE("a wrong clock appears in the date header, and refuses correct dates") {
    Cloud cloud;
    cloud.settings.signature.mode = SignatureRules::Mode::strict;
    const KeyPointer key = new_key();
    cloud.settings.keys.add("k", key);
    Service strict(cloud.settings);
    cloud.fault("clock,minutes=10");
    const auto ask = [&](AddressState& address) {
        const auto now = std::chrono::system_clock::now();
        http::RequestHead head{.path = "/20231130/models",
                               .query = "compartmentId=ocid1.tenancy.oc1..a",
                               .headers = {{"host", "h"}, {"date", to_http_date(now)}}};
        const std::vector<std::string> names = {"date", "(request-target)", "host"};
        head.headers.add("authorization",
                         "Signature version=\"1\",keyId=\"k\",algorithm=\"rsa-sha256\",headers=\"date "
                         "(request-target) host\",signature=\"" +
                             sign(key, *signing_string(names, head)) + "\"");
        return strict.answer(head, "", address);
    };
    CHECK(ask(cloud.elsewhere).head.status == 200);
    const Script refused = ask(cloud.here);
    CHECK(refused.head.status == 401);
    const auto ahead = *parse_http_date(refused.head.headers.get("date")) - std::chrono::system_clock::now();
    CHECK(ahead > 9min);
    CHECK(ahead < 11min);
}

TEST_CASE("an unknown fault is refused") {
    Scenarios scenarios;
    for (const char* text :
         {"", "other", "status,status=200", "status,first=0", "status,x", "status,x=1", "clock,minutes=a"}) {
        CAPTURE(text);
        CHECK(scenarios.add(std::string_view(text)));
    }
    CHECK(scenarios.list().empty());
    for (int i = 0; i < 32; ++i) CHECK_FALSE(scenarios.add(std::string_view("reset")));
    CHECK(scenarios.add(std::string_view("reset")));
}
