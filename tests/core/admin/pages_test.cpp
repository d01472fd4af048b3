// SPDX-License-Identifier: Apache-2.0
// The pages of a resource: their paths, their headers, and the requests that are refused.
#include "core/admin/pages.hpp"
#include "core/admin/gunzip.hpp"
#include "core/observe/log.hpp"

#include "tests/core/plain.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

struct Nothing final : AdminResource {
    std::string name() const override { return "pages"; }
    std::vector<AdminMethod> methods() const override { return {{}}; }
    void handle(AdminRequest, Completion<http::Response> done) override { done(http::Response{}); }
};

// printf 'let x;' | gzip -n
constexpr std::string_view script(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x49\x2d\x51\xa8\xb0\x06\x00\x4e\xfd\xdb\x15\x06\x00\x00\x00",
    26);

struct Serving {
    Serving() {
        AdminResources resources;
        resources["pages"] = {
            "observer",
            "a",
            &resource,
            resource.methods(),
            {{.name = "", .type = "text/html", .gzip = "index", .tag = "t1"},
             {.name = "x.js", .type = "text/javascript", .gzip = script, .tag = "t2", .immutable = true}}};
        resources["bare"] = {"observer", "b", &resource, resource.methods()};
        auto instances = std::make_shared<const PluginInstances>(
            InstanceTable{.dialects = {{"plain", &dialect, dialect.endpoints()}},
                          .mapper = &mapper,
                          .mapper_name = "places",
                          .resources = std::move(resources)},
            nullptr);
        snapshot.reset(new ConfigSnapshot{Settings{}, *log, metrics, Cors({}), std::move(instances)});
    }
    std::optional<http::Response> get(const std::string& path, http::Headers headers = {},
                                      const std::string& method = "GET") {
        http::RequestHead head{.method = method, .path = path, .headers = std::move(headers)};
        if (!head.headers.has("host")) head.headers.add("host", "127.0.0.1:1");
        if (!head.headers.has("accept-encoding")) head.headers.add("accept-encoding", "br, gzip");
        return admin_page(head, *snapshot);
    }
    int status(const std::string& path, http::Headers headers = {}, const std::string& method = "GET") {
        const auto response = get(path, std::move(headers), method);
        return response ? response->head.status : 0;
    }

    Nothing resource;
    plain::PlainDialect dialect;
    plain::TwoPlaces mapper;
    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    Metrics metrics;
    std::shared_ptr<const ConfigSnapshot> snapshot;
};

}  // namespace

TEST_CASE_FIXTURE(Serving, "a page has its bytes, and headers that let a browser run nothing else") {
    const auto index = get("/pages/");
    REQUIRE(index);
    const http::Headers& headers = index->head.headers;
    CHECK(index->body == "index");
    CHECK(headers.get("content-type") == "text/html");
    CHECK(headers.get("content-encoding") == "gzip");
    CHECK(headers.get("cache-control") == "no-cache");
    const std::string policy(headers.get("content-security-policy"));
    for (const std::string part :
         {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
          "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"})
        CHECK(policy.find(part) != policy.npos);
    CHECK(policy.find("unsafe") == policy.npos);
    CHECK(headers.get("x-content-type-options") == "nosniff");
    CHECK(headers.get("x-frame-options") == "DENY");
    CHECK(headers.get("referrer-policy") == "no-referrer");
    CHECK(headers.get("cross-origin-opener-policy") == "same-origin");
    CHECK(headers.get("cross-origin-resource-policy") == "same-origin");
    CHECK_FALSE(headers.has("access-control-allow-origin"));
    CHECK(get("/pages/x.js")->head.headers.get("cache-control") == "max-age=31536000, immutable");
}

TEST_CASE_FIXTURE(Serving, "a page without its slash leads to it by a relative address") {
    const auto moved = get("/pages");
    REQUIRE(moved);
    CHECK(moved->head.status == 308);
    CHECK(moved->head.headers.get("location") == "pages/");
}

TEST_CASE_FIXTURE(Serving, "only pages of a resource are served, and only to read") {
    CHECK(status("/other/") == 0);
    CHECK(status("/bare/") == 0);
    CHECK(status("/") == 0);
    CHECK(status("*") == 0);
    CHECK(status("/pages/y.js") == 404);
    CHECK(status("/pages/../x.js") == 404);
    CHECK(status("/pages/", {}, "HEAD") == 200);
    for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"})
        CHECK(status("/pages/", {}, method) == 405);
}

TEST_CASE_FIXTURE(Serving, "a page under a foreign name is refused") {
    for (const std::string host : {"evil.example", "127.0.0.1.evil.example", ""})
        CHECK(status("/pages/", {{"host", host}}) == 421);
    CHECK(status("/pages/", {{"host", "localhost:1"}}) == 200);
}

TEST_CASE_FIXTURE(Serving, "a browser that has the page gets no bytes") {
    CHECK(status("/pages/", {{"if-none-match", "\"t1\""}}) == 304);
    CHECK(status("/pages/", {{"if-none-match", "\"t0\""}}) == 200);
}

TEST_CASE_FIXTURE(Serving,
                  "a client that does not accept gzip gets the page uncompressed, with its own etag") {
    for (const std::string accepted : {"br", "gzip;q=0"}) {
        const auto plain = get("/pages/x.js", {{"accept-encoding", accepted}});
        REQUIRE(plain);
        CHECK(plain->head.status == 200);
        CHECK(plain->body == "let x;");
        CHECK_FALSE(plain->head.headers.has("content-encoding"));
        CHECK(plain->head.headers.get("vary") == "accept-encoding");
        CHECK(plain->head.headers.get("etag") == "\"t2-plain\"");
    }
    CHECK(status("/pages/x.js", {{"accept-encoding", "br"}, {"if-none-match", "\"t2-plain\""}}) == 304);
    CHECK(status("/pages/x.js", {{"accept-encoding", "br"}, {"if-none-match", "\"t2\""}}) == 200);
    CHECK(get("/pages/x.js")->head.headers.get("etag") == "\"t2\"");
    CHECK(status("/pages/", {{"accept-encoding", "br"}}) == 500);  // no gzip
}

TEST_CASE("gzip that is damaged, cut or too long has no content") {
    CHECK(gunzip(script, 6) == "let x;");
    CHECK_FALSE(gunzip(script, 5));
    for (std::size_t size = 0; size < script.size(); ++size) CHECK_FALSE(gunzip(script.substr(0, size), 100));
    for (std::size_t at = 18; at < script.size(); ++at) {
        std::string other(script);
        other[at] ^= 1;
        CHECK_FALSE(gunzip(other, 100));
    }
}

TEST_CASE("a plugin cannot take the name of a resource of the core, and its pages are known") {
    struct Paged final : Hook, AdminResource, PageSource {
        std::unique_ptr<HookState> begin(const RequestInfo&) override { return nullptr; }
        AdminResource* admin() override { return this; }
        std::string name() const override { return called; }
        std::vector<AdminMethod> methods() const override { return {{}}; }
        void handle(AdminRequest, Completion<http::Response> done) override { done(http::Response{}); }
        std::vector<Page> pages() const override { return {{.name = "a"}}; }
        std::string called = "gateway";
    } plugin;
    AdminResources all;
    for (const std::string taken : {"gateway", "session"}) {
        plugin.called = taken;
        const auto refused = add_resource(all, "hook", "a", plugin);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message == "[hook.a] offers the admin resource \"" + taken +
                                             "\", which is the gateway's own: give it another name");
    }
    plugin.called = "mine";
    CHECK(add_resource(all, "hook", "a", plugin));
    CHECK(all.at("mine").pages.size() == 1);
}
