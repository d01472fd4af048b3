// SPDX-License-Identifier: Apache-2.0
// A mock of an upstream that costs next to nothing: it reads no JSON, and what
// it sends was made when its plan was set.  OCI's format for paths of OCI,
// that of a hook's service for /check, OpenAI's for all others.  One thread.
//
//   bench_upstream           prints "listening PORT", then obeys standard input:
//   plan WORDS               answers so from now on (answer_plan.hpp); says "ok"
//   stats                    prints a line of JSON: calls that run, calls ever, connections
#include "tools/benchmark/answer_plan.hpp"
#include "tools/benchmark/loop.hpp"
#include "tools/benchmark/mark.hpp"
#include "tools/benchmark/message_reader.hpp"
#include "tools/benchmark/sockets.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>

#include <unistd.h>

using namespace gatehouse::benchmark;

namespace {

/// A plan and its bytes, kept by the calls that began under it.
struct Script {
    explicit Script(const AnswerPlan& wanted)
        : plan(wanted), openai(openai_answer(wanted)), oci(oci_answer(wanted)), guard(guard_answer(wanted)) {}
    AnswerPlan plan;
    AnswerBytes openai, oci, guard;
};

struct Service {
    Loop loop;
    std::shared_ptr<const Script> script = std::make_shared<Script>(AnswerPlan{});
    std::uint64_t running = 0, calls = 0, connections = 0, abandoned = 0;
};

/// One connection of a gateway, and the call that runs on it.
class Connection final : public Handler {
public:
    Connection(Service& service, int socket) : service_(service), socket_(socket) {
        ++service_.connections;
        service_.loop.watch(socket_, *this);
    }
    ~Connection() override {
        close(socket_);
        --service_.connections;
    }

    void ready(bool peer_left) override {
        if (!flush()) return leave();
        static char buffer[256 * 1024];  // one thread: all connections share it
        for (;;) {
            const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
            if (size < 0 && errno == EAGAIN) return;
            if (size <= 0) return leave();
            if (!take({buffer, static_cast<std::size_t>(size)})) return leave();
            if (static_cast<std::size_t>(size) < sizeof buffer && !peer_left) return;
        }
    }

    void due() override {
        if (!step()) leave();
    }

private:
    bool take(std::string_view bytes) {
        while (!bytes.empty()) {
            if (running_) return false;  // clients do not pipeline
            slices_.clear();
            bytes.remove_prefix(request_.take(bytes, slices_));
            if (request_.broken()) return false;
            if (request_.complete() && !answer()) return false;
        }
        return true;
    }

    bool asks(std::string_view path) const { return request_.head().find(path) != std::string_view::npos; }

    bool answer() {
        script_ = service_.script;
        bytes_ = asks(" /20231130/") ? &script_->oci : asks(" /check ") ? &script_->guard : &script_->openai;
        request_.begin();
        running_ = true;
        written_ = 0;
        begun_ = false;
        ++service_.running;
        ++service_.calls;
        if (script_->plan.latency_ns == 0) return step();
        next_ = now_ns() + script_->plan.latency_ns;
        service_.loop.at(next_, *this);
        return true;
    }

    /// Writes what is due.  False if the peer has gone.
    bool step() {
        const AnswerPlan& plan = script_->plan;
        if (!plan.stream) {
            finish();
            return send_marked(bytes_->whole, bytes_->in_whole);
        }
        if (!begun_) {
            begun_ = true;
            next_ = now_ns();
            if (!send(bytes_->opening)) return false;
        }
        while (plan.writes == 0 || written_ < plan.writes) {
            if (waiting_.size() < max_waiting && !send_marked(bytes_->write, bytes_->marks)) return false;
            ++written_;
            if (plan.pace_ns > 0) {
                next_ += plan.pace_ns;
                service_.loop.at(next_, *this);
                return true;
            }
        }
        finish();
        return send(bytes_->closing);
    }

    void finish() {
        running_ = false;
        --service_.running;
    }

    void leave() {
        if (running_) {
            finish();
            ++service_.abandoned;
        }
        service_.loop.dispose(this);
    }

    bool send_marked(const std::string& bytes, const std::vector<std::size_t>& marks) {
        scratch_ = bytes;
        const std::int64_t now = now_ns();
        for (const std::size_t at : marks) write_mark(scratch_.data() + at, now);
        return send(scratch_);
    }

    bool send(std::string_view bytes) {
        if (waiting_.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN) return false;
            bytes.remove_prefix(sent < 0 ? 0 : static_cast<std::size_t>(sent));
        }
        waiting_ += bytes;
        return true;
    }

    bool flush() {
        if (waiting_.empty()) return true;
        const ssize_t sent = ::send(socket_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN;
        waiting_.erase(0, static_cast<std::size_t>(sent));
        return true;
    }

    /// A gateway that takes nothing gets no more than this: the writes are skipped, not kept.
    static constexpr std::size_t max_waiting = 4 * 1024 * 1024;
    inline static std::string scratch_;
    inline static std::vector<std::string_view> slices_;

    Service& service_;
    int socket_;
    MessageReader request_{MessageReader::Kind::request};
    std::shared_ptr<const Script> script_;
    const AnswerBytes* bytes_ = nullptr;
    bool running_ = false, begun_ = false;
    std::uint64_t written_ = 0;
    std::int64_t next_ = 0;
    std::string waiting_;
};

class Acceptor final : public Handler {
public:
    explicit Acceptor(Service& service) : service_(service), socket_(listen_on_loopback(port_)) {
        service_.loop.watch(socket_, *this);
        std::printf("listening %d\n", port_);
    }
    void ready(bool /*peer_left*/) override {
        for (int socket; (socket = accept_client(socket_)) >= 0;) new Connection(service_, socket);
    }

private:
    Service& service_;
    int port_ = 0;
    int socket_;
};

/// Commands on standard input from the parent process; its end ends this program.
class Orders final : public Handler {
public:
    explicit Orders(Service& service) : service_(service) {
        make_nonblocking(STDIN_FILENO);
        service_.loop.watch(STDIN_FILENO, *this);
    }
    void ready(bool /*peer_left*/) override {
        char buffer[4096];
        ssize_t size;
        while ((size = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
            input_.append(buffer, static_cast<std::size_t>(size));
        for (std::size_t end; (end = input_.find('\n')) != std::string::npos; input_.erase(0, end + 1))
            obey(std::string_view(input_).substr(0, end));
        if (size == 0) service_.loop.stop();
    }

private:
    void obey(std::string_view line) {
        std::string error;
        if (line.starts_with("plan ")) {
            const AnswerPlan plan = parse_plan(line.substr(5), error);
            if (error.empty()) service_.script = std::make_shared<Script>(plan);
            std::puts(error.empty() ? "ok" : error.c_str());
        } else if (line == "stats") {
            std::printf(R"({"running":%llu,"calls":%llu,"abandoned":%llu,"connections":%llu})"
                        "\n",
                        as_printed(service_.running), as_printed(service_.calls),
                        as_printed(service_.abandoned), as_printed(service_.connections));
        } else {
            std::puts("an order is 'plan WORDS' or 'stats'");
        }
    }
    static unsigned long long as_printed(std::uint64_t value) { return value; }

    Service& service_;
    std::string input_;
};

}  // namespace

int main() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::signal(SIGPIPE, SIG_IGN);
    Service service;
    Acceptor acceptor(service);
    Orders orders(service);
    service.loop.run();
    std::_Exit(0);  // connections end with the process
}
