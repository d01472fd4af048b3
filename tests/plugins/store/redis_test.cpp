// SPDX-License-Identifier: Apache-2.0
// The Redis store against a real server, which the test starts on a free port of the loopback
// interface.  Without redis-server only the configuration and the failures are tested.
#include "tests/plugins/auth/temporary_folder.hpp"
#include "tests/plugins/store/thread_host.hpp"
#include "tests/plugins/store/waiting_store.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <optional>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(socket);
    return ntohs(address.sin_port);
}

bool has_server() {
    const bool is_there = ::access("/usr/bin/redis-server", X_OK) == 0;
    if (!is_there) MESSAGE("skipped, because redis-server is not installed");
    return is_there;
}

class Server {
public:
    /// `idle_timeout`: seconds after which the server ends the connection of an idle client; 0: never.
    explicit Server(int idle_timeout = 0) : idle_timeout_(std::to_string(idle_timeout)) { start(); }
    ~Server() { stop(); }

    void start() {
        const std::string text = std::to_string(port), folder = folder_.path.string();
        process_ = ::fork();
        if (process_ == 0) {
            ::execl("/usr/bin/redis-server", "redis-server", "--port", text.c_str(), "--bind", "127.0.0.1",
                    "--dir", folder.c_str(), "--save", "", "--requirepass", "secret", "--logfile",
                    "/dev/null", "--timeout", idle_timeout_.c_str(), nullptr);
            ::_exit(1);
        }
    }
    void stop() {
        if (process_ <= 0) return;
        ::kill(process_, SIGTERM);
        ::waitpid(std::exchange(process_, 0), nullptr, 0);
    }
    const int port = free_port();

private:
    TemporaryFolder folder_;
    const std::string idle_timeout_;
    pid_t process_ = 0;
};

struct Instance {
    ThreadHost host;
    std::unique_ptr<Store> store;

    explicit Instance(int port, std::string password = "secret", Table more = {}) {
        more.entries.push_back({"port", Value{std::int64_t{port}}});
        more.entries.push_back({"password", Value{std::move(password)}});
        auto made = create<Store>(gatehouse_plugin, more, host);
        if (!made) FAIL(made.error().message);
        store = *std::move(made);
    }
    ~Instance() { store.reset(); }
    WaitingStore use() { return WaitingStore(*store); }
};

/// Waits until the server accepts commands, and the log has the line about it: a call completes before its
/// line is written, and the next call after it.
void await(Instance& instance) {
    for (int i = 0; i < 100; ++i) {
        if (instance.use().all({{"a", "b", "c"}}) && instance.use().all({{"a", "b", "c"}})) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    FAIL("redis-server did not start");
}

/// A socket that accepts connections and never replies.
int silent_server(int port) {
    const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    // Connections of the server before it may still be closing.
    REQUIRE(::setsockopt(silent, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(silent, 100) == 0);
    return silent;
}

constexpr std::chrono::milliseconds hour = WaitingStore::hour;

}  // namespace

TEST_CASE("documents: versions, compare and set, owners, sizes, lifetimes") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port), two(server.port);
    await(one);
    WaitingStore a = one.use(), b = two.use();
    const StoreKey key{"ann", "response", std::string("1\0:\xff", 4)};
    CHECK(one.store->shared());
    CHECK(a.body(key) == "nothing");
    const auto first = a.put(key, std::string("body\0\r\n", 7));
    CHECK(b.body(key) == std::string("body\0\r\n", 7));
    CHECK(b.get(key)->version == first);
    CHECK(b.body({"bob", "response", key.id}) == "nothing");
    CHECK(b.body({"annresponse", "", key.id}) == "nothing");
    CHECK(b.put({.key = key, .body = "x", .keep_for = hour, .expected = first + 1}).error().kind ==
          ErrorKind::conflict);
    CHECK(b.put({.key = key, .body = "x", .keep_for = hour, .expected = 0}).error().kind ==
          ErrorKind::conflict);
    const auto second = b.put({.key = key, .body = "new", .keep_for = hour, .expected = first});
    REQUIRE(second);
    CHECK(*second > first);
    CHECK(a.body(key) == "new");
    CHECK(a.all({key, {"no", "no", "no"}, key}, 6)->size() == 3);
    CHECK(a.all({key, key}, 5).error().kind == ErrorKind::too_large);
    CHECK(*a.erase(key));
    CHECK(!*b.erase(key));
    const auto third = b.put({.key = key, .body = "again", .keep_for = hour, .expected = 0});
    REQUIRE(third);
    CHECK(*third > *second);
    REQUIRE(a.put({.key = key, .body = "short", .keep_for = std::chrono::milliseconds(50)}));
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    CHECK(a.body(key) == "nothing");
    CHECK(a.put({.key = key, .body = "x", .keep_for = {}}).error().kind == ErrorKind::bad_request);
    CHECK(a.put({.key = key, .body = std::string(16'777'216, 'x'), .keep_for = hour}).error().message ==
          "the record is larger than max_record_bytes");
    CHECK(a.put({.key = {std::string(2'000, 'x'), "", ""}, .keep_for = hour}).error().kind ==
          ErrorKind::bad_request);
}

TEST_CASE("counters: limits, all or none, whole numbers of 64 bits") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port);
    await(one);
    WaitingStore store = one.use();
    const StoreKey x{"ann", "n", "x"}, y{"ann", "n", "y"};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    auto counts = store.add(
        {{.key = x, .amount = 5, .keep_for = hour, .limit = 5}, {.key = y, .amount = -3, .keep_for = hour}});
    REQUIRE(counts);
    CHECK(counts->added);
    CHECK(counts->values == std::vector<std::int64_t>{5, -3});
    counts = store.add(
        {{.key = y, .amount = 1, .keep_for = hour}, {.key = x, .amount = 1, .keep_for = hour, .limit = 5}});
    CHECK(!counts->added);
    CHECK(counts->values == std::vector<std::int64_t>{-3, 5});
    CHECK(store.count(y) == -3);
    counts =
        store.add({{.key = x, .amount = 2, .keep_for = hour}, {.key = x, .amount = 2, .keep_for = hour}});
    CHECK(counts->values == std::vector<std::int64_t>{7, 9});
    CHECK(store.add({{.key = x, .amount = most - 9, .keep_for = hour}})->values.at(0) == most);
    CHECK(!store.add({{.key = x, .amount = 1, .keep_for = hour}})->added);
    CHECK(store.add({{.key = x, .amount = -1, .keep_for = hour, .limit = 0}})->values.at(0) == most - 1);
    CHECK(!store.add({{.key = x, .amount = 1, .keep_for = hour, .limit = most - 1}})->added);
    CHECK(store.add({{.key = x, .amount = 1, .keep_for = hour, .limit = most}})->added);
    const StoreKey brief{"ann", "n", "brief"};
    REQUIRE(store.add({{.key = brief, .amount = 1, .keep_for = std::chrono::milliseconds(150)}}));
    REQUIRE(store.add({{.key = brief, .amount = 1, .keep_for = hour}}));
    CHECK(!store.add({{.key = brief, .amount = 1, .keep_for = hour, .limit = 2}})->added);
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    CHECK(store.count(brief) == 0);
    CHECK(store.add({{.key = x, .amount = 1, .keep_for = {}}}).error().kind == ErrorKind::bad_request);
}

TEST_CASE("a counter drains by the clock of the server, and two gateways share it") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port), two(server.port);
    await(one);
    check_drain(*one.store, [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); });
    auto add = [](WaitingStore store, std::int64_t amount) {
        auto counts = store.add({{.key = {"", "limits", "shared"},
                                  .amount = amount,
                                  .keep_for = hour,
                                  .limit = 60'000'000,
                                  .drain = {.amount = 60'000'000, .time = hour}}});
        if (!counts) FAIL(counts.error().message);
        return counts->added;
    };
    CHECK(add(one.use(), 40'000'000));
    CHECK_FALSE(add(two.use(), 30'000'000));
    CHECK(add(two.use(), 20'000'000));
}

TEST_CASE("the store connects again, and says once that Redis was away") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port);
    await(one);
    WaitingStore store = one.use();
    store.put({"a", "b", "c"}, "kept");
    server.stop();
    for (int i = 0; i < 3; ++i) {
        const auto failed = store.put({.key = {"a", "b", "c"}, .body = "lost", .keep_for = hour});
        REQUIRE(!failed);
        CHECK(failed.error().kind == ErrorKind::unavailable);
        CHECK(failed.error().message == "the store is not available");
    }
    server.start();
    await(one);
    CHECK(store.body({"a", "b", "c"}) == "nothing");
    store.put({"a", "b", "c"}, "new");
    server.stop();
    server.start();
    await(one);
    // The store writes to the log after it has completed the call.
    std::vector<std::string> log = one.host.logged();
    for (int i = 0; i < 100 && (log.empty() || log.back() != "store available again"); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        log = one.host.logged();
    }
    REQUIRE(log.size() >= 2);
    CHECK(log[log.size() - 1] == "store available again");
    for (const std::string& line : log) CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("the last completion of an instance may end it") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port);
    await(one);
    std::promise<void> ended;
    one.store->get({{"a", "b", "c"}}, 1, Completion<std::vector<std::optional<Record>>>([&](const auto&) {
                       one.store.reset();
                       ended.set_value();
                   }));
    ended.get_future().get();
}

TEST_CASE("no call fails after the server has ended an idle connection") {
    if (!has_server()) return;
    Server server(1);
    Instance one(server.port);
    await(one);
    WaitingStore store = one.use();
    const auto log = one.host.logged();
    const auto before = store.put({"a", "b", "c"}, "x");
    auto last = before;
    for (int i = 1; i <= 3; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2'600));
        // None of them may be sent twice.
        const auto counts = store.add({{.key = {"a", "b", "n"}, .amount = 1, .keep_for = hour}});
        REQUIRE(counts);
        CHECK(counts->values == std::vector<std::int64_t>{i});
        const auto put = store.put({.key = {"a", "b", "c"}, .body = "y", .keep_for = hour, .expected = last});
        REQUIRE(put);
        last = *put;
    }
    CHECK(one.host.logged() == log);
}

TEST_CASE("no call fails after a restart of the server, and the log has no line if no call came meanwhile") {
    if (!has_server()) return;
    Server server;
    Instance one(server.port), other(server.port);
    await(one);
    const auto log = one.host.logged();
    server.stop();
    server.start();
    await(other);
    std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
    CHECK(one.use().add({{.key = {"a", "b", "n"}, .amount = 1, .keep_for = hour}}));
    CHECK(one.host.logged() == log);
}

TEST_CASE(
    "calls fail at once while a server does not reply, and the end of the store does not wait for each") {
    const int port = free_port(), silent = silent_server(port);
    std::atomic<int> failed = 0;
    {
        ThreadHost host;
        Table table;
        table.entries.push_back({"port", Value{std::int64_t{port}}});
        table.entries.push_back({"timeout_ms", Value{std::int64_t{50}}});
        auto store = create<Store>(gatehouse_plugin, table, host);
        REQUIRE(store);
        for (int i = 0; i < 20; ++i)
            (*store)->put({.key = {"a", "b", std::to_string(i)}, .body = "x", .keep_for = hour},
                          Completion<std::uint64_t>([&](const auto& version) { failed += !version; }));
        store->reset();
    }
    CHECK(failed == 20);
    int connections = 0;
    for (int one; (one = ::accept4(silent, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(one)) ++connections;
    ::close(silent);
    CHECK(connections < 10);
}

TEST_CASE(
    "a call that comes while an idle store connects in vain fails with it, not after a second timeout") {
    if (!has_server()) return;
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds timeout(2'000);
    Server server;
    Instance one(server.port, "secret", {{{"timeout_ms", Value{std::int64_t{timeout.count()}}}}});
    await(one);
    // Until then the store connects in vain at once, and waits for its next try.
    server.stop();
    const int silent = silent_server(server.port);
    int connection = -1;
    const auto until = Clock::now() + std::chrono::seconds(20);
    while (connection < 0 && Clock::now() < until) {
        connection = ::accept4(silent, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    REQUIRE(connection >= 0);
    const auto called = Clock::now();
    CHECK(!one.use().add({{.key = {"a", "b", "n"}, .amount = 1, .keep_for = hour}}));
    CHECK(Clock::now() - called < timeout * 3 / 2);
    ::close(connection);
    ::close(silent);
}

TEST_CASE("a wrong password and an absent server are outages with a reason in the log") {
    Instance nobody(free_port());
    CHECK(nobody.use().put({.key = {"a", "b", "c"}, .body = "x", .keep_for = hour}).error().kind ==
          ErrorKind::unavailable);
    CHECK(nobody.host.logged() ==
          std::vector<std::string>{"store not available reason=cannot connect: Connection refused"});
    if (!has_server()) return;
    Server server;
    Instance right(server.port);
    await(right);
    Instance wrong(server.port, "guess-1");
    CHECK(!wrong.use().all({{"a", "b", "c"}}));
    CHECK(wrong.host.logged().at(0).find("guess-1") == std::string::npos);
    CHECK(wrong.host.logged().at(0).find("reason=") != std::string::npos);
}

TEST_CASE("mistakes in the configuration of Redis are named at their key") {
    FakeHost host;
    auto error = [&](Table config) {
        auto made = create<Store>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!made);
        return made.error().message;
    };
    CHECK(error(strings({{"user", "gatehouse"}})) == "password: the user needs a password");
    CHECK(error(strings({{"path", "redis.sock"}})) ==
          "path: must be absolute, such as /run/redis/redis.sock");
    CHECK(error(strings({{"host", ""}})) == "host: expected a name or an address");
    for (const char* url : {"redis://db.example", "rediss://me:secret@db.example:6379/0", "db.example/1"})
        CHECK(
            error(strings({{"host", url}})) ==
            "host: must be a name or an address without a scheme and a path, such as redis.example.com; port, "
            "database, user and password have keys of their own");
    CHECK(error(strings({{"host", "db.example:6379"}})) == "host: must not contain a port: set port = 6379");
}
