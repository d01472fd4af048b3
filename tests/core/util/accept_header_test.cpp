// SPDX-License-Identifier: Apache-2.0
#include "core/util/accept_header.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;

TEST_CASE("gzip is allowed by its weight, or by that of all codings") {
    for (const char* accepted :
         {"gzip", "br, gzip;q=0.9", "GZIP ; Q=0.001", "x-gzip", "*", ",, gzip", "*;q=0, gzip"})
        CHECK_MESSAGE(accepts_gzip(accepted), accepted);
    for (const char* accepted :
         {"", "br", "notgzip", "gzip;q=0", "gzip; q=0", "gzip;q=0.0, *", "*;q=0", "gzip;q=no", ","})
        CHECK_MESSAGE(!accepts_gzip(accepted), accepted);
}
