// SPDX-License-Identifier: Apache-2.0
// `gatehouse check --json`: the mistakes and warnings as one JSON object.
//
// Warnings of plugins are lines of the log, which is kept in memory here.
#include "core/app/gateway.hpp"
#include "core/cli/output.hpp"
#include "core/cli/user.hpp"
#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"

#include <nlohmann/json.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

namespace {

using Json = nlohmann::ordered_json;

/// A log in memory with the lines of level warning and above.
class KeptLog {
public:
    KeptLog() : fd_(::memfd_create("gatehouse-check-log", MFD_CLOEXEC)) {}
    ~KeptLog() {
        if (fd_ >= 0) ::close(fd_);
    }
    KeptLog(const KeptLog&) = delete;
    KeptLog& operator=(const KeptLog&) = delete;

    /// Without memory for it the lines go to standard error.
    LogOptions options() const {
        return {.level = "warning", .format = "json", .file = fd_ < 0 ? "stderr" : path()};
    }
    std::vector<Json> lines() const {
        std::vector<Json> all;
        std::ifstream file(path());
        for (std::string line; std::getline(file, line);)
            if (Json read = Json::parse(line, nullptr, false); read.is_object())
                all.push_back(std::move(read));
        return all;
    }

private:
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
    const int fd_;
};

/// "message: name=value, name=value"
std::string message_of(const Json& line) {
    std::string text = line.value("message", ""), fields;
    for (const auto& [name, value] : line.items())
        if (name != "time" && name != "level" && name != "instance" && name != "message")
            fields += (fields.empty() ? "" : ", ") + name + "=" +
                      (value.is_string() ? value.get<std::string>() : value.dump());
    return fields.empty() ? text : text + ": " + fields;
}

/// The warning of an instance, at its table.
Error warning_of(const Json& line, const ConfigFile& file, const std::vector<InstanceConfig>& all) {
    const std::string instance = line.value("instance", "");
    const auto found = std::ranges::find(all, instance, &InstanceConfig::name);
    return file.error(found == all.end() ? SourceLocation() : found->where, message_of(line));
}

/// Line and column are null for a finding about the whole file.
Json finding_of(const Mistake& one) {
    const auto position = [](std::uint32_t number) { return number ? Json(number) : Json(nullptr); };
    return {{"severity", one.warning ? "warning" : "error"},
            {"line", position(one.line)},
            {"column", position(one.column)},
            {"message", one.message}};
}

}  // namespace

int check_as_json(const std::filesystem::path& config, const std::string& user) {
    if (!user.empty())
        if (auto ok = become_user(user); !ok) return fail(exit_status::usage, ok.error().message);
    Mistakes mistakes(config);
    const KeptLog log;
    const bool good = Gateway::make(config, Gateway::Purpose::check, mistakes, log.options()) != nullptr;
    if (const auto file = ConfigFile::read(config)) {
        Mistakes known(config);  // they are in `mistakes`
        const std::vector<InstanceConfig> all = instances(*file, known);
        for (const Json& line : log.lines()) mistakes.warn(warning_of(line, *file, all));
    }
    warn_of_files_of_root(config, mistakes);
    Json findings = Json::array();
    for (const Mistake& one : mistakes.in_order()) findings.push_back(finding_of(one));
    const Json document{{"file", config.string()}, {"findings", std::move(findings)}};
    std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return good ? exit_status::ok : exit_status::usage;
}

}  // namespace gatehouse::core
