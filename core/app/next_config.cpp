// SPDX-License-Identifier: Apache-2.0
#include "core/app/next_config.hpp"

#include "core/config/checked_config.hpp"
#include "core/instances/secret_report.hpp"
#include "core/observe/log.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

/// Keeps the throttle across reloads, so that a reload does not help clients that guess credentials.
std::shared_ptr<AuthThrottle> auth_throttle(const Settings& settings, const ConfigSnapshot* before) {
    const std::int64_t rate = settings.server.auth_failures_per_minute;
    if (before && before->settings.server.auth_failures_per_minute == rate) return before->auth_throttle;
    return std::make_shared<AuthThrottle>(rate);
}

void log_warning(const Mistake& one, Log& log) {
    const auto& [instance, message, fields] = one.log;
    if (fields.size() == 1)
        log.write(Level::warning, instance, message, {fields[0]});
    else if (fields.size() > 1)
        log.write(Level::warning, instance, message, {fields[0], fields[1]});
    else
        log.write(Level::warning, "gatehouse", "configuration is doubtful",
                  {{"line", std::to_string(one.line)}, {"reason", one.message}});
}

}  // namespace

NextConfig prepare_config(const ConfigFile& file, Settings settings, const LastingParts& parts,
                          const ConfigSnapshot* before, Mistakes& mistakes) {
    NextConfig next;
    next.tls = make_server_tls(file, settings, parts.tickets, next.certificate_ends, mistakes);
    check_upstream_tls(file, settings, next.certificate_ends, mistakes);
    if (settings.is_right("admin"))
        if (const auto admin = check(file, "admin", keys_of(admin_fields), mistakes))
            report_secrets(*admin, settings.server.strict_permissions, mistakes);
    auto slowed = auth_throttle(settings, before);
    next.snapshot = make_config_snapshot(file, std::move(settings), parts.services, parts.log, parts.metrics,
                                         parts.healths, parts.admission, std::move(slowed), mistakes);
    return next;
}

void check_limiter_store(const NamedLimiter& before, const NamedLimiter& after, Mistakes& mistakes) {
    if (!before.store || !after.store || before.store == after.store) return;
    mistakes.warn(
        {ErrorKind::bad_config,
         "the store of the limiter \"" + after.name +
             "\" is another one, or has another table: the counters, such as those of budgets, begin at zero "
             "unless the store still has them"});
}

std::vector<std::string> warnings_of(const Mistakes& mistakes) {
    std::vector<std::string> lines;
    for (const Mistake& one : mistakes.in_order())
        if (one.warning)
            lines.push_back((one.line ? "line " + std::to_string(one.line) + ": " : "") + one.message);
    return lines;
}

void log_warnings(const Mistakes& mistakes, Log& log) {
    for (const Mistake& one : mistakes.in_order())
        if (one.warning) log_warning(one, log);
}

}  // namespace gatehouse::core
