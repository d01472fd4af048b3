// SPDX-License-Identifier: Apache-2.0
// Lines as they stand in the file, the access log among them.
#include "core/observe/log.hpp"

#include "core/observe/record.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;
using gatehouse::test::Json;

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        char name[] = "/tmp/gatehouse-log-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

std::vector<std::string> lines_of(const fs::path& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

/// A log in a file of its own.
struct Fixture {
    explicit Fixture(std::string level = "info", std::string format = "text") {
        auto opened = Log::open({.level = std::move(level), .format = std::move(format), .file = file()});
        REQUIRE(opened);
        log = *std::move(opened);
    }
    std::string file() const { return (folder.path / "gatehouse.log").string(); }
    std::vector<std::string> lines() const {
        Log::write_held();
        return lines_of(file());
    }
    /// The only line, without its time.
    std::string line() const {
        const auto all = lines();
        REQUIRE(all.size() == 1);
        return all[0].substr(all[0].find(' ') + 1);
    }

    Folder folder;
    std::unique_ptr<Log> log;
};

RequestRecord full_record() {
    const auto start = RequestRecord::Clock::time_point(1000s);
    RequestRecord record{
        .request_id = "req-1",
        .client = "openclaw",
        .peer = "192.0.2.7",
        .method = "POST",
        .path = "/v1/chat/completions",
        .model = "gpt-5",
        .provider = "oci",
        .upstream_model = "openai.gpt-4.1",
        .upstream_request_id = "opc-1",
        .client_retries = "1",
        .status = 200,
        .stream = true,
        .gone = false,
        .error = {},
        .detail = "",
        .attempts = 2,
        .bytes_in = 61000,
        .bytes_out = 1234,
        .usage = Usage{.prompt = 10, .completion = 5, .total = 15, .cached = 3, .reasoning = 2},
        .start = start,
        .end = start + 1500ms,
        .upstream_start = start + 10ms,
        .upstream_end = start + 1490ms,
        .first_token = start + 250ms};
    return record;
}

}  // namespace

TEST_CASE("a line has time, level, instance, message and fields") {
    const Fixture fixture;
    fixture.log->write(Level::warning, "oci", "token renewed", {{"expires_in", "3600"}, {"reason", "a b"}});
    const auto lines = fixture.lines();
    REQUIRE(lines.size() == 1);
    CAPTURE(lines[0]);
    CHECK(std::regex_match(lines[0],
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning oci token renewed )"
                                      R"(expires_in=3600 reason="a b")")));
}

TEST_CASE("lines below the level are not written") {
    const Fixture fixture("warning");
    CHECK_FALSE(fixture.log->enabled(Level::debug));
    CHECK_FALSE(fixture.log->enabled(Level::info));
    CHECK(fixture.log->enabled(Level::warning));
    fixture.log->write(Level::debug, "a", "b");
    fixture.log->write(Level::info, "a", "b");
    fixture.log->access(full_record());
    CHECK(fixture.lines().empty());
    fixture.log->write(Level::error, "a", "b");
    CHECK(fixture.line() == "error a b");
}

TEST_CASE("a JSON line is one object with the same content") {
    const Fixture fixture("info", "json");
    fixture.log->write(Level::info, "oci", "a \"message\"",
                       {{"key", "a\nb"}, {"level", "mine"}, {"time", "mine"}});
    const auto lines = fixture.lines();
    REQUIRE(lines.size() == 1);
    const auto json = Json::parse(lines[0]);
    CHECK(json["level"] == "info");
    CHECK(json["instance"] == "oci");
    CHECK(json["message"] == "a \"message\"");
    CHECK(json["key"] == "a\nb");
    CHECK(json["level_"] == "mine");
    CHECK(json["time_"] == "mine");
    CHECK(std::regex_match(json["time"].get<std::string>(),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST_CASE("quantities are numbers in JSON, whatever a client writes elsewhere") {
    const Fixture fixture("info", "json");
    fixture.log->write(Level::info, "a", "b",
                       {{"status", "500"},
                        {"count", "57"},
                        {"next_try_s", "3"},
                        {"drain_timeout_ms", "30000"},
                        {"bits", "2048"},
                        {"connections", "-1"},
                        {"model", "4"},
                        {"request", "17"}});
    fixture.log->write(Level::info, "a", "b",
                       {{"status", "none"}, {"count", "007"}, {"ms", ""}, {"bytes", "99999999999999999999"}});
    RequestRecord record = full_record();
    fixture.log->access(record);
    record.client_retries = "many";
    record.model = "12";
    fixture.log->access(record);
    const auto lines = fixture.lines();
    const auto numbers = Json::parse(lines.at(0));
    CHECK(numbers["status"] == 500);
    CHECK(numbers["count"] == 57);
    CHECK(numbers["next_try_s"] == 3);
    CHECK(numbers["drain_timeout_ms"] == 30000);
    CHECK(numbers["bits"] == 2048);
    CHECK(numbers["connections"] == -1);
    CHECK(numbers["model"] == "4");
    CHECK(numbers["request"] == "17");
    const auto texts = Json::parse(lines.at(1));
    CHECK(texts["status"] == "none");
    CHECK(texts["count"] == "007");
    CHECK(texts["ms"] == "");
    CHECK(texts["bytes"] == "99999999999999999999");
    CHECK(Json::parse(lines.at(2))["client_retries"] == 1);
    CHECK(Json::parse(lines.at(3))["client_retries"] == "many");
    CHECK(Json::parse(lines.at(3))["model"] == "12");
}

TEST_CASE("the access line says how many tokens the provider wrote to its cache") {
    const Fixture fixture;
    RequestRecord record = full_record();
    record.usage->cache_written = 7;
    fixture.log->access(record);
    CHECK(fixture.line().find(" cached_tokens=3 cache_write_tokens=7 reasoning_tokens=2 ") !=
          std::string::npos);
}

TEST_CASE("the access line has the chosen attributes of the client") {
    for (const std::string format : {"text", "json"}) {
        const Folder folder;
        const std::string file = (folder.path / "log").string();
        const auto log = Log::open(
            {.format = format, .file = file, .attributes = {"tenant", "groups", "id", "unknown", "long"}});
        REQUIRE(log);
        const Identity who{
            .name = "a",
            .id = "u-1",
            .groups = {"red", "blue"},
            .attributes = {{"tenant", {"t 1\nx"}}, {"other", {"hidden"}}, {"long", {std::string(300, 'x')}}}};
        RequestRecord record = full_record();
        record.who = &who;
        (*log)->access(record);
        Log::write_held();
        const std::string line = lines_of(file).at(0);
        CHECK(line.find("hidden") == line.npos);
        CHECK(line.find("unknown") == line.npos);
        CHECK(line.find(std::string(201, 'x')) == line.npos);
        if (format == "text") {
            CHECK(line.find(" client=openclaw attribute.tenant=\"t 1\\nx\" attribute.groups=red,blue "
                            "attribute.id=u-1 attribute.long=xxx") != line.npos);
        } else {
            const auto json = Json::parse(line);
            CHECK(json["attribute.tenant"] == "t 1\nx");
            CHECK(json["attribute.groups"] == "red,blue");
        }
    }
}

TEST_CASE("the access line of a streamed request says all that is known") {
    const Fixture fixture;
    fixture.log->access(full_record());
    CHECK(
        fixture.line() ==
        "info access request request_id=req-1 client=openclaw peer=192.0.2.7 method=POST "
        "path=/v1/chat/completions "
        "model=gpt-5 route=oci/openai.gpt-4.1 status=200 outcome=ok stream=true bytes_in=61000 bytes_out=1234 "
        "prompt_tokens=10 completion_tokens=5 cached_tokens=3 reasoning_tokens=2 ttft_ms=250 total_ms=1500 "
        "upstream_ms=1480 upstream_id=opc-1 attempts=2 retries=1 client_retries=1");
}

namespace {

RequestRecord request_called(std::string id) {
    RequestRecord record;
    record.request_id = std::move(id);
    return record;
}

}  // namespace

TEST_CASE("lines of requests wait for each other until their thread says so") {
    const Fixture fixture;
    fixture.log->access(request_called("first"));
    fixture.log->access(request_called("second"));
    CHECK(lines_of(fixture.file()).empty());
    Log::write_held();
    const auto lines = lines_of(fixture.file());
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].find("request_id=first ") != std::string::npos);
    CHECK(lines[1].find("request_id=second ") != std::string::npos);
    Log::write_held();
    CHECK(lines_of(fixture.file()).size() == 2);
}

TEST_CASE("a line of another kind follows the buffered lines, and a thread's end loses no line") {
    const Fixture fixture;
    fixture.log->access(request_called("first"));
    fixture.log->write(Level::info, "server", "later");
    std::thread([&] { fixture.log->access(request_called("other")); }).join();
    const auto lines = lines_of(fixture.file());
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("request_id=first ") != std::string::npos);
    CHECK(lines[1].ends_with(" info server later"));
    CHECK(lines[2].find("request_id=other ") != std::string::npos);
}

TEST_CASE("no more lines wait than go out in one piece") {
    const Fixture fixture;
    for (int i = 0; i < 400; ++i) {
        fixture.log->access(request_called(std::to_string(i)));
        CHECK(fs::file_size(fixture.file()) + 16 * 1024 >= static_cast<std::size_t>(i) * 80);
    }
    const auto lines = fixture.lines();
    REQUIRE(lines.size() == 400);
    for (std::size_t i = 0; i < lines.size(); ++i)
        CHECK(lines[i].find("request_id=" + std::to_string(i) + " ") != std::string::npos);
}

TEST_CASE("lines that wait go to the log they were meant for") {
    const Fixture one;
    const Fixture other;
    one.log->access(request_called("one"));
    other.log->access(request_called("other"));
    Log::write_held();
    CHECK(lines_of(one.file()).size() == 1);
    CHECK(lines_of(other.file()).size() == 1);
}

TEST_CASE("the access line omits unknown fields") {
    const Fixture fixture;
    RequestRecord record;
    record.request_id = "req-1";
    record.method = "GET";
    record.path = "/health";
    record.status = 200;
    fixture.log->access(record);
    CHECK(
        fixture.line() ==
        "info access request request_id=req-1 method=GET path=/health status=200 outcome=ok bytes_in=0 bytes_out=0 "
        "total_ms=0");
}

TEST_CASE("the access line as JSON has numbers as numbers") {
    const Fixture fixture("info", "json");
    fixture.log->access(full_record());
    const auto json = Json::parse(fixture.lines().at(0));
    CHECK(json["status"] == 200);
    CHECK(json["stream"] == true);
    CHECK(json["prompt_tokens"] == 10);
    CHECK(json["route"] == "oci/openai.gpt-4.1");
}

TEST_CASE("a failure names its kind and detail, and its level says whose fault it is") {
    auto line = [](ErrorKind kind, bool gone) {
        const Fixture fixture;
        RequestRecord record;
        record.request_id = "r";
        record.status = 500;
        record.gone = gone;
        record.error = kind;
        record.detail = "oci: a b";
        fixture.log->access(record);
        return fixture.line();
    };
    auto rest = [](const std::string& outcome) {
        return " access request request_id=r status=500 outcome=" + outcome +
               " bytes_in=0 bytes_out=0 total_ms=0 ";
    };
    CHECK(line(ErrorKind::internal, false) ==
          "error" + rest("failed") + "error=internal detail=\"oci: a b\"");
    CHECK(line(ErrorKind::upstream, false) ==
          "warning" + rest("failed") + "error=upstream detail=\"oci: a b\"");
    CHECK(line(ErrorKind::bad_request, false) ==
          "info" + rest("failed") + "error=bad_request detail=\"oci: a b\"");
    CHECK(line(ErrorKind::upstream, true) ==
          "info" + rest("left") + "gone=true error=upstream detail=\"oci: a b\"");
}

TEST_CASE("a client's text can neither forge a line nor fill the log") {
    const Fixture fixture;
    RequestRecord record;
    record.model = "gpt\n2026-11-22T10:00:00.000Z info access request status=200";
    record.path = "/" + std::string(100'000, 'x');
    record.client_retries = std::string(100'000, '\x01');
    fixture.log->access(record);
    const auto lines = fixture.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() < 1500);
    CHECK(lines[0].find("model=\"gpt\\n2026-11-22T10:00:00.000Z info access request status=200\"") !=
          std::string::npos);
}

TEST_CASE("the log writes to a renamed file until it is reopened") {
    const Fixture fixture;
    fixture.log->write(Level::info, "a", "first");
    fs::rename(fixture.file(), fixture.file() + ".1");
    fixture.log->write(Level::info, "a", "second");
    REQUIRE(fixture.log->reopen());
    fixture.log->write(Level::info, "a", "third");
    CHECK(lines_of(fixture.file() + ".1").size() == 2);
    CHECK(fixture.line() == "info a third");
}

TEST_CASE("the log keeps the old file if it cannot be reopened") {
    const Fixture fixture;
    fs::create_directory(fixture.folder.path / "kept");
    fs::rename(fixture.file(), fixture.folder.path / "kept" / "old.log");
    fs::create_directory(fixture.file());
    const auto failed = fixture.log->reopen();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message == "cannot open the log file " + fixture.file() + ": is a directory");
    fixture.log->write(Level::info, "a", "still here");
    CHECK(lines_of(fixture.folder.path / "kept" / "old.log").size() == 1);
}

TEST_CASE("a log file that cannot be opened is an error that names it") {
    const auto log = Log::open({.level = "info", .format = "text", .file = "/nowhere/gatehouse.log"});
    REQUIRE_FALSE(log);
    CHECK(log.error().kind == ErrorKind::bad_config);
    CHECK(log.error().message ==
          "cannot open the log file /nowhere/gatehouse.log: no such file or directory");
}

TEST_CASE("whether a log file could be opened is said without making it") {
    const Folder folder;
    auto can_open = [](const fs::path& path) {
        const auto possible = Log::can_open({.level = "info", .format = "text", .file = path.string()});
        return possible ? "" : possible.error().message;
    };
    const fs::path file = folder.path / "gatehouse.log";
    CHECK(can_open(file) == "");
    CHECK_FALSE(fs::exists(file));
    std::ofstream(file) << "";
    CHECK(can_open(file) == "");
    CHECK(can_open(folder.path) == "cannot open the log file " + folder.path.string() + ": is a directory");
    CHECK(can_open("/nowhere/x.log") == "cannot open the log file /nowhere/x.log: no such file or directory");
    CHECK(can_open("stderr") == "");
}

TEST_CASE("lines of several threads do not mix") {
    const Fixture fixture;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i)
                fixture.log->write(Level::info, "thread", "line",
                                   {{"text", std::string(500, static_cast<char>('a' + t))}});
        });
    for (std::thread& thread : threads) thread.join();
    const auto lines = fixture.lines();
    CHECK(lines.size() == 800);
    const std::regex whole(R"([^ ]+ info thread line text=(a{500}|b{500}|c{500}|d{500}))");
    for (const std::string& line : lines) CHECK(std::regex_match(line, whole));
}
