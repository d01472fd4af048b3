// SPDX-License-Identifier: Apache-2.0
// The log on spdlog; see log.hpp.
#include "core/observe/log.hpp"

#include "core/observe/access_log.hpp"
#include "core/observe/log_line.hpp"
#include "core/observe/log_sink.hpp"
#include "core/observe/numeric_value.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>

namespace gatehouse::core {

namespace {

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warning: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

spdlog::level::level_enum level_of(std::string_view word) {
    if (word == "debug") return spdlog::level::debug;
    if (word == "warning") return spdlog::level::warn;
    if (word == "error") return spdlog::level::err;
    return spdlog::level::info;
}

}  // namespace

class Log::Impl {
public:
    Impl(const LogOptions& options, std::shared_ptr<LostLines> lost)
        : format(options.format == "json" ? Line::Format::json : Line::Format::text),
          access(options),
          sink(std::make_shared<LogSink>(options.file, std::move(lost),
                                         [form = format](std::uint64_t count, const std::string& reason) {
                                             Line line(form, "gatehouse", "log lines lost");
                                             line.number("count", static_cast<std::int64_t>(count));
                                             return line.field("reason", reason).content();
                                         })),
          logger("gatehouse", sink) {
        logger.set_level(level_of(options.level));
        logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
            format == Line::Format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                         : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
            spdlog::pattern_time_type::utc));
    }

    void write(Level level, const Line& line) {
        LogSink::write_held();
        logger.log(spdlog_level(level), spdlog::string_view_t(line.content()));
    }

    void hold(Level level, const Line& line) {
        sink->hold({logger.name(), spdlog_level(level), spdlog::string_view_t(line.content())});
    }

    const Line::Format format;
    const AccessLog access;
    const std::shared_ptr<LogSink> sink;
    spdlog::logger logger;
};

Log::Log(std::shared_ptr<LostLines> lost) : lost_(std::move(lost)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
    std::unique_ptr<Log> log(new Log(std::make_shared<LostLines>()));
    if (auto opened = log->configure(options); !opened) return opened.error();
    return log;
}

Result<void> Log::can_open(const LogOptions& options) { return LogSink::can_open(options.file); }

bool Log::enabled(Level level) const { return impl().logger.should_log(spdlog_level(level)); }

void Log::write(Level level, std::string_view instance, std::string_view message, Fields fields,
                std::string_view request_id) {
    Impl& to = impl();
    if (!to.logger.should_log(spdlog_level(level))) return;
    Line line(to.format, instance, message);
    for (const auto& [name, value] : fields) {
        if (value.empty() && name.ends_with("_id")) continue;
        // These four are the line's own; JSON must not have them twice.
        const bool taken = name == "time" || name == "level" || name == "instance" || name == "message";
        if (taken)
            line.field(std::string(name) + "_", value);
        else if (const auto number = numeric_value(name, value))
            line.number(name, *number);
        else
            line.field(name, value);
        if (name == "request_id") request_id = {};
    }
    if (!request_id.empty()) line.field("request_id", request_id);
    to.write(level, line);
}

void Log::access(const RequestRecord& record) {
    const Level level = access_level(record);
    Impl& to = impl();
    if (to.logger.should_log(spdlog_level(level)) && to.access.includes(record))
        to.hold(level, to.access.line(to.format, record));
}

void Log::write_held() { LogSink::write_held(); }

std::uint64_t Log::lost_lines() const { return lost_->total; }
int Log::descriptor() const { return impl().sink->descriptor(); }
bool Log::writes_json() const { return impl().format == Line::Format::json; }

Result<void> Log::reopen() { return impl().sink->open(); }

Result<void> Log::configure(const LogOptions& options) {
    auto next = std::make_unique<Impl>(options, lost_);
    if (auto opened = next->sink->open(); !opened) return opened;
    current_.store(next.get(), std::memory_order_release);
    all_.push_back(std::move(next));
    return {};
}

}  // namespace gatehouse::core
