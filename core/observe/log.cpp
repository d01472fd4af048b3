// SPDX-License-Identifier: Apache-2.0
// The log on spdlog; see log.hpp.
#include "core/observe/log.hpp"

#include "core/observe/error_kind_name.hpp"
#include "core/observe/log_line.hpp"
#include "core/observe/log_sink.hpp"
#include "core/observe/record.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>

namespace gatehouse::core {

namespace {

// Texts of clients are cut to this length.
constexpr std::size_t max_client_bytes = 200;

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

std::int64_t milliseconds(RequestRecord::Clock::time_point from, RequestRecord::Clock::time_point to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count();
}

// A defect, and what our own side got wrong, shows even where requests are not logged.
Level level_of(const RequestRecord& record) {
    if (record.gone || !record.error) return Level::info;
    if (*record.error == ErrorKind::internal) return Level::error;
    return status_of(*record.error) >= 500 ? Level::warning : Level::info;
}

void add_usage(Line& line, const Usage& usage) {
    line.number("prompt_tokens", usage.prompt).number("completion_tokens", usage.completion);
    if (usage.cached) line.number("cached_tokens", *usage.cached);
    if (usage.cache_written) line.number("cache_write_tokens", *usage.cache_written);
    if (usage.reasoning) line.number("reasoning_tokens", *usage.reasoning);
}

void add_times(Line& line, const RequestRecord& record) {
    if (record.first_token) line.number("ttft_ms", milliseconds(record.start, *record.first_token));
    line.number("total_ms", milliseconds(record.start, record.end));
    if (record.upstream_start)
        line.number("upstream_ms",
                    milliseconds(*record.upstream_start, record.upstream_end.value_or(record.end)));
}

void add_record(Line& line, const RequestRecord& record) {
    auto given = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) line.field(name, value, max_client_bytes);
    };
    given("request_id", record.request_id);
    given("client", record.client);
    given("peer", record.peer);
    given("method", record.method);
    given("path", record.path);
    given("model", record.model);
    if (!record.provider.empty())
        given("route", record.upstream_model.empty() ? record.provider
                                                     : record.provider + "/" + record.upstream_model);
    if (record.status) line.number("status", record.status);
    if (record.stream) line.flag("stream", true);
    line.number("bytes_in", static_cast<std::int64_t>(record.bytes_in));
    line.number("bytes_out", static_cast<std::int64_t>(record.bytes_out));
    if (record.usage) add_usage(line, *record.usage);
    add_times(line, record);
    given("upstream_id", record.upstream_request_id);
    if (record.attempts) line.number("attempts", record.attempts).number("retries", record.attempts - 1);
    given("client_retries", record.client_retries);
    if (record.gone) line.flag("gone", true);
    if (record.cancelled) line.field("upstream", record.drained ? "drained" : "cancelled");
    if (record.error) line.field("error", kind_name(*record.error));
    if (!record.detail.empty()) line.field("detail", record.detail, 1000);
}

}  // namespace

class Log::Impl {
public:
    Impl(const LogOptions& options)
        : format(options.format == "json" ? Line::Format::json : Line::Format::text),
          sink(std::make_shared<LogSink>(options.file)),
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
    const std::shared_ptr<LogSink> sink;
    spdlog::logger logger;
};

Log::Log(std::unique_ptr<Impl> impl) : current_(impl.get()) { all_.push_back(std::move(impl)); }
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options) {
    auto impl = std::make_unique<Impl>(options);
    if (auto opened = impl->sink->open(); !opened) return opened.error();
    return std::unique_ptr<Log>(new Log(std::move(impl)));
}

Result<void> Log::can_open(const LogOptions& options) { return LogSink(options.file).can_open(); }

bool Log::enabled(Level level) const { return impl().logger.should_log(spdlog_level(level)); }

void Log::write(Level level, std::string_view instance, std::string_view message, Fields fields) {
    Impl& to = impl();
    if (!to.logger.should_log(spdlog_level(level))) return;
    Line line(to.format, instance, message);
    for (const auto& [name, value] : fields) {
        // These four are the line's own; JSON must not have them twice.
        const bool taken = name == "time" || name == "level" || name == "instance" || name == "message";
        if (taken)
            line.field(std::string(name) + "_", value);
        else
            line.field(name, value);
    }
    to.write(level, line);
}

void Log::access(const RequestRecord& record) {
    const Level level = level_of(record);
    Impl& to = impl();
    if (!to.logger.should_log(spdlog_level(level))) return;
    Line line(to.format, "access", "request");
    add_record(line, record);
    to.hold(level, line);
}

void Log::write_held() { LogSink::write_held(); }

Result<void> Log::reopen() { return impl().sink->open(); }

Result<void> Log::configure(const LogOptions& options) {
    auto next = std::make_unique<Impl>(options);
    if (auto opened = next->sink->open(); !opened) return opened;
    current_.store(next.get(), std::memory_order_release);
    all_.push_back(std::move(next));
    return {};
}

}  // namespace gatehouse::core
