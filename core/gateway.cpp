// SPDX-License-Identifier: Apache-2.0
#include "core/gateway.hpp"

#include "core/config/check.hpp"
#include "core/flow.hpp"
#include "core/http/run_on.hpp"
#include "core/http/server.hpp"
#include "core/live_check.hpp"
#include "core/observe/log.hpp"
#include "core/own_pages.hpp"
#include "core/plugin/guard.hpp"
#include "core/request_id.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

// Signatures take 0.4 ms each: one helper per core keeps up with any load that
// the workers can bring.
std::size_t helper_threads() { return std::max(2u, std::thread::hardware_concurrency()); }

ServerLimits limits_of(const ServerOptions& options) {
    return {.max_connections = static_cast<std::size_t>(options.max_connections),
            .max_head_bytes = static_cast<std::size_t>(options.max_head_bytes),
            .max_head_fields = static_cast<std::size_t>(options.max_head_fields),
            .client_buffer_bytes = static_cast<std::size_t>(options.client_buffer_bytes),
            .head_timeout = milliseconds(options.head_timeout_ms),
            .body_timeout = milliseconds(options.body_timeout_ms),
            .body_timeout_per_mb = milliseconds(options.body_timeout_ms_per_mb),
            .keep_alive = milliseconds(options.keep_alive_ms),
            .client_stall = milliseconds(options.client_stall_ms)};
}

UpstreamSettings upstream_of(const UpstreamOptions& options) {
    return {.connect_timeout = milliseconds(options.connect_timeout_ms),
            .first_byte_timeout = milliseconds(options.first_byte_timeout_ms),
            .idle_timeout = milliseconds(options.idle_timeout_ms),
            .total_timeout = milliseconds(options.answer_timeout_ms),
            .ca_file = options.ca_file,
            .proxy = options.proxy};
}

Limits plugin_limits(const Settings& settings) {
    return {.max_json_depth = static_cast<std::size_t>(settings.server.max_json_depth),
            .max_event_bytes = static_cast<std::size_t>(settings.upstream.max_event_bytes),
            .max_answer_bytes = static_cast<std::size_t>(settings.upstream.max_answer_bytes)};
}

/// 127.0.0.0/8, ::1 and localhost: reached by nobody but this machine.
bool is_loopback(std::string_view listen) {
    return listen.starts_with("127.") || listen.starts_with("[::1]:") || listen.starts_with("localhost:");
}

/// Points at the key if the file cannot be opened.
Result<std::unique_ptr<Log>> open_log(const ConfigFile& file, const LogOptions& options,
                                      Gateway::Purpose purpose) {
    Error failure;
    if (purpose != Gateway::Purpose::serve) {
        const auto possible = Log::can_open(options);
        if (possible) return Log::open({.level = options.level, .format = options.format, .file = "stderr"});
        failure = possible.error();
    } else {
        auto log = Log::open(options);
        if (log) return log;
        failure = log.error();
    }
    auto table = check(file, "log", keys_of(log_fields));
    return table ? table->error("file", failure.message) : failure;
}

}  // namespace

class Gateway::Impl final : public Application {
public:
    Impl(Settings settings, std::unique_ptr<Log> log, const std::string& listen)
        : settings_(std::move(settings)),
          log_(std::move(log)),
          services_(*log_, plugin_limits(settings_), helper_threads()),
          server_(*this, listen, static_cast<int>(settings_.server.workers), limits_of(settings_.server)) {}

    ~Impl() override {
        if (started_) stop();
    }

    Result<void> build(const ConfigFile& file) {
        std::vector<std::filesystem::path> folders;
        for (const std::string& path : settings_.plugins.path) folders.push_back(file.resolve(path));
        auto house = House::build(file, Finder(std::move(folders)), services_);
        if (!house) return house.error();
        house_ = *std::move(house);
        if (house_->authenticators().empty() && !settings_.server.allow_anonymous &&
            !is_loopback(settings_.server.listen))
            return file.error(
                {}, "anybody who reaches " + settings_.server.listen +
                        " could use this gateway: add an [authenticator.…] table, listen on 127.0.0.1, "
                        "or say `allow_anonymous = true` in [server]");
        metrics_ = std::make_unique<Metrics>(house_->provider_names());
        context_ = std::make_unique<Context>(
            Context{settings_, *log_, *metrics_, Cors(settings_.server.cors_origins), catalogue_});
        return {};
    }

    Result<void> start() {
        if (auto ok = start_workers(); !ok) return ok;
        discover();
        ready_.store(true, std::memory_order_release);
        return {};
    }

    Result<void> start_workers() {
        if (auto ok = server_.start(); !ok) return ok;
        started_ = true;
        const UpstreamSettings upstream = upstream_of(settings_.upstream);
        for (Loop* loop : server_.loops())
            run_on(*loop, [&] {
                upstreams_.push_back(make_curl_upstream(*loop, upstream));
                sites_.push_back({loop, upstreams_.back().get()});
            });
        services_.attach(sites_);
        return {};
    }

    void drain() {
        draining_.store(true);
        std::this_thread::sleep_for(milliseconds(settings_.server.drain_delay_ms));
        server_.stop_accepting();
        const auto deadline = RequestRecord::Clock::now() + milliseconds(settings_.server.drain_timeout_ms);
        while (server_.connections() > 0 && RequestRecord::Clock::now() < deadline)
            std::this_thread::sleep_for(milliseconds(10));
        if (const std::size_t left = server_.connections(); left > 0)
            log_->write(Level::warning, "server", "connections cut at the end of drain_timeout_ms",
                        {{"count", std::to_string(left)}});
        stop();
    }

    /// Starts what a request needs, and no more: whoever connects is told that we start.
    Result<bool> check_live(const std::function<void(const Finding&)>& report) {
        if (auto ok = start_workers(); !ok) return ok.error();
        return LiveCheck(*house_, sites_.front(), *log_).run(report);
    }

    std::uint16_t port() const { return server_.port(); }
    const Settings& settings() const { return settings_; }
    Log& log() { return *log_; }

private:
    void discover() {
        const milliseconds refresh(settings_.upstream.models_refresh_s * 1'000);
        for (const std::string& name : house_->provider_names()) {
            const NamedProvider& provider = *house_->provider(name);
            auto discovers = guard(name, [&] { return provider.provider->discovers(); });
            if (!discovers || !*discovers) continue;
            const Site& site = sites_[discoveries_.size() % sites_.size()];
            discoveries_.push_back(std::make_unique<Discovery>(site, provider, catalogue_, *log_,
                                                               Discovery::Times{.refresh = refresh}));
            site.loop->post([discovery = discoveries_.back().get()] { discovery->start(); });
        }
    }

    std::shared_ptr<RequestListener> on_request(Client& client) override {
        const bool ready = ready_.load(std::memory_order_acquire);
        if (auto page = own_page(client.head(), {*metrics_, context_->cors, ready && !draining_.load()})) {
            page->head.headers.set("x-request-id", new_request_id());
            client.respond(*std::move(page));
            return nullptr;
        }
        if (!ready) {  // between the first accept and the last worker's start: some milliseconds
            client.respond(refuse({.kind = ErrorKind::unavailable,
                                   .message = "the gateway is starting",
                                   .retry_after_seconds = 1},
                                  client.head().path));
            return nullptr;
        }
        auto flow = std::make_shared<Flow>(house_, *context_, site_of(client.loop()), client);
        flow->start();
        return flow;
    }

    http::Response refuse(const Error& error, std::string_view path) override {
        const NamedDialect& dialect = house_->routing().nearest(path);
        auto answer = guard(dialect.name, [&] { return dialect.dialect->error(error); });
        http::Response response =
            answer ? *std::move(answer) : http::Response{.head = {.status = status_of(error)}};
        response.head.headers.set("x-request-id", new_request_id());
        log_->write(Level::info, "server", "a request was refused",
                    {{"status", std::to_string(response.head.status)}, {"reason", error.message}});
        return response;
    }

    const Site& site_of(const Loop& loop) const {
        return *std::find_if(sites_.begin(), sites_.end(),
                             [&](const Site& site) { return site.loop == &loop; });
    }

    // First whoever could start something new, then the threads, and last what they used.
    void stop() {
        started_ = false;
        services_.detach();
        server_.shutdown();
        services_.stop_helpers();
        discoveries_.clear();
        house_.reset();  // completions that a plugin still holds find closed loops, not none
        upstreams_.clear();
    }

    const Settings settings_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<Metrics> metrics_;
    Catalogue catalogue_;
    std::unique_ptr<Context> context_;
    Services services_;
    std::shared_ptr<const House> house_;
    std::vector<std::unique_ptr<Upstream>> upstreams_;
    std::vector<Site> sites_;
    std::vector<std::unique_ptr<Discovery>> discoveries_;
    Server server_;  // goes first: what waits in its loops holds flows, which hold the house
    bool started_ = false;
    std::atomic<bool> ready_{false}, draining_{false};
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::make(const std::filesystem::path& config_file, Purpose purpose) {
    auto file = ConfigFile::read(config_file);
    if (!file) return file.error();
    auto settings = read_settings(*file);
    if (!settings) return settings.error();
    auto log = open_log(*file, settings->log, purpose);
    if (!log) return log.error();
    // A live check needs workers, and those come with a server; nobody knows its port.
    const std::string listen = purpose == Purpose::check_live ? "127.0.0.1:0" : settings->server.listen;
    auto impl = std::make_unique<Impl>(*std::move(settings), *std::move(log), listen);
    if (auto built = impl->build(*file); !built) return built.error();
    return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

Result<void> Gateway::start() { return impl_->start(); }
std::uint16_t Gateway::port() const { return impl_->port(); }
const Settings& Gateway::settings() const { return impl_->settings(); }
Log& Gateway::log() { return impl_->log(); }
void Gateway::drain() { impl_->drain(); }
Result<bool> Gateway::check_live(const std::function<void(const Finding&)>& report) {
    return impl_->check_live(report);
}

}  // namespace gatehouse::core
