// SPDX-License-Identifier: Apache-2.0
// The observer through its entry point: exports, and a collector that fails.
#include "plugins/observer/otlp/protobuf.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <zlib.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Exporting {
    FakeHost host;
    Table table = strings({{"endpoint", "https://collector.example/"}});
    std::unique_ptr<Observer> observer;

    void set(std::string key, Value value) { table.entries.push_back({std::move(key), std::move(value)}); }
    void start() {
        auto made = create<Observer>(gatehouse_plugin, table, host);
        if (!made) FAIL(made.error().message);
        observer = *std::move(made);
    }
    std::string refusal() {
        auto made = create<Observer>(gatehouse_plugin, table, host);
        return made ? "" : made.error().message;
    }
    void end(const std::string& id, std::size_t path_bytes = 0) {
        if (!observer) start();
        auto record = std::make_shared<Story>();
        record->trace = {.id = {1, 2}, .span = {3}};
        record->id = id;
        record->method = "GET";
        record->path = "/" + std::string(path_bytes, 'x');
        if (observer->wants(*record)) observer->finished({record});
    }
    /// Runs the timers that wait now; the collector answers `status`.
    void tick(int status, http::Headers headers = {}, std::string body = "{}") {
        host.answers = {http::Response{{status, std::move(headers)}, std::move(body)}};
        auto timers = std::exchange(host.timers, {});
        for (auto& timer : timers) timer();
    }
    std::size_t records(std::size_t request) const {
        const std::string& body = host.fetched.at(request).body;
        std::size_t count = 0;
        for (std::size_t at = 0; (at = body.find("\"spanId\"", at)) != body.npos; ++at) ++count;
        return count;
    }
    double counted(const std::string& meter, const std::string& label = "") {
        return host.meters[meter].numbers[label];
    }
};

/// The text of a gzip file.
std::string gunzipped(std::string file) {
    std::string text(1 << 20, '\0');
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 31) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(file.data());
    stream.avail_in = static_cast<uInt>(file.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
}

}  // namespace

TEST_CASE("protobuf has the wire types and numbers of the messages") {
    const auto bytes = otlp::to_protobuf(
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"0102030405060708","kind":3,"startTimeUnixNano":"258",)"
        R"("attributes":[{"key":"a","value":{"intValue":"-1"}}],"flags":257}]}]}]})");
    REQUIRE(bytes);
    const std::string attribute =
        std::string("\x0a\x01") + "a" + "\x12\x0b\x18" + std::string(9, '\xff') + "\x01";
    std::string one =
        std::string("\x12\x08\x01\x02\x03\x04\x05\x06\x07\x08\x30\x03\x39\x02\x01") + std::string(6, '\0');
    one += "\x4a" + std::string(1, static_cast<char>(attribute.size())) + attribute;
    one += std::string("\x85\x01\x01\x01\x00\x00", 6);
    auto wrapped = [](char tag, const std::string& inner) {
        return std::string({tag, static_cast<char>(inner.size())}) + inner;
    };
    CHECK(*bytes == wrapped(0x0a, wrapped(0x12, wrapped(0x12, one))));
    CHECK_FALSE(otlp::to_protobuf(R"({"resourceSpans":[{"resource_spans":1}]})"));
    CHECK_FALSE(otlp::to_protobuf("{"));
}

TEST_CASE("the rejected spans of an answer in protobuf are read, whatever its bytes") {
    CHECK(otlp::rejected_in_protobuf(std::string("\x0a\x03\x08\x80\x01", 5)) == 128);
    for (const char* answer : {"", "\x0a", "\x0a\x02", "\x0a\x02\x12\x01", "\x12\x01\x08", "\xff\xff\xff"})
        CHECK(otlp::rejected_in_protobuf(answer) == 0);
}

TEST_CASE_FIXTURE(Exporting, "exports are compressed if the configuration says so") {
    set("compression", Value{std::string("gzip")});
    for (int i = 0; i < 100; ++i) end("request" + std::to_string(i));
    tick(200);
    REQUIRE(host.fetched.size() == 1);
    const http::Request& request = host.fetched[0];
    CHECK(request.headers.get("content-encoding") == "gzip");
    CHECK(request.headers.get("content-type") == "application/json");
    const std::string text = gunzipped(request.body);
    CHECK(text.ends_with("]}]}]}"));
    CHECK(text.find("request99") != text.npos);
    CHECK(request.body.size() * 5 < text.size());
}

TEST_CASE_FIXTURE(Exporting, "requests are exported together, with the headers of the configuration") {
    Table header;
    header.entries = {{"name", Value{std::string("authorization")}},
                      {"value", Value{std::string("Bearer sk")}}};
    set("headers", Value{std::vector<Table>{header}});
    end("a");
    end("b");
    CHECK(host.fetched.empty());
    tick(200);
    REQUIRE(host.fetched.size() == 1);
    const http::Request& request = host.fetched[0];
    CHECK(request.method == "POST");
    CHECK(request.url == "https://collector.example/v1/traces");
    CHECK(request.headers.get("authorization") == "Bearer sk");
    CHECK(request.headers.get("content-type") == "application/json");
    CHECK(request.body.starts_with(R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name")"));
    CHECK(records(0) == 2);
    CHECK(counted("exported_total") == 2);
    CHECK(counted("waiting") == 0);
    CHECK(host.timers.empty());
}

TEST_CASE_FIXTURE(Exporting, "a failed export is sent again, and the log says it once") {
    end("a");
    for (const int status : {503, 429, 502, 504}) tick(status);
    host.answers = {};
    auto timers = std::exchange(host.timers, {});
    for (auto& timer : timers) timer();  // no response
    CHECK(host.fetched.size() == 5);
    CHECK(counted("failures_total") == 5);
    CHECK(counted("waiting") == 1);
    tick(200);
    CHECK(host.fetched.back().body == host.fetched.front().body);
    CHECK(host.logged ==
          std::vector<std::string>{"spans not exported reason=status 503", "spans exported again"});
    CHECK(counted("exported_total") == 1);
}

TEST_CASE_FIXTURE(Exporting, "an export that the collector refuses is dropped") {
    for (const int status : {400, 401, 413, 500}) {
        end("a");
        tick(status);
        CHECK(host.timers.empty());
    }
    CHECK(counted("dropped_total", "refused") == 4);
    CHECK(counted("exported_total") == 0);
}

TEST_CASE_FIXTURE(Exporting, "spans that the collector rejects are counted and not sent again") {
    end("a");
    tick(200, {}, R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}})");
    end("b");
    tick(200, {}, R"({"partialSuccess":{"rejectedSpans":2}})");
    end("c");
    tick(200, {}, "not JSON");
    CHECK(counted("rejected_spans_total") == 5);
    CHECK(counted("exported_total") == 3);
    CHECK(host.timers.empty());
}

TEST_CASE_FIXTURE(Exporting, "memory is bounded, and what does not fit is counted") {
    set("max_waiting_bytes", Value{std::int64_t{65'536}});
    for (int i = 0; i < 1'000; ++i) end("a", 200);
    const double dropped = counted("dropped_total", "full"), waiting = counted("waiting");
    CHECK(dropped + waiting == 1'000);
    CHECK(waiting > 10);
    CHECK(waiting < 100);
    tick(200);
    CHECK(counted("exported_total") == waiting);
    observer.reset();
    CHECK(counted("dropped_total", "ended") == 0);
}

TEST_CASE_FIXTURE(Exporting, "a batch is bounded, and the next one follows") {
    set("max_batch", Value{std::int64_t{10}});
    for (int i = 0; i < 25; ++i) end("a");
    tick(200);
    tick(200);
    tick(200);
    REQUIRE(host.fetched.size() == 3);
    CHECK(records(0) == 10);
    CHECK(records(2) == 5);
}

TEST_CASE_FIXTURE(Exporting, "a flush sends everything at once, and completes once") {
    set("max_batch", Value{std::int64_t{10}});
    for (int i = 0; i < 25; ++i) end("a");
    for (int i = 0; i < 3; ++i) host.answers.push_back(http::Response{});
    std::optional<Result<bool>> done;
    observer->flush(into(done));
    REQUIRE(done);
    CHECK(**done);
    CHECK(counted("exported_total") == 25);
    tick(200);  // a timer from before the flush does nothing
    CHECK(host.fetched.size() == 3);
}

TEST_CASE_FIXTURE(Exporting,
                  "a flush to a collector that is away fails, and the remaining requests are counted") {
    end("a");
    std::optional<Result<bool>> done;
    observer->flush(into(done));
    REQUIRE(done);
    CHECK_FALSE(**done);
    CHECK(host.fetched.size() == 1);
    observer.reset();
    CHECK(counted("dropped_total", "ended") == 1);
}

TEST_CASE_FIXTURE(Exporting, "unsampled requests are counted") {
    set("sample", Value{0.0});
    end("a");
    CHECK(counted("unsampled_total") == 1);
    CHECK(host.timers.empty());
}

TEST_CASE_FIXTURE(Exporting, "a wrong value names its key") {
    SUBCASE("scheme") {
        table = strings({{"endpoint", "collector:4318"}});
        CHECK(refusal() == "endpoint: expected http:// or https:// at its beginning");
    }
    SUBCASE("path") {
        table = strings({{"endpoint", "http://collector/v1/traces"}});
        CHECK(refusal() == "endpoint: expected the URL without /v1/traces, which the gateway adds");
        table = strings({{"endpoint", "http://collector/v1/traces/"}});
        CHECK(refusal() == "endpoint: expected the URL without /v1/traces, which the gateway adds");
    }
    SUBCASE("sample") {
        set("sample", Value{1.5});
        CHECK(refusal() == "sample: expected a number from 0 to 1");
    }
    SUBCASE("header") {
        Table header;
        header.entries = {{"name", Value{std::string("a b")}}, {"value", Value{std::string("x")}}};
        set("headers", Value{std::vector<Table>{header}});
        CHECK(refusal() == "headers[0].name: expected the name of a header");
    }
}
