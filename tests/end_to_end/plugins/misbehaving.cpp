// SPDX-License-Identifier: Apache-2.0
// A provider that misbehaves as the model's name says.  For the end-to-end tests only.
#include <gatehouse/sdk.hpp>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

using namespace gatehouse;

struct Options {
    std::string go_on;
};

const Fields<Options> fields = {optional("go_on", &Options::go_on, "File whose existence ends a sleep.")};

namespace {

[[gnu::noinline]] int overflow(int depth) {
    volatile char frame[1024];  // a frame larger than the guard page of a stack may jump over it
    frame[0] = static_cast<char>(depth);
    return depth < 0 ? 0 : overflow(depth + 1) + frame[0];
}

volatile int* nowhere = nullptr;

}  // namespace

class Misbehaving final : public Provider {
public:
    Misbehaving(Options options, Host& host)
        : options_(std::move(options)),
          host_(host),
          calls_(host.counter("calls_total", "Chats.", {{"model", {"good", "throw"}}})) {}

    struct Act final : Exchange {
        Act(const ChatRequest& r, const Options& o, Host& h) : request_(r), options(o), host(h) {}
        Result<std::optional<http::Request>> request() override { return std::nullopt; }
        Result<void> body(std::string_view, EventSink&) override { return {}; }
        Result<void> end(EventSink& out) override {
            const std::string& how = request_.model;
            if (how == "segv") *nowhere = 1;
            if (how == "abort") std::abort();
            if (how == "exit") std::exit(3);
            if (how == "overflow") host.log(Level::info, std::to_string(overflow(0)));
            if (how == "throw") throw std::bad_alloc();
            while (how == "loop") std::atomic_signal_fence(std::memory_order_seq_cst);
            while (how == "sleep" && ::access(options.go_on.c_str(), F_OK) != 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            if (how == "memory")
                for (int i = 0; i < 256; ++i) out.emit(TextDelta{std::string(1 << 20, 'x')});
            host.log(Level::info, "a request was answered");
            out.emit(TextDelta{"good"});
            out.emit(Finish{FinishReason::stop});
            return {};
        }
        const ChatRequest& request_;
        const Options& options;
        Host& host;
    };

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        calls_.add(1, {request.model});
        return std::make_unique<Act>(request, options_, host_);
    }

private:
    const Options options_;
    Host& host_;
    Counter& calls_;
};

GATEHOUSE_PLUGIN(Misbehaving, Options, fields, "misbehaving", "1.0.0");
