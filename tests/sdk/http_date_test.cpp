// SPDX-License-Identifier: Apache-2.0
#include <gatehouse/retry_after.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;

TEST_CASE("a date of HTTP is read as it is written") {
    using namespace std::chrono;
    const auto time = sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);
    CHECK(to_http_date(time) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == time);
    CHECK(to_http_date(time + milliseconds(999)) == "Sun, 06 Nov 1994 08:49:37 GMT");
    for (const char* bad : {"", "now", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 -8:49:37 GMT",
                            "Sunday, 06-Foo-94 08:49:37 GMT", "Sunday, 06-Nov-94", "Sun Nov  6 08:49 1994"})
        CHECK_FALSE(read_http_date(bad));
    // The obsolete forms.
    CHECK(read_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == time);
    CHECK(read_http_date("Sun Nov  6 08:49:37 1994") == time);
    CHECK(read_http_date("Wednesday, 06-Nov-30 08:49:37 GMT") ==
          sys_days(year(2030) / 11 / 6) + hours(8) + minutes(49) + seconds(37));
}

TEST_CASE("retry-after is seconds or a date, rounded up and at most an hour") {
    using namespace std::chrono;
    const auto now = sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);
    const std::pair<const char*, int> all[] = {{"7", 7},
                                               {"1.5", 2},
                                               {"0", 0},
                                               {"9999", 3600},
                                               {"", 0},
                                               {"soon", 0},
                                               {"-1", 0},
                                               {"99999999999999999999", 3600},
                                               {"Sun, 06 Nov 1994 08:49:47 GMT", 10},
                                               {"Sun, 06 Nov 1994 08:49:27 GMT", 0}};
    for (const auto& each : all) {
        CAPTURE(each.first);
        CHECK(retry_after_seconds(each.first, now) == each.second);
    }
}

TEST_CASE("retry-after-ms is read if retry-after is missing or invalid") {
    CHECK(retry_after_seconds({{"retry-after-ms", "1500"}}, {}) == 2);
    CHECK(retry_after_seconds({{"retry-after", "7"}, {"retry-after-ms", "1500"}}, {}) == 7);
    CHECK(retry_after_seconds({{"retry-after", "soon"}, {"retry-after-ms", "1"}}, {}) == 1);
    for (const char* bad : {"", "-1", "x", "1x", "nan"})
        CHECK(retry_after_seconds({{"retry-after-ms", bad}}, {}) == 0);
}
