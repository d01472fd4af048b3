// SPDX-License-Identifier: Apache-2.0
// A time zone of the system's database: the files of RFC 8536 below /usr/share/zoneinfo.
// The C library reads them for the whole process only, and g++ 12 has no time zones in <chrono>.
// Read-only after its construction: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::quota {

/// Seconds since 1970, in UTC or as a local clock shows them.
using Seconds = std::int64_t;
inline constexpr Seconds seconds_per_hour = 3'600, seconds_per_day = 86'400;

class TimeZone {
public:
    /// UTC.
    TimeZone() = default;
    /// Reads the zone of an IANA name, such as "Europe/Berlin".  Blocks.  The message of an error is a
    /// phrase.
    static Result<TimeZone> find(const std::string& name);
    /// Reads the content of a file.
    static Result<TimeZone> parse(std::string_view file);

    /// The time by which a local clock is ahead of UTC at `utc`.
    Seconds offset(Seconds utc) const;
    /// The first moment at which the local clock shows `local` or, if it skips that time, a later one.
    Seconds to_utc(Seconds local) const;

    /// A day of the year on which an offset begins, as "M3.5.0/2" has it: the fifth (last) Sunday of March.
    struct Change {
        int month = 1, week = 1, day = 0;
        Seconds time = 7'200;  // after midnight, by the clock before the change
    };
    /// The offsets after the last transition of the file.
    struct Rule {
        Seconds standard = 0, summer = 0;
        std::optional<Change> begin = {}, end = {};  // summer time, if the zone has it
    };

private:
    Seconds offset_by_rule(Seconds utc) const;

    std::vector<Seconds> times_;    // each transition, ascending
    std::vector<Seconds> offsets_;  // before the first transition, then after each
    Rule rule_;
};

}  // namespace gatehouse::quota
