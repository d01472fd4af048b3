// SPDX-License-Identifier: Apache-2.0
// Calendar windows: days of 23 and 25 hours, the ends of months, weeks, and clocks that are set back.
#include "plugins/limiter/quota/window.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::quota;

namespace {

TimeZone zone(const std::string& name) {
    auto found = TimeZone::find(name);
    if (!found) FAIL(found.error().message);
    return *std::move(found);
}

/// "2026-03-29T01:00:00Z".
Seconds utc(const std::string& text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    REQUIRE(std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%dZ", &year, &month, &day, &hour, &minute, &second) ==
            6);
    using namespace std::chrono;
    const sys_days date = std::chrono::year(year) / month / day;
    return date.time_since_epoch().count() * 86'400 + hour * 3'600 + minute * 60 + second;
}

std::string window(Period period, const std::string& name, const std::string& at) {
    const Window found = window_at(period, zone(name), utc(at));
    CHECK(found.start <= utc(at));
    CHECK(utc(at) < found.end);
    return utc_text(found.start) + " " + utc_text(found.end);
}

}  // namespace

TEST_CASE("windows begin at local midnight, also on days of 23 and 25 hours") {
    CHECK(window(Period::day, "UTC", "2026-11-15T12:00:00Z") == "2026-11-15T00:00:00Z 2026-11-16T00:00:00Z");
    CHECK(window(Period::day, "Europe/Berlin", "2026-03-29T12:00:00Z") ==
          "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z");
    CHECK(window(Period::day, "Europe/Berlin", "2026-10-25T12:00:00Z") ==
          "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z");
    CHECK(window(Period::day, "Europe/Berlin", "2026-10-24T22:00:00Z") ==
          "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z");
    CHECK(window(Period::day, "Europe/Berlin", "2026-10-24T21:59:59Z") ==
          "2026-10-23T22:00:00Z 2026-10-24T22:00:00Z");
    CHECK(window(Period::day, "America/New_York", "2026-03-08T12:00:00Z") ==
          "2026-03-08T05:00:00Z 2026-03-09T04:00:00Z");
    CHECK(window(Period::day, "Asia/Kolkata", "2026-01-01T18:29:59Z") ==
          "2025-12-31T18:30:00Z 2026-01-01T18:30:00Z");
    CHECK(window(Period::day, "Australia/Lord_Howe", "2026-10-04T00:00:00Z") ==
          "2026-10-03T13:30:00Z 2026-10-04T13:00:00Z");
}

TEST_CASE("a day whose midnight is skipped begins with its first moment") {
    // The clocks of Santiago went from 24:00 to 1:00.
    CHECK(window(Period::day, "America/Santiago", "2024-09-08T12:00:00Z") ==
          "2024-09-08T04:00:00Z 2024-09-09T03:00:00Z");
    // And from 24:00 back to 23:00: the day before has 25 hours.
    CHECK(window(Period::day, "America/Santiago", "2024-04-06T12:00:00Z") ==
          "2024-04-06T03:00:00Z 2024-04-07T04:00:00Z");
}

TEST_CASE("months, weeks and years") {
    CHECK(window(Period::month, "Europe/Berlin", "2028-02-29T23:30:00Z") ==
          "2028-02-29T23:00:00Z 2028-03-31T22:00:00Z");
    CHECK(window(Period::month, "UTC", "2028-02-29T23:30:00Z") ==
          "2028-02-01T00:00:00Z 2028-03-01T00:00:00Z");
    CHECK(window(Period::month, "UTC", "2026-12-31T23:59:59Z") ==
          "2026-12-01T00:00:00Z 2027-01-01T00:00:00Z");
    CHECK(window(Period::week, "UTC", "2026-11-15T12:00:00Z") == "2026-11-09T00:00:00Z 2026-11-16T00:00:00Z");
    CHECK(window(Period::week, "UTC", "2026-11-16T00:00:00Z") == "2026-11-16T00:00:00Z 2026-11-23T00:00:00Z");
    CHECK(window(Period::week, "Europe/Berlin", "2026-03-29T12:00:00Z") ==
          "2026-03-22T23:00:00Z 2026-03-29T22:00:00Z");
    CHECK(window(Period::year, "Asia/Tokyo", "2026-12-31T15:00:00Z") ==
          "2026-12-31T15:00:00Z 2027-12-31T15:00:00Z");
    CHECK(window(Period::hour, "Asia/Kathmandu", "2026-01-01T00:20:00Z") ==
          "2026-01-01T00:15:00Z 2026-01-01T01:15:00Z");
}

TEST_CASE("offsets follow the rule of a zone after the last transition of its file") {
    CHECK(zone("Europe/Berlin").offset(utc("2099-07-01T00:00:00Z")) == 7'200);
    CHECK(zone("Europe/Berlin").offset(utc("2099-12-01T00:00:00Z")) == 3'600);
    CHECK(zone("Australia/Sydney").offset(utc("2099-12-01T00:00:00Z")) == 39'600);
    CHECK(zone("Australia/Sydney").offset(utc("2099-07-01T00:00:00Z")) == 36'000);
    CHECK(zone("Asia/Tokyo").offset(utc("2099-07-01T00:00:00Z")) == 32'400);
    CHECK(zone("America/Sao_Paulo").offset(utc("2099-07-01T00:00:00Z")) == -10'800);
    CHECK(zone("Europe/Berlin").offset(utc("2099-03-29T00:59:59Z")) == 3'600);
    CHECK(zone("Europe/Berlin").offset(utc("2099-03-29T01:00:00Z")) == 7'200);
}

TEST_CASE("a clock that is set back opens no window again") {
    Windows days(Period::day, zone("Europe/Berlin"));
    const Window today = days.current(utc("2026-11-15T12:00:00Z"));
    CHECK(days.current(utc("2026-11-14T12:00:00Z")).start == today.start);
    CHECK(days.current(utc("2026-11-16T12:00:00Z")).start == today.end);
    CHECK(days.current(utc("2026-11-15T12:00:00Z")).start == today.end);
}

TEST_CASE("a damaged file of a time zone is refused, wherever it is cut") {
    std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    REQUIRE(TimeZone::parse(bytes));
    for (std::size_t size = 0; size + 30 < bytes.size(); ++size) (void)TimeZone::parse(bytes.substr(0, size));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(~changed[at]);
        if (auto zone = TimeZone::parse(changed)) (void)zone->offset(1'800'000'000);
    }
    CHECK_FALSE(TimeZone::parse(""));
    CHECK_FALSE(TimeZone::parse("TZif"));
}
