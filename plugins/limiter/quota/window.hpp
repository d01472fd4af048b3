// SPDX-License-Identifier: Apache-2.0
// Calendar windows of budgets: an hour, a day, a week, a month or a year of a time zone.
//
// No task resets a budget: the start of the window is a part of the counter's name.  A clock that is set back
// opens no window again.  [any thread]
#pragma once

#include "plugins/limiter/quota/time_zone.hpp"

#include <mutex>
#include <string>

namespace gatehouse::quota {

struct Window {
    Seconds start = 0, end = 0;  // in UTC
};

enum class Period { hour, day, week, month, year };
Period period_of(const std::string& word);

/// The window that contains `utc`.  Weeks begin on Monday.
Window window_at(Period period, const TimeZone& zone, Seconds utc);

class Windows {
public:
    Windows(Period period, const TimeZone& zone) : period_(period), zone_(zone) {}
    Window current(Seconds utc) {
        const std::lock_guard lock(mutex_);
        if (utc >= last_.end) last_ = window_at(period_, zone_, utc);
        return last_;
    }

private:
    const Period period_;
    const TimeZone zone_;
    std::mutex mutex_;  // guards the next member
    Window last_;
};

/// "2026-12-01T00:00:00Z".
std::string utc_text(Seconds utc);

}  // namespace gatehouse::quota
