// SPDX-License-Identifier: Apache-2.0
// The search in the log's file: its end, its filter, and logs that are not files.
#include "core/admin/log_report.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

struct LogFile {
    LogFile() {
        char name[] = "/tmp/gatehouse-log-test-XXXXXX";
        folder = ::mkdtemp(name);
        path = folder / "gatehouse.log";
    }
    ~LogFile() { std::filesystem::remove_all(folder); }
    void write(const std::string& content) const { std::ofstream(path, std::ios::binary) << content; }
    std::string report(std::string_view text = {}, std::string_view level = {}) const {
        const auto made = log_report(path.string(), text, level);
        return made ? made->substr(made->find("\"complete\"")) : made.error().message;
    }
    std::filesystem::path folder, path;
};

}  // namespace

TEST_CASE_FIXTURE(LogFile, "lines are found by a part, without regard to case, and by level") {
    write(
        "2026-01-01 info one Req_A\n2026-01-01 warning two req_b\n{\"level\":\"error\",\"id\":\"req_a\"}\n");
    CHECK(
        report() ==
        R"("complete":true,"matching":3,"lines":["2026-01-01 info one Req_A","2026-01-01 warning two req_b","{\"level\":\"error\",\"id\":\"req_a\"}"]})");
    CHECK(report("REQ_a").find("\"matching\":2") != std::string::npos);
    CHECK(report("", "warning") ==
          R"("complete":true,"matching":1,"lines":["2026-01-01 warning two req_b"]})");
    CHECK(report("", "error").find("req_a") != std::string::npos);
    CHECK(report("nothing") == R"("complete":true,"matching":0,"lines":[]})");
}

TEST_CASE_FIXTURE(LogFile, "only the end of a large file is read, from the beginning of a line on") {
    const std::string line = "2026-01-01 info " + std::string(1000, 'x');
    std::string content;
    for (int i = 0; i < 2000; ++i) content += line + std::to_string(i) + "\n";
    write(content);
    const auto made = log_report(path.string(), {}, {});
    REQUIRE(made);
    CHECK(made->find("\"complete\":false") != std::string::npos);
    CHECK(made->find("x1999\"") != std::string::npos);
    CHECK(made->find("x1500\"") != std::string::npos);
    CHECK(made->find("x1499\"") == std::string::npos);
    write(std::string(2'000'000, 'y'));
    CHECK(report() == R"("complete":false,"matching":0,"lines":[]})");
}

TEST_CASE_FIXTURE(LogFile, "a log that is not a file, or is missing, is an error with its reason") {
    CHECK(report() == "the log's file cannot be read");
    const auto standard = log_report("stderr", {}, {});
    REQUIRE_FALSE(standard);
    CHECK(standard.error().code == "no_log_file");
    write("");
    CHECK(report() == R"("complete":true,"matching":0,"lines":[]})");
}
