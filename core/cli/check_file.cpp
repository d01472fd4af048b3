// SPDX-License-Identifier: Apache-2.0
#include "core/cli/check_file.hpp"

#include "core/app/listen_error.hpp"
#include "core/cli/output.hpp"
#include "core/cli/user.hpp"
#include "core/config/instances.hpp"
#include "core/config/settings.hpp"

#include <nlohmann/json.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
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
    return without_controls(fields.empty() ? text : text + ": " + fields);
}

/// The warning of an instance, at its table.
Error warning_of(const Json& line, const ConfigFile& file, const std::vector<InstanceConfig>& all) {
    const std::string instance = line.value("instance", "");
    const auto found = std::ranges::find(all, instance, &InstanceConfig::name);
    return file.error(found == all.end() ? SourceLocation() : found->where, message_of(line));
}

void warn_of_taken_ports(const Gateway& gateway, Mistakes& mistakes) {
    const Settings& settings = gateway.settings();
    warn_of_taken_port(gateway.file(), "server", settings.server.listen, mistakes);
    if (!settings.admin.listen.empty())
        warn_of_taken_port(gateway.file(), "admin", settings.admin.listen, mistakes);
}

}  // namespace

std::unique_ptr<Gateway> check_file(const std::filesystem::path& config, Gateway::Purpose purpose,
                                    Mistakes& mistakes) {
    const KeptLog log;
    auto gateway = Gateway::make(config, purpose, mistakes, log.options());
    if (const auto file = ConfigFile::read(config)) {
        Mistakes known(config);  // they are in `mistakes`
        const std::vector<InstanceConfig> all = instances(*file, known);
        for (const Json& line : log.lines()) mistakes.warn(warning_of(line, *file, all));
    }
    warn_of_files_of_root(config, mistakes);
    if (gateway) warn_of_taken_ports(*gateway, mistakes);
    return gateway;
}

}  // namespace gatehouse::core
