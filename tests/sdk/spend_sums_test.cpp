// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/spend_sums.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

namespace {

constexpr std::int64_t day = 86'400'000, noon = 1'794'744'000'000;  // 2026-11-15 12:00:00 UTC

std::string line(std::int64_t time, const std::string& client, const std::string& model,
                 const std::string& cost, const std::string& more = "") {
    return R"({"time_ms":)" + std::to_string(time) + R"(,"client":")" + client + R"(","model":")" + model +
           R"(","status":200,"prompt_tokens":10,"completion_tokens":2,"cost":")" + cost +
           R"(","currency":"USD")" + more + "}";
}

std::string sums(const std::string& by, const std::vector<std::string>& lines, std::int64_t since = 0) {
    auto made = SpendSums::make(by, since, noon + day);
    REQUIRE(made);
    for (const std::string& one : lines) made->add(one);
    return made->json();
}

}  // namespace

TEST_CASE("costs are summed exactly, and the dearest come first") {
    const std::vector<std::string> lines = {line(noon, "ci", "a", "0.10"), line(noon, "ann", "a", "0.2"),
                                            line(noon, "ci", "b", "0.000000001", R"(,"estimated":true)"), "",
                                            "no line of a ledger"};
    CHECK(
        sums("key", lines) ==
        R"({"currency":"USD","rows":[{"key":"ann","requests":1,"prompt_tokens":10,"completion_tokens":2,"cost":"0.20","estimated_requests":0},)"
        R"({"key":"ci","requests":2,"prompt_tokens":20,"completion_tokens":4,"cost":"0.100000001","estimated_requests":1}],"invalid_lines":1})");
    CHECK(sums("", lines).find(R"("rows":[{"requests":3,)") != std::string::npos);
    std::vector<std::string> many(10'000, line(noon, "ci", "a", "0.1"));
    CHECK(sums("key", many).find(R"("cost":"1000.00")") != std::string::npos);
}

TEST_CASE("sums by group, route and day") {
    const std::string more =
        R"(,"groups":["a","b"],"attempts":[{"route":"x/1","prompt_tokens":3,"completion_tokens":0,"cost":"0.01"},{"route":"x/2","prompt_tokens":7,"completion_tokens":2,"cost":"0.02"}])";
    const std::vector<std::string> lines = {line(noon, "ci", "m", "0.03", more),
                                            line(noon - day, "ci", "m", "1.00")};
    const std::string groups = sums("group", lines);
    CHECK(groups.find(R"({"group":"a","requests":1,)") != std::string::npos);
    CHECK(groups.find(R"({"group":"","requests":1,)") != std::string::npos);
    const std::string routes = sums("route,day", lines);
    CHECK(
        routes.find(
            R"({"route":"x/2","day":"2026-11-15","requests":1,"prompt_tokens":7,"completion_tokens":2,"cost":"0.02")") !=
        std::string::npos);
    CHECK(routes.find("1.00") == std::string::npos);
    CHECK(sums("month,status", lines).find(R"({"month":"2026-11","status":"200","requests":2,)") !=
          std::string::npos);
    CHECK(sums("day", lines, noon - 1).find("2026-11-14") == std::string::npos);
}

TEST_CASE("unknown words and times are refused") {
    CHECK_FALSE(SpendSums::make("client", 0, 1));
    CHECK_FALSE(SpendSums::make("key,key", 0, 1));
    CHECK(*spend_time("7d", noon) == noon - 7 * day);
    CHECK(*spend_time("24h", noon) == noon - day);
    CHECK(*spend_time("2026-11-15", 0) == noon - day / 2);
    CHECK(*spend_time("1794744000", 0) == noon);
    for (const char* wrong : {"", "x", "7y", "-1d", "2026-13-01", "2026-1-1", "99999999999999999999"})
        CHECK_FALSE(spend_time(wrong, noon));
}
