// SPDX-License-Identifier: Apache-2.0
// `gatehouse limits` and `gatehouse spend`: reports of the admin API, or of a file of settled requests.
#include "core/cli/admin/operator_commands.hpp"
#include "core/cli/output.hpp"

#include <gatehouse/spend_sums.hpp>
#include <gatehouse/url.hpp>

#include <chrono>
#include <fstream>
#include <iostream>

namespace gatehouse::core {

namespace {

std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Result<std::string> sums_of(const SpendOptions& asked) {
    const auto since = asked.since.empty() ? Result<std::int64_t>(0) : spend_time(asked.since, now_ms());
    const auto until = asked.until.empty() ? Result<std::int64_t>(std::numeric_limits<std::int64_t>::max())
                                           : spend_time(asked.until, now_ms());
    if (!since) return since.error();
    if (!until) return until.error();
    auto sums = SpendSums::make(asked.by, *since, *until);
    if (!sums) return sums.error();
    std::ifstream file(asked.file);
    if (!file) return Error{ErrorKind::bad_config, "cannot read " + asked.file.string()};
    sums->add_lines(file);
    return sums->json();
}

int print(const Result<std::string>& report, RowFormat format) {
    if (!report) return fail(exit_status::failure, report.error().message);
    std::cout << rows_of(*report, format);
    return exit_status::ok;
}

/// Rotation may have moved older requests into other files.
void print_begin(const JsonValue& report, std::int64_t since_ms) {
    const auto begins = report["begins_at"].integer();
    if (!begins || *begins * 1000 <= since_ms) return;
    std::cerr << "the file of costs begins at " << date_of(*begins)
              << "; for rotated files: zcat -f FILE* | gatehouse spend --file /dev/stdin\n";
}

int print_sums(const Result<std::string>& report, const SpendOptions& asked) {
    const RowFormat format = asked.format.chosen();
    const int status = print(report, format);
    if (!report || format == RowFormat::json) return status;
    const auto since = spend_time(asked.since, now_ms());
    print_begin(JsonValue::unchecked(*report), since ? *since : 0);
    const auto invalid = JsonValue::unchecked(*report)["invalid_lines"].integer().value_or(0);
    if (invalid > 0) std::cerr << invalid << " lines are damaged, or are longer than 1 MiB\n";
    return status;
}

}  // namespace

int show_limits(const LimitsOptions& asked) {
    const std::string query =
        asked.key.empty() ? "" : "?whose=" + percent_encoded("key \"" + asked.key + "\"");
    return print(ask_admin(asked.target, {.path = "/" + asked.resource + query}), asked.format.chosen());
}

int show_spend(const SpendOptions& asked) {
    if (!asked.file.empty()) return print_sums(sums_of(asked), asked);
    std::string query = "?by=" + percent_encoded(asked.by);
    if (!asked.since.empty()) query += "&since=" + percent_encoded(asked.since);
    if (!asked.until.empty()) query += "&until=" + percent_encoded(asked.until);
    return print_sums(ask_admin(asked.target, {.path = "/" + asked.resource + "/spend" + query}), asked);
}

}  // namespace gatehouse::core
