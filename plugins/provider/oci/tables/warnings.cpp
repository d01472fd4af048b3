// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/tables/warnings.hpp"

#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/rfc3339.hpp"

#include <cstdint>
#include <optional>
#include <ratio>

namespace gatehouse::oci {

namespace {

using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

constexpr Days retirement_horizon{180}, expiry_horizon{30};

/// Complete days until `time`, negative if it is over.  Nothing if `time` is not in RFC 3339.
std::optional<Days> days_until(std::string_view time, WarningTime now) {
    const std::int64_t seconds = upstream::read_rfc3339(time);
    if (seconds <= 0) return std::nullopt;
    return std::chrono::floor<Days>(WarningTime(std::chrono::seconds(seconds)) - now);
}

std::string in_days(Days days) {
    if (days.count() == 0) return "within a day";
    return "in " + std::to_string(days.count()) + (days.count() == 1 ? " day" : " days");
}

}  // namespace

std::string such_as(const std::vector<std::string>& models) {
    if (models.empty()) return "";
    const std::string first = ", such as " + upstream::presentable(models[0], 100);
    return models.size() == 1 ? first : first + " or " + upstream::presentable(models[1], 100);
}

std::string retirement_warning(std::string_view date, const std::vector<std::string>& replacements,
                               WarningTime now) {
    const auto left = days_until(std::string(date) + "T00:00:00Z", now);
    if (!left || *left > retirement_horizon) return "";
    const std::string when = left->count() < 0 ? "The model was retired from on-demand use on "
                                               : "The model retires from on-demand use on ";
    return when + std::string(date) + (left->count() < 0 ? "" : ", " + in_days(*left)) +
           ": route to another model" + such_as(replacements) + ".";
}

std::string expiry_warning(const std::string& name, std::string_view expiry, WarningTime now) {
    const auto left = days_until(expiry, now);
    if (!left || *left > expiry_horizon) return "";
    const std::string date(expiry.substr(0, 10));
    if (left->count() < 0) return "The API " + name + " expired on " + date + ": renew it.";
    return "The API " + name + " expires on " + date + ", " + in_days(*left) + ": renew it.";
}

}  // namespace gatehouse::oci
