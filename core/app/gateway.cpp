// SPDX-License-Identifier: Apache-2.0
// Start, reload, drain and stop.  core/cli/serve.cpp handles the signals and calls these members.
#include "core/app/gateway.hpp"

#include "core/admin/plugin_report.hpp"
#include "core/app/active_config.hpp"
#include "core/app/admin_listener.hpp"
#include "core/app/ask_stores.hpp"
#include "core/app/client_endpoints.hpp"
#include "core/app/drain.hpp"
#include "core/app/hang_watch.hpp"
#include "core/app/listen_error.hpp"
#include "core/app/live_check.hpp"
#include "core/app/model_discoveries.hpp"
#include "core/app/next_config.hpp"
#include "core/app/open_log.hpp"
#include "core/app/provider_inventory.hpp"
#include "core/app/server_limits.hpp"
#include "core/app/usability_probes.hpp"
#include "core/app/worker_contexts.hpp"
#include "core/net/memory_budget.hpp"
#include "core/net/server/server.hpp"
#include "core/observe/log.hpp"
#include "core/observe/plugin_meters.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gatehouse::core {

namespace {

// A signature takes 0.4 ms, so one helper thread per core keeps up with the workers.
std::size_t helper_threads() { return std::max(2u, std::thread::hardware_concurrency()); }

/// A reload waits for the keys of a new configuration, so that it can tell their warnings.
constexpr std::chrono::seconds longest_wait_for_keys{2};

}  // namespace

class Gateway::Impl {
public:
    Impl(const Settings& settings, std::unique_ptr<Log> log, Purpose purpose)
        : log_(std::move(log)),
          services_(*log_, helper_threads(), static_cast<std::size_t>(settings.server.local_threads)),
          server_(endpoints_, settings.server.listen, static_cast<int>(settings.server.workers),
                  server_limits(settings), &memory_) {
        metrics_.watch(memory_);
        metrics_.watch_log([this] { return log_->lost_lines(); });
        services_.use_meters(metrics_.plugin_meters());
        if (purpose != Purpose::serve) services_.leave_stores_alone();
        if (!settings.admin.listen.empty()) open_admin(settings);
        set_limits(settings);
    }

    ~Impl() {
        if (started_) stop();
    }

    /// Does nothing but add the mistakes if there is one.
    void build(const ConfigFile& file, Settings settings, Mistakes& mistakes) {
        auto made = prepare(file, std::move(settings), mistakes);
        if (!made.snapshot) return;
        server_.set_tls(std::move(made.tls));
        metrics_.certificates(made.certificate_ends);
        snapshot_ = std::move(made.snapshot);
        file_ = file;
    }

    void take_over(int server_socket, int admin_socket) {
        inherited_ = server_socket >= 0;
        if (server_socket >= 0) server_.take_over(server_socket);
        if (admin_socket < 0) return;
        if (!admin_.is_open()) open_admin(snapshot_->settings);
        admin_.take_over(admin_socket);
    }

    Result<void> start() {
        const Settings& now = snapshot_->settings;
        if (auto ok = admin_.start(*file_, now); !ok) return ok;
        if (auto ok = start_workers(); !ok)
            return inherited_ ? ok.error() : listen_error(*file_, "server", now.server.listen, ok.error());
        if (inherited_)
            if (auto ok = ask_stores(snapshot_->instances->stores()); !ok) return ok.error();
        warn_of_descriptors(server_, snapshot_->settings, *log_);
        discoveries_.start(*snapshot_, workers_, *log_);
        probes_.start(*snapshot_, workers_, *log_);
        admin_.set_loops(server_.loops());
        admin_.activated();
        metrics_.activated();
        ready_.store(true, std::memory_order_release);
        server_.accept();
        return {};
    }

    /// Starts only the components that a background request needs; accepts no connections.
    Result<bool> check_live(const std::function<void(const Finding&)>& report) {
        if (auto ok = start_workers(); !ok) return ok.error();
        const auto running = active_processes(file_->path());
        return LiveCheck(*snapshot_->instances, workers_.worker(0), *log_)
            .run(running.empty() ? 0 : running.front().process, report);
    }

    /// As Gateway::inventory().
    Result<void> inventory(std::string_view name, const std::string& provider,
                           const std::function<void(const std::string&, const ProviderInventory&)>& report) {
        if (auto ok = start_workers(); !ok) return ok.error();
        for (const std::string& one : snapshot_->instances->provider_names())
            if (provider.empty() || provider == one)
                report(one,
                       inventory_of(workers_.worker(0), *snapshot_->instances->provider(one), name, *log_));
        return {};
    }

    /// As Gateway::reload().
    Result<Reloaded> reload(const ConfigFile& file) {
        Mistakes mistakes(file.path());
        Settings settings = read_settings(file, mistakes);
        auto postponed = keep_until_restart(settings, snapshot_->settings);
        const LogOptions log = settings.log;
        const bool other_log = log != snapshot_->settings.log;
        if (other_log)
            if (auto ok = check_log(file, log); !ok) mistakes.add(ok.error());

        const auto early = std::make_shared<EarlyWarnings>();
        services_.keep_warnings(early);
        auto made = prepare(file, std::move(settings), mistakes);
        services_.keep_warnings(nullptr);
        if (!made.snapshot) return mistakes.error();
        check_limiter_store(snapshot_->instances->limiter(), made.snapshot->instances->limiter(), mistakes);
        log_warnings(mistakes, *log_);
        discoveries_.hand_over(*snapshot_, *made.snapshot);
        discoveries_.stop();
        probes_.stop();
        const auto before = exchange_snapshot(std::move(made.snapshot), file);
        admin_.activated();
        workers_.install(snapshot_);
        server_.set_tls(std::move(made.tls));
        metrics_.certificates(made.certificate_ends);
        set_limits(snapshot_->settings);
        discoveries_.start(*snapshot_, workers_, *log_);
        probes_.start(*snapshot_, workers_, *log_);
        if (other_log)
            if (auto ok = log_->configure(log); !ok) return ok.error();
        auto warnings = warnings_of(mistakes);
        if (const std::string detail = wait_for_authenticator(); !detail.empty())
            warnings.push_back("no client can be authenticated yet: " + detail);
        std::ranges::move(early->take(), std::back_inserter(warnings));
        return Reloaded{std::move(postponed), std::move(warnings)};
    }

    /// Waits for a limited time until the authenticator has read its keys.  Returns its reason if it has not.
    std::string wait_for_authenticator() const {
        const auto end = std::chrono::steady_clock::now() + longest_wait_for_keys;
        for (;;) {
            std::string detail = is_ready().detail;
            if (detail.empty() || std::chrono::steady_clock::now() >= end) return detail;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    InheritedSockets share_sockets() {
        return {.server = server_.share_socket(), .admin = admin_.share_socket()};
    }

    void unshare_sockets() {
        server_.unshare_socket();
        admin_.unshare_socket();
    }

    void drain(const DrainTimes& times, const std::function<void()>& meanwhile) {
        draining_.store(true);
        if (!times.admin) admin_.stop_accepting();
        core::drain(server_, snapshot_->instances->observers(), *log_, times, meanwhile);
        stop();
    }

    void note_reload(bool accepted) { metrics_.reloaded(accepted); }

    ConsoleDoor door() const { return admin_.door(*snapshot_); }
    std::uint16_t port() const { return server_.port(); }
    std::vector<Loop*> loops() const { return server_.loops(); }
    const Settings& settings() const { return snapshot_->settings; }
    const ConfigFile& file() const { return *file_; }
    const std::vector<UsedPlugin>& plugins() const { return snapshot_->instances->used(); }
    const PluginInstances& instances() const { return *snapshot_->instances; }
    Log& log() { return *log_; }

private:
    NextConfig prepare(const ConfigFile& file, Settings settings, Mistakes& mistakes) {
        return prepare_config(file, std::move(settings),
                              {services_, *log_, metrics_, healths_, admission_, tickets_}, snapshot_.get(),
                              mistakes);
    }

    Result<void> start_workers() {
        if (auto ok = server_.start(false); !ok) return ok;
        started_ = true;
        workers_.start(server_.loops(), snapshot_, services_.computing(), memory_);
        services_.attach(workers_.worker_services());
        hang_watch_.start(server_.loops());
        return {};
    }

    void open_admin(const Settings& settings) {
        admin_.open(settings);
        endpoints_.hide_metrics();
    }

    void set_limits(const Settings& settings) {
        const ServerOptions& options = settings.server;
        server_.set_limits(server_limits(settings));
        memory_.set_limit(static_cast<std::size_t>(options.memory_limit));
        admission_.set_limits(admission_limits(options));
    }

    /// [any thread]
    Readiness is_ready() const {
        const auto snapshot = current();
        return readiness(ready_.load(std::memory_order_acquire), draining_.load(), snapshot.get());
    }

    /// [any thread]
    std::string plugins_page() const {
        const auto snapshot = current();
        return plugin_report(snapshot ? snapshot->instances->used() : std::vector<UsedPlugin>());
    }

    std::shared_ptr<const ConfigSnapshot> current() const {
        std::lock_guard lock(mutex_);
        return snapshot_;
    }
    std::optional<ConfigFile> current_file() const {
        std::lock_guard lock(mutex_);
        return file_;
    }
    std::shared_ptr<const ConfigSnapshot> exchange_snapshot(std::shared_ptr<const ConfigSnapshot> snapshot,
                                                            const std::optional<ConfigFile>& file) {
        std::lock_guard lock(mutex_);
        if (file) file_ = file;
        return std::exchange(snapshot_, std::move(snapshot));
    }

    // Ends the components that start new work first, then the threads, then the objects that they use.
    void stop() {
        started_ = false;
        admin_.set_loops({});
        admission_.close();
        services_.detach();
        server_.shutdown();
        hang_watch_.stop();
        services_.stop_helpers();
        services_.drop_runners();
        discoveries_.clear();
        probes_.clear();
        workers_.release_snapshots();
        exchange_snapshot(nullptr, {});
        workers_.clear();
        admin_.shutdown();
    }

    std::optional<ConfigFile>
        file_;  // the active file; empty until build() has succeeded; guarded as snapshot_
    std::unique_ptr<Log> log_;
    Metrics metrics_;
    Healths healths_{*log_, metrics_};
    MemoryBudget memory_;
    Admission admission_{metrics_};
    Services services_;
    // Kept across reloads, so that clients can resume their sessions.
    const std::shared_ptr<TicketKeys> tickets_ = std::make_shared<TicketKeys>();
    mutable std::mutex mutex_;
    std::shared_ptr<const ConfigSnapshot>
        snapshot_;  // the newest snapshot; written on the main thread, under the mutex
    WorkerContexts workers_;
    ModelDiscoveries discoveries_;
    UsabilityProbes probes_;
    ClientEndpoints endpoints_{workers_, metrics_, *log_, [this] { return is_ready().unready; },
                               [this] { return current(); }};
    Server server_;  // destroyed first: tasks in its loops hold flows, which hold snapshots
    bool started_ = false;
    bool inherited_ = false;  // the socket does not have the file's address
    std::atomic<bool> ready_{false}, draining_{false};
    HangWatch hang_watch_{*log_, metrics_};
    AdminListener admin_{{.snapshot = [this] { return current(); },
                          .file = [this] { return current_file(); },
                          .readiness = [this] { return is_ready(); },
                          .alive = [this] { return !hang_watch_.all_hang(); },
                          .plugins = [this] { return plugins_page(); }},
                         metrics_,
                         services_.pool(),
                         memory_};
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::make(const std::filesystem::path& config_file, Purpose purpose) {
    Mistakes mistakes(config_file);
    auto gateway = make(config_file, purpose, mistakes);
    if (!gateway) return mistakes.error();
    log_warnings(mistakes, gateway->log());
    return gateway;
}

std::unique_ptr<Gateway> Gateway::make(const std::filesystem::path& config_file, Purpose purpose,
                                       Mistakes& mistakes, const std::optional<LogOptions>& other_log) {
    auto add = [&](const Error& error) {
        mistakes.add(error);
        return nullptr;
    };
    auto file = ConfigFile::read(config_file);
    if (!file) return add(file.error());
    Settings settings = read_settings(*file, mistakes);
    auto log = other_log ? Log::open(*other_log) : open_log(*file, settings.log, purpose, mistakes);
    if (!log) return add(log.error());
    if (other_log)
        if (auto ok = check_log(*file, settings.log); !ok) mistakes.add(ok.error());
    // A live check needs a server for its workers; no client knows its port.
    Settings place = settings;
    if (purpose == Purpose::check_live) {
        place.server.listen = "127.0.0.1:0";
        place.admin.listen.clear();
    }
    auto impl = std::make_unique<Impl>(place, *std::move(log), purpose);
    impl->build(*file, std::move(settings), mistakes);
    return mistakes.empty() ? std::unique_ptr<Gateway>(new Gateway(std::move(impl))) : nullptr;
}

Result<void> Gateway::start() { return impl_->start(); }
std::uint16_t Gateway::port() const { return impl_->port(); }
const Settings& Gateway::settings() const { return impl_->settings(); }
const std::vector<UsedPlugin>& Gateway::plugins() const { return impl_->plugins(); }
const PluginInstances& Gateway::instances() const { return impl_->instances(); }
const ConfigFile& Gateway::file() const { return impl_->file(); }
ConsoleDoor Gateway::door() const { return impl_->door(); }
Log& Gateway::log() { return impl_->log(); }
std::vector<Loop*> Gateway::loops() const { return impl_->loops(); }
void Gateway::take_over(int server_socket, int admin_socket) {
    impl_->take_over(server_socket, admin_socket);
}
InheritedSockets Gateway::share_sockets() { return impl_->share_sockets(); }
void Gateway::unshare_sockets() { impl_->unshare_sockets(); }
void Gateway::drain(const DrainTimes& times, const std::function<void()>& meanwhile) {
    impl_->drain(times, meanwhile);
}
Result<Gateway::Reloaded> Gateway::reload(const ConfigFile& file) { return impl_->reload(file); }
void Gateway::note_reload(bool accepted) { impl_->note_reload(accepted); }
Result<bool> Gateway::check_live(const std::function<void(const Finding&)>& report) {
    return impl_->check_live(report);
}
Result<void> Gateway::inventory(
    std::string_view name, const std::string& provider,
    const std::function<void(const std::string&, const ProviderInventory&)>& report) {
    return impl_->inventory(name, provider, report);
}

}  // namespace gatehouse::core
