// SPDX-License-Identifier: Apache-2.0
// A log whose file cannot be written for a time: what is lost is counted, and no line is torn.
#include "core/observe/line_writer.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/observe/record.hpp"
#include "tests/file_size_limit.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::core;
using gatehouse::test::Json;

namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    return content.str();
}

std::vector<std::string> lines_of(const fs::path& path) {
    std::vector<std::string> lines;
    std::istringstream text(content_of(path));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

struct Fixture {
    Fixture() {
        char name[] = "/tmp/gatehouse-lost-lines-test-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~Fixture() { fs::remove_all(folder); }

    std::unique_ptr<Log> log(const std::string& format = "json") const {
        auto opened = Log::open({.format = format, .file = file()});
        REQUIRE(opened);
        return *std::move(opened);
    }
    std::string file() const { return folder / "gatehouse.log"; }
    fs::path folder;
};

/// Standard error goes to a file for a time.
class Complaints {
public:
    explicit Complaints(const fs::path& file) : file_(file), before_(::dup(STDERR_FILENO)) {
        const int to = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(to, STDERR_FILENO);
        ::close(to);
    }
    ~Complaints() {
        ::dup2(before_, STDERR_FILENO);
        ::close(before_);
    }
    std::string text() const { return content_of(file_); }

private:
    const fs::path file_;
    const int before_;
};

void write_line(Log& log, int number) {
    log.write(Level::info, "a", "b", {{"count", std::to_string(number)}, {"text", std::string(70, 'x')}});
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "lines that a full disk does not take are counted, and standard error says so once") {
    const Complaints complaints(folder / "err");
    const auto log = this->log();
    {
        const FileSizeLimit limit(1'000);
        for (int i = 0; i < 30; ++i) write_line(*log, i);
    }
    const auto full = lines_of(file());
    CHECK(full.size() > 3);
    CHECK(log->lost_lines() == 30 - full.size());
    CHECK(complaints.text() == "gatehouse: cannot write the log to " + file() +
                                   ": file too large; its lines are lost until it can be written again\n");
    CHECK(content_of(file()).ends_with("}\n"));

    write_line(*log, 30);
    const auto all = lines_of(file());
    REQUIRE(all.size() == full.size() + 2);
    for (const std::string& line : all) CHECK(Json::accept(line));
    const auto report = Json::parse(all[full.size()]);
    CHECK(report["level"] == "warning");
    CHECK(report["instance"] == "gatehouse");
    CHECK(report["message"] == "log lines lost");
    CHECK(report["count"] == log->lost_lines());
    CHECK(report["reason"] == "file too large");
    CHECK(Json::parse(all.back())["count"] == 30);
    CHECK(log->lost_lines() == 30 - full.size());
}

TEST_CASE_FIXTURE(Fixture, "buffered lines are counted one by one, and those that fit are kept") {
    const auto log = this->log("text");
    std::ofstream(folder / "err").close();
    const Complaints complaints(folder / "err");
    {
        const FileSizeLimit limit(1'000);
        for (int i = 0; i < 50; ++i) {
            RequestRecord record;
            record.request_id = std::to_string(i);
            log->access(record);
        }
        Log::write_held();
    }
    const std::size_t kept = lines_of(file()).size();
    CHECK(kept > 5);
    CHECK(log->lost_lines() == 50 - kept);
    CHECK(content_of(file()).ends_with("\n"));
    write_line(*log, 50);
    CHECK(lines_of(file()).size() == kept + 2);
    CHECK(lines_of(file())[kept].ends_with(" warning gatehouse log lines lost count=" +
                                           std::to_string(50 - kept) + " reason=\"file too large\""));
}

TEST_CASE_FIXTURE(Fixture, "a log that never takes a line loses all of them, and another file reports them") {
    const Complaints complaints(folder / "err");
    auto opened = Log::open({.file = "/dev/full"});
    REQUIRE(opened);
    Log& log = **opened;
    write_line(log, 1);
    write_line(log, 2);
    CHECK(log.lost_lines() == 2);
    CHECK(
        complaints.text() ==
        "gatehouse: cannot write the log to /dev/full: no space left on device; its lines are lost until it can be "
        "written again\n");
    REQUIRE(log.configure({.file = file()}));
    write_line(log, 3);
    REQUIRE(lines_of(file()).size() == 2);
    CHECK(lines_of(file())[0].ends_with(" log lines lost count=2 reason=\"no space left on device\""));
    CHECK(log.lost_lines() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a line that cannot be cut off ends before the next one begins") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_NONBLOCK) == 0);
    LostLines lost;
    LineWriter writer(lost, [](std::uint64_t count, int) { return "lost " + std::to_string(count) + "\n"; });
    const std::string filler(70'000, 'x');
    CHECK(writer.write(ends[1], filler + "\n") == EAGAIN);
    CHECK(lost.total == 1);
    std::string read(100'000, '\0');
    const auto count = ::read(ends[0], read.data(), read.size());
    REQUIRE(count > 0);
    CHECK(read[static_cast<std::size_t>(count) - 1] == 'x');
    CHECK(writer.write(ends[1], "next\n") == 0);
    const auto more = ::read(ends[0], read.data(), read.size());
    REQUIRE(more > 0);
    CHECK(read.substr(0, static_cast<std::size_t>(more)) == "\nlost 1\nnext\n");
    CHECK(lost.unreported == 0);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_CASE_FIXTURE(Fixture, "the first line in a file that ends within a line begins on a line of its own") {
    std::ofstream(file()) << "{\"time\":\"2026";
    write_line(*log("text"), 1);
    CHECK(lines_of(file()).size() == 2);
    CHECK(lines_of(file())[0] == "{\"time\":\"2026");
    write_line(*log("text"), 2);
    CHECK(lines_of(file()).size() == 3);
}

TEST_CASE("lost lines are a metric") {
    Metrics metrics;
    std::uint64_t lost = 0;
    CHECK(metrics.text().find("\ngatehouse_log_lines_lost_total 0\n") != std::string::npos);
    metrics.watch_log([&] { return lost; });
    lost = 3;
    CHECK(metrics.text().find("\ngatehouse_log_lines_lost_total 3\n") != std::string::npos);
    lost = 5;
    CHECK(metrics.text().find("\ngatehouse_log_lines_lost_total 5\n") != std::string::npos);
}
