// SPDX-License-Identifier: Apache-2.0
// A computation on a helper thread: order, a slow client, a client that disconnects,
// a provider that throws.  Also run under the thread sanitizer.
#include "core/request/local_run.hpp"
#include "tests/core/fakes.hpp"
#include "tests/core/plain.hpp"

#include <atomic>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::fakes;
using namespace std::chrono_literals;

namespace {

/// Runs the test's function.
class Computing final : public LocalProvider {
public:
    explicit Computing(std::function<Result<void>(LocalSink&)> run) : run_(std::move(run)) {}
    Result<void> run(const Operation&, LocalSink& sink) override {
        auto result = run_(sink);
        ended = true;
        return result;
    }
    std::atomic<bool> ended{false};

private:
    std::function<Result<void>(LocalSink&)> run_;
};

struct Heard final : LocalRun::Listener {
    void on_event(Event event) override {
        text += std::get<TextDelta>(event).text;
        if (during) during();
    }
    void on_done(Result<void> result) override { done = std::move(result); }
    std::string text;
    std::optional<Result<void>> done;
    std::function<void()> during;
};

template <typename Condition>
bool eventually(FakeLoop& loop, Condition condition) {
    for (int i = 0; i < 300'000; ++i) {
        // Not until nothing is left: a computation may always be ahead.
        for (int step = 0; step < 1000 && loop.step(); ++step)
            if (condition()) return true;
        if (condition()) return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

struct Given {
    explicit Given(std::function<Result<void>(LocalSink&)> script) : provider(std::move(script)) {
        run = std::make_shared<LocalRun>(loop, provider, "lab", ChatRequest{}, nullptr);
    }
    void start() { run->start(pool, heard); }
    FakeLoop loop;
    Computing provider;
    Heard heard;
    std::shared_ptr<LocalRun> run;
    HelperThreads pool{2};  // destroyed first
};

Result<void> count_to(LocalSink& sink, int last) {
    for (int i = 1; i <= last; ++i)
        if (!sink.emit(TextDelta{std::to_string(i) + " "})) return Error{ErrorKind::internal, "gone"};
    return {};
}

}  // namespace

TEST_CASE("events come in order, then the result") {
    Given given([](LocalSink& sink) { return count_to(sink, 1000); });
    given.start();
    REQUIRE(eventually(given.loop, [&] { return given.heard.done.has_value(); }));
    CHECK(*given.heard.done);
    std::string expected;
    for (int i = 1; i <= 1000; ++i) expected += std::to_string(i) + " ";
    CHECK(given.heard.text == expected);
}

TEST_CASE("a slow client makes the computation wait") {
    std::atomic<int> emitted{0};
    Given given([&](LocalSink& sink) -> Result<void> {
        for (; emitted < 500; ++emitted)
            if (!sink.emit(TextDelta{"x"})) return {};
        return {};
    });
    given.heard.during = [&] {
        if (given.heard.text.size() == 3) given.run->pause();
    };
    given.start();
    REQUIRE(eventually(given.loop, [&] { return given.heard.text.size() == 3; }));
    std::this_thread::sleep_for(20ms);
    given.loop.run();
    CHECK(given.heard.text.size() == 3);
    CHECK(emitted < 100);
    given.run->resume();
    REQUIRE(eventually(given.loop, [&] { return given.heard.done.has_value(); }));
    CHECK(given.heard.text.size() == 500);
}

TEST_CASE("a computation that is faster than its client does not keep the loop from its other tasks") {
    Given given([](LocalSink& sink) { return count_to(sink, 2000); });
    int heard = 0;
    given.heard.during = [&] {
        ++heard;
        std::this_thread::sleep_for(100us);  // meanwhile the computation goes ahead
    };
    given.start();
    while (!given.loop.step()) std::this_thread::sleep_for(1ms);
    CHECK(heard <= 64);
    REQUIRE(eventually(given.loop, [&] { return given.heard.done.has_value(); }));
    CHECK(heard == 2000);
}

TEST_CASE("a computation learns in each phase that the client has disconnected") {
    Given emitting([](LocalSink& sink) { return count_to(sink, 1'000'000'000); });
    emitting.start();
    REQUIRE(eventually(emitting.loop, [&] { return !emitting.heard.text.empty(); }));
    emitting.run->cancel();
    REQUIRE(eventually(emitting.loop, [&] { return emitting.provider.ended.load(); }));
    CHECK_FALSE(emitting.heard.done);

    Given sleeping([](LocalSink& sink) -> Result<void> {
        sink.emit(TextDelta{"x"});
        CHECK_FALSE(sink.sleep(1h));
        CHECK(sink.gone());
        CHECK_FALSE(sink.emit(TextDelta{"y"}));
        return {};
    });
    sleeping.start();
    REQUIRE(eventually(sleeping.loop, [&] { return !sleeping.heard.text.empty(); }));
    sleeping.run->cancel();
    REQUIRE(eventually(sleeping.loop, [&] { return sleeping.provider.ended.load(); }));
    CHECK(sleeping.heard.text == "x");
}

TEST_CASE("a listener may cancel from its own call, and an error or an exception is a result") {
    Given leaving([](LocalSink& sink) { return count_to(sink, 100); });
    leaving.heard.during = [&] { leaving.run->cancel(); };
    leaving.start();
    REQUIRE(eventually(leaving.loop, [&] { return leaving.provider.ended.load(); }));
    leaving.loop.run();
    CHECK(leaving.heard.text == "1 ");

    Given failing([](LocalSink&) -> Result<void> { return Error{ErrorKind::unavailable, "full"}; });
    failing.start();
    REQUIRE(eventually(failing.loop, [&] { return failing.heard.done.has_value(); }));
    CHECK(failing.heard.done->error().message == "full");

    Given throwing([](LocalSink&) -> Result<void> { throw std::runtime_error("/secret/path"); });
    throwing.start();
    REQUIRE(eventually(throwing.loop, [&] { return throwing.heard.done.has_value(); }));
    CHECK(throwing.heard.done->error().kind == ErrorKind::internal);
    CHECK(throwing.heard.done->error().message == "internal error");
}

TEST_CASE(
    "a flow serves streaming and non-streaming responses from a computation, and ends it when its client disconnects") {
    struct Answering {
        explicit Answering(std::function<Result<void>(LocalSink&)> script) : provider(std::move(script)) {}
        void send(const std::string& body) {
            auto instances = std::make_shared<const PluginInstances>(
                InstanceTable{
                    .providers = {{"first", {.name = "first", .provider = &provider, .local = &provider}}},
                    .dialects = {{"plain", &dialect, dialect.endpoints()}},
                    .mapper = &mapper,
                    .mapper_name = "places"},
                nullptr);
            Settings settings;
            settings.upstream.attempts = 1;
            const std::shared_ptr<const ConfigSnapshot> snapshot(
                new ConfigSnapshot{settings, *log, metrics, Cors({}), std::move(instances)});
            client.request = {.method = "POST", .path = "/v1/chat"};
            client.body = body;
            flow = std::make_shared<RequestFlow>(snapshot, WorkerServices{&loop, nullptr, &pool}, client);
            client.listener = flow;
            flow->start();
        }
        std::unique_ptr<Log> log = *Log::open({.level = "error"});
        Metrics metrics;
        FakeLoop loop;
        FakeClient client{loop};
        plain::PlainDialect dialect;
        plain::TwoPlaces mapper;
        Computing provider;
        std::shared_ptr<RequestFlow> flow;
        HelperThreads pool{2};
    };
    for (const char* body : {"a hi", "stream a hi"}) {
        Answering good([](LocalSink& sink) -> Result<void> {
            sink.emit(TextDelta{"one "});
            sink.emit(TextDelta{"two"});
            sink.emit(Finish{});
            return {};
        });
        good.send(body);
        REQUIRE(eventually(good.loop, [&] { return good.client.ended; }));
        CHECK(good.client.answer == "one two.");
        CHECK(good.client.answer_head.status == 200);

        Answering unfinished([](LocalSink& sink) -> Result<void> {
            sink.emit(TextDelta{"one "});
            return {};
        });
        unfinished.send(body);
        REQUIRE(eventually(unfinished.loop, [&] { return unfinished.client.ended; }));
        CHECK(unfinished.client.answer.find("ended without a finish") != std::string::npos);
    }
    Answering left([](LocalSink& sink) { return count_to(sink, 1'000'000'000); });
    left.send("stream a hi");
    REQUIRE(eventually(left.loop, [&] { return !left.client.answer.empty(); }));
    std::static_pointer_cast<RequestListener>(left.flow)->on_gone();
    REQUIRE(eventually(left.loop, [&] { return left.provider.ended.load(); }));
}
