// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/spend_sums.hpp>

#include <doctest/doctest.h>

#include <sstream>

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
        R"({"key":"ci","requests":2,"prompt_tokens":20,"completion_tokens":4,"cost":"0.100000001","estimated_requests":1}],"begins_at":)" +
            std::to_string(noon / 1000) + R"(,"invalid_lines":1})");
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
            R"({"route":"x/2","day":"2026-11-15","attempts":1,"prompt_tokens":7,"completion_tokens":2,"cost":"0.02","estimated_attempts":0})") !=
        std::string::npos);
    CHECK(routes.find("requests") == std::string::npos);
    CHECK(routes.find("1.00") == std::string::npos);
    CHECK(sums("month,status", lines).find(R"({"month":"2026-11","status":"200","requests":2,)") !=
          std::string::npos);
    CHECK(sums("day", lines, noon - 1).find("2026-11-14") == std::string::npos);
}

TEST_CASE("a key with an id is shown with its last name") {
    const std::vector<std::string> lines = {line(noon, "k1", "a", "0.10", R"(,"client_name":"ann")"),
                                            line(noon, "ci", "a", "0.20"),
                                            line(noon, "k1", "b", "0.30", R"(,"client_name":"anna")")};
    const std::string keys = sums("key", lines);
    CHECK(keys.find(R"({"key":"k1","name":"anna","requests":2,)") != std::string::npos);
    CHECK(keys.find(R"({"key":"ci","name":"","requests":1,)") != std::string::npos);
    CHECK(sums("model", lines).find("name") == std::string::npos);
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

TEST_CASE("costs of two currencies are not added") {
    const std::string euro = R"({"time_ms":)" + std::to_string(noon) +
                             R"(,"client":"ci","model":"a","cost":"2.00","currency":"EUR"})";
    const std::string unpriced =
        R"({"time_ms":)" + std::to_string(noon) + R"(,"client":"ci","model":"a","prompt_tokens":1})";
    const std::string both =
        sums("key", {line(noon, "ci", "a", "0.10"), euro, line(noon, "ann", "a", "0.30")});
    CHECK(both.starts_with(R"({"currency":"","rows":[{"key":"ci","currency":"EUR","requests":1,)"));
    CHECK(both.find(R"({"key":"ann","currency":"USD","requests":1,)") <
          both.find(R"({"key":"ci","currency":"USD","requests":1,)"));
    CHECK(both.find(R"("cost":"2.00")") != std::string::npos);
    CHECK(both.find(R"("cost":"0.10")") != std::string::npos);
    // A line without a cost has no currency.
    const std::string one = sums("key", {unpriced, line(noon, "ci", "a", "0.10")});
    CHECK(one.starts_with(R"({"currency":"USD","rows":[{"key":"ci","requests":2,)"));
}

TEST_CASE("a damaged ledger is read in bounded memory, and its damage is counted") {
    auto made = SpendSums::make("key", 0, noon + day);
    REQUIRE(made);
    const std::string longest =
        line(noon, "ci", "a", "1.00", ",\"x\":\"" + std::string(1'000'000, 'x') + "\"");
    std::stringstream file;
    file << line(noon, "ci", "a", "1.00") << "\n"
         << std::string(5'000'000, 'x') << "\n"
         << longest << "\n\n"
         << line(noon, "ci", "a", "1.00", ",\"x\":\"" + std::string(1'100'000, 'x') + "\"") << "\n"
         << std::string("\0\xff{[", 4) << "\n"
         << R"({"time_ms":-1})"
         << "\n"
         << R"({"time_ms":9000000000000000000})"
         << "\n"
         << line(noon, "ci", "a", "1.00");  // without its end
    made->add_lines(file);
    CHECK(made->json().find(R"("key":"ci","requests":3,)") != std::string::npos);
    CHECK(made->json().find(R"("cost":"3.00")") != std::string::npos);
    CHECK(made->json().ends_with(R"("invalid_lines":5})"));
}

TEST_CASE("sums of a damaged ledger end at the largest number, and its names are shortened") {
    const std::string most =
        R"({"time_ms":1,"client":")" + std::string(255, 'n') +
        R"(\u00e9","prompt_tokens":9223372036854775807,"completion_tokens":-9223372036854775808,"cost":"9000000000.00"})";
    const std::string text = sums("key", {most, most, most});
    CHECK(text.find("\"" + std::string(255, 'n') + "\"") != std::string::npos);
    CHECK(text.find(R"("prompt_tokens":9223372036854775807)") != std::string::npos);
    CHECK(text.find(R"("completion_tokens":-9223372036854775807)") != std::string::npos);
    CHECK(text.find(R"("cost":"9223372036.854775807")") != std::string::npos);
    std::string groups, attempts;
    for (int i = 0; i < 1'000; ++i) {
        groups += (i ? "," : "") + ("\"g" + std::to_string(i) + "\"");
        attempts += (i ? R"(,{"route":"r)" : R"({"route":"r)") + std::to_string(i) + "\"}";
    }
    const std::string wide =
        sums("group,route", {R"({"time_ms":1,"groups":[)" + groups + R"(],"attempts":[)" + attempts + "]}"});
    CHECK(wide.find("\"g99\"") != std::string::npos);
    CHECK(wide.find("\"g100\"") == std::string::npos);
}
