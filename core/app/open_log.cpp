// SPDX-License-Identifier: Apache-2.0
#include "core/app/open_log.hpp"

#include "core/config/checked_config.hpp"

namespace gatehouse::core {

Result<void> check_log(const ConfigFile& file, const LogOptions& options) {
    const auto possible = Log::can_open(options);
    if (possible) return {};
    auto table = check(file, "log", keys_of(log_fields));
    return table ? table->error("file", possible.error().message) : possible.error();
}

Result<std::unique_ptr<Log>> open_log(const ConfigFile& file, LogOptions options, Gateway::Purpose purpose,
                                      Mistakes& mistakes) {
    const auto possible = check_log(file, options);
    if (!possible) mistakes.add(possible.error());
    if (!possible || purpose != Gateway::Purpose::serve) options.file = "stderr";
    return Log::open(options);
}

}  // namespace gatehouse::core
