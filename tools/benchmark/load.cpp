// SPDX-License-Identifier: Apache-2.0
// The load client: one thread, any number of connections, one request.
//
//   bench_load closed ...   each connection asks again as soon as it is answered
//   bench_load open ...     asks at a given rate, whatever comes back; times count from when it should have
//   asked bench_load hold ...     opens streams, says "held", leaves them all when standard input ends
//
// Prints a line of JSON.  CPU and counts belong to the same window, which begins after the warming up.
#include "tools/benchmark/client.hpp"
#include "tools/benchmark/cpu_clock.hpp"
#include "tools/benchmark/load_options.hpp"
#include "tools/benchmark/samples.hpp"
#include "tools/benchmark/sockets.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>

#include <unistd.h>

using namespace gatehouse::benchmark;

namespace {

/// Counters, used while `measuring`.
struct Counts {
    bool measuring = false;
    std::uint64_t requests = 0, failed = 0, texts = 0, reads = 0;
    Samples latency, first, gap, transit;
    std::int64_t begun = 0, gateway_cpu = 0, upstream_cpu = 0, own_cpu = 0;
};

class Load : public Listener {
public:
    explicit Load(const LoadOptions& options) : options_(options) {}

    void texts(Client& client, std::size_t count, std::int64_t sent, std::int64_t now) override {
        if (!counts_.measuring) return;
        counts_.texts += count;
        ++counts_.reads;
        counts_.transit.add(now - sent);
        if (client.texts() == 0)
            counts_.first.add(now - client.scheduled());
        else
            counts_.gap.add(now - client.last_text());
    }

    void ended(Client& client, bool good) override {
        if (counts_.measuring && good) {
            ++counts_.requests;
            counts_.latency.add(now_ns() - client.scheduled());
        }
        if (!good && ++counts_.failed > max_failed) give_up();
        again(client);
    }

protected:
    virtual void again(Client& client) = 0;

    void begin_window() {
        counts_ = {};
        counts_.measuring = true;
        counts_.gateway_cpu = -cpu_ns(options_.gateway);
        counts_.upstream_cpu = -cpu_ns(options_.upstream);
        counts_.own_cpu = -cpu_ns(getpid());
        counts_.begun = now_ns();
    }

    void end_window() {
        const std::int64_t now = now_ns();
        counts_.gateway_cpu += cpu_ns(options_.gateway);
        counts_.upstream_cpu += cpu_ns(options_.upstream);
        counts_.own_cpu += cpu_ns(getpid());
        counts_.measuring = false;
        counts_.begun = now - counts_.begun;
    }

    void print() {
        std::printf(R"({"seconds":%.6f,"requests":%llu,"failed":%llu,"texts":%llu,"reads":%llu,)"
                    R"("gateway_cpu_us":%.1f,"upstream_cpu_us":%.1f,"own_cpu_us":%.1f,)"
                    R"("latency_us":%s,"first_us":%s,"gap_us":%s,"transit_us":%s})"
                    "\n",
                    static_cast<double>(counts_.begun) / 1e9, as_printed(counts_.requests),
                    as_printed(counts_.failed), as_printed(counts_.texts), as_printed(counts_.reads),
                    static_cast<double>(counts_.gateway_cpu) / 1e3,
                    static_cast<double>(counts_.upstream_cpu) / 1e3,
                    static_cast<double>(counts_.own_cpu) / 1e3, counts_.latency.json().c_str(),
                    counts_.first.json().c_str(), counts_.gap.json().c_str(), counts_.transit.json().c_str());
        std::fflush(stdout);
    }

    const LoadOptions& options_;
    Counts counts_;
    Loop loop_;
    std::deque<Client> clients_;

private:
    static constexpr std::uint64_t max_failed = 1000;
    static unsigned long long as_printed(std::uint64_t value) { return value; }

    [[noreturn]] void give_up() {
        std::fprintf(stderr, "bench_load: more than %llu requests have failed\n", as_printed(max_failed));
        std::_Exit(1);
    }
};

/// Calls a member at a time.
template <typename Owner>
class Alarm final : public Handler {
public:
    Alarm(Owner& owner, void (Owner::*member)()) : owner_(owner), member_(member) {}
    void due() override { (owner_.*member_)(); }

private:
    Owner& owner_;
    void (Owner::*member_)();
};

class Closed final : public Load {
public:
    using Load::Load;
    void run() {
        const std::int64_t now = now_ns(), spread = options_.spread_ns;
        for (std::size_t i = 0; i < options_.connections; ++i) {
            clients_.emplace_back(loop_, options_.plan, *this);
            loop_.at(
                now + 1 +
                    spread * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(options_.connections),
                clients_.back());
        }
        loop_.at(now + options_.warm_up_ns, start_);
        loop_.at(now + options_.warm_up_ns + options_.window_ns, stop_);
        loop_.run();
        print();
    }

private:
    void again(Client& client) override {
        // From the loop, not from within: a gateway that refuses must not fill the stack.
        loop_.at(now_ns(), client);
    }
    void start() { begin_window(); }
    void stop() {
        end_window();
        loop_.stop();
    }

    Alarm<Closed> start_{*this, &Closed::start}, stop_{*this, &Closed::stop};
};

class Open final : public Load {
public:
    using Load::Load;
    void run() {
        first_ = now_ns();
        loop_.at(first_, tick_);
        loop_.run();
        print();
    }

private:
    void again(Client& client) override {
        --running_;
        idle_.push_back(&client);
        if (over_ && running_ == 0) loop_.stop();
    }

    void tick() {
        const std::int64_t scheduled = first_ + asked_ * options_.interval_ns;
        const std::int64_t since = scheduled - first_;
        if (!counts_.measuring && since >= options_.warm_up_ns) begin_window();
        if (since >= options_.warm_up_ns + options_.window_ns) return end();
        ++asked_;
        loop_.at(first_ + asked_ * options_.interval_ns, tick_);
        if (idle_.empty()) {
            clients_.emplace_back(loop_, options_.plan, *this);
            idle_.push_back(&clients_.back());
        }
        Client& client = *idle_.back();
        idle_.pop_back();
        ++running_;
        client.begin(scheduled);
    }

    /// CPU is taken now; the answers that are still under way count when they come.
    void end() {
        end_window();
        counts_.measuring = true;
        over_ = true;
        loop_.at(now_ns() + options_.patience_ns, overdue_);
        if (running_ == 0) loop_.stop();
    }
    void overdue() {
        counts_.failed += running_;
        loop_.stop();
    }

    std::int64_t first_ = 0, asked_ = 0;
    std::uint64_t running_ = 0;
    bool over_ = false;
    std::vector<Client*> idle_;
    Alarm<Open> tick_{*this, &Open::tick}, overdue_{*this, &Open::overdue};
};

/// Streams that are held until standard input ends, and then left without a word.
class Hold final : public Load {
public:
    using Load::Load;
    void run() {
        loop_.at(now_ns(), tick_);
        loop_.run();
        for (Client& client : clients_) client.drop();
        std::puts("left");
        std::fflush(stdout);
    }

    void texts(Client& client, std::size_t count, std::int64_t sent, std::int64_t now) override {
        if (client.texts() == 0) reached();
        Load::texts(client, count, sent, now);
    }

private:
    void again(Client&) override { ++lost_; }

    void tick() {
        if (clients_.size() == options_.connections) {
            if (!options_.plan.stream) loop_.at(now_ns(), poll_);
            return;
        }
        clients_.emplace_back(loop_, options_.plan, *this);
        loop_.at(now_ns() + options_.interval_ns, tick_);
        clients_.back().begin(now_ns());
    }

    /// A non-streaming response is invisible until it is complete, so each request sent counts as held.
    void poll() {
        for (const Client& client : clients_)
            if (!client.sent() && client.busy()) return loop_.at(now_ns() + 10'000'000, poll_);
        held();
    }
    void reached() {
        if (++reached_ == options_.connections) held();
    }
    void held() {
        std::printf("held %llu\n", static_cast<unsigned long long>(options_.connections - lost_));
        std::fflush(stdout);
        make_nonblocking(STDIN_FILENO);
        loop_.watch(STDIN_FILENO, input_);
    }
    struct Input final : Handler {
        explicit Input(Loop& loop) : loop(loop) {}
        void ready(bool) override {
            char byte;
            if (read(STDIN_FILENO, &byte, 1) >= 0) loop.stop();
        }
        Loop& loop;
    };

    std::uint64_t reached_ = 0, lost_ = 0;
    Alarm<Hold> tick_{*this, &Hold::tick}, poll_{*this, &Hold::poll};
    Input input_{loop_};
};

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const LoadOptions options = read_load_options(argc, argv);
    if (options.mode == "closed")
        Closed(options).run();
    else if (options.mode == "open")
        Open(options).run();
    else
        Hold(options).run();
    std::_Exit(0);
}
