// SPDX-License-Identifier: Apache-2.0
// The stores of a configuration: which instance has which, and what a reload keeps.
#include "core/instances/config_snapshot.hpp"
#include "core/observe/log.hpp"
#include "core/plugin/hosted_store.hpp"
#include "core/retry/health.hpp"

#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

constexpr const char* rest = R"(
[provider.p]
use = "hello"
[mapper.m]
use = "table"
unknown = "p/*"
)";

struct Process {
    std::unique_ptr<Log> log = *Log::open({.level = "error"});
    Metrics metrics;
    Healths healths{*log, metrics};
    Admission admission{metrics};
    Services services{*log, 1, 1};
    std::vector<Mistake> warnings;  // and mistakes, of the last load

    ~Process() { services.stop_helpers(); }

    Result<std::shared_ptr<const ConfigSnapshot>> try_load(const std::string& text) {
        auto file = ConfigFile::parse("[plugins]\npath = [\"" PLUGINS "\"]\n" + text + rest, "test.toml");
        if (!file) return file.error();
        Mistakes mistakes(file->path());
        auto made = make_config_snapshot(*file, read_settings(*file, mistakes), services, *log, metrics,
                                         healths, admission, std::make_shared<AuthThrottle>(0), mistakes);
        warnings = mistakes.in_order();
        if (!made) return mistakes.error();
        return made;
    }
    std::shared_ptr<const ConfigSnapshot> load(const std::string& text) {
        auto loaded = try_load(text);
        if (!loaded) FAIL(loaded.error().message);
        return *loaded;
    }
    std::string error(const std::string& text) {
        auto loaded = try_load(text);
        return loaded ? "loaded" : loaded.error().message;
    }
    std::string store_of(const std::string& text) { return dialect(*load(text)).store_name; }

    static const NamedDialect& dialect(const ConfigSnapshot& snapshot) {
        return snapshot.instances->routing().nearest("/v1/chat/completions");
    }
};

std::uint64_t put(Store& store, const std::string& id) {
    std::optional<Result<std::uint64_t>> version;
    store.put({.key = {"ann", "response", id}, .body = "hello", .keep_for = std::chrono::hours(1)},
              testing::into(version));
    return version && *version ? **version : 0;
}

bool has(Store& store, const std::string& id) {
    std::optional<Result<std::vector<std::optional<Record>>>> found;
    store.get({{"ann", "response", id}}, 1'000, testing::into(found));
    return found && *found && (**found)[0];
}

const std::string plain_dialect = "[dialect.d]\nuse = \"openai\"\n";
const std::string a = "[store.a]\nuse = \"memory\"\n", b = "[store.b]\nuse = \"memory\"\n";

}  // namespace

TEST_CASE("a dialect uses the store that it names, else the only one, else the default one") {
    Process process;
    CHECK(process.store_of(plain_dialect) == "default");
    CHECK(process.store_of(plain_dialect + a) == "a");
    CHECK(process.store_of(plain_dialect + "store = \"b\"\n" + a + b) == "b");
    CHECK(process.store_of(plain_dialect + "store = \"none\"\n" + a + b) == "");
    CHECK(process.store_of(plain_dialect + "store = \"none\"\n") == "");
}

TEST_CASE("the store of an authenticator is not the store of a dialect that names none") {
    Process process;
    const std::string keys = "[authenticator.k]\nuse = \"managed_keys\"\nstore = \"a\"\n";
    CHECK(process.store_of(keys + plain_dialect + a + b) == "b");
    CHECK(process.store_of(keys + plain_dialect + "store = \"none\"\n" + a) == "");
}

TEST_CASE("keys in a store that ends with the process are a warning, also after a reload") {
    Process process;
    const std::string keys = "[authenticator.k]\nuse = \"managed_keys\"\nstore = \"a\"\n";
    const std::string others =
        keys + plain_dialect + "store = \"none\"\n" + "[admin]\nlisten = \"127.0.0.1:0\"\n";
    for (int i = 0; i < 2; ++i) {
        const auto running = process.load(others + a);
        REQUIRE(process.warnings.size() == 1);
        CHECK(process.warnings[0].warning);
        CHECK(process.warnings[0].line == 5);
        CHECK(
            process.warnings[0].message ==
            "the store \"a\" ends with the process: [authenticator.k] loses its records, such as API keys, at a "
            "restart and at `gatehouse upgrade`; use a store in a file or a server, such as sqlite or redis");
    }
    process.load(others + "[store.a]\nuse = \"sqlite\"\npath = \"/tmp/no-such-1.db\"\n");
    CHECK(process.warnings.empty());
    process.load(plain_dialect + a);
    CHECK(process.warnings.empty());
}

TEST_CASE("two stores with one file are an error at the second one") {
    Process process;
    const auto store = [](const std::string& name, const std::string& path) {
        return "[store." + name + "]\nuse = \"sqlite\"\npath = \"" + path + "\"\n";
    };
    const std::string dialect = plain_dialect + "store = \"none\"\n";
    const std::string message =
        process.error(dialect + store("a", "/tmp/no-such-1.db") + store("b", "/tmp/../tmp/no-such-1.db"));
    CHECK(
        message.starts_with("test.toml:11:8: /tmp/../tmp/no-such-1.db is the file of [store.a]: name another "
                            "file, because each store needs its own\n"));
    CHECK(process.error(dialect + store("a", "/tmp/no-such-1.db") + store("b", "/tmp/no-such-2.db")) ==
          "loaded");
    // The running store is kept.
    auto running = process.load(dialect + store("a", "/tmp/no-such-1.db"));
    CHECK(process.error(dialect + store("a", "/tmp/no-such-1.db") + store("b", "/tmp/no-such-1.db")) !=
          "loaded");
}

TEST_CASE("there is no default store if it is turned off, or if strangers share the gateway") {
    Process process;
    const std::string strangers = "[server]\nlisten = \"0.0.0.0:1\"\nallow_anonymous = true\n";
    const std::string keys =
        "[authenticator.k]\nuse = \"api_key\"\nkeys = [{ name = \"a\", key = \"sk-test-1234\" }]\n";
    CHECK(process.error("default_store = \"\"\n" + plain_dialect) == "loaded");
    CHECK(process.store_of("default_store = \"\"\n" + plain_dialect) == "");
    CHECK(process.store_of(strangers + plain_dialect) == "");
    CHECK(process.store_of(strangers + plain_dialect + a) == "a");
    CHECK(process.store_of("[server]\nlisten = \"0.0.0.0:1\"\n" + keys + plain_dialect) == "default");
}

TEST_CASE("a default store without a plugin is an error at its line") {
    Process process;
    const std::string message = process.error("default_store = \"memroy\"\n" + plain_dialect);
    CHECK(message.starts_with(
        "test.toml:3:17: there is no store plugin \"memroy\"; did you mean \"memory\"? ("));
    CHECK(message.find("default_store = \"memroy\"") != message.npos);
    CHECK(process.error("default_store = \"openai\"\n" + plain_dialect)
              .starts_with("test.toml:3:17: there is no store plugin"));
    CHECK(process.store_of("default_store = \"teapot\"\n" + plain_dialect + a) == "a");
}

TEST_CASE("a reload keeps a store whose table did not change, also while both are in use") {
    Process process;
    auto before = process.load(plain_dialect + a);
    REQUIRE(put(*process.dialect(*before).store, "1") > 0);
    auto after = process.load(plain_dialect + a + "[log]\nlevel = \"error\"\n");
    CHECK(has(*process.dialect(*after).store, "1"));
    REQUIRE(put(*process.dialect(*before).store, "2") > 0);
    before.reset();
    CHECK(has(*process.dialect(*after).store, "2"));
    const auto& used = after->instances->used();
    const auto listed = std::ranges::find(used, "a", &UsedPlugin::instance);
    REQUIRE(listed != used.end());
    CHECK(listed->name == "memory");
    CHECK_FALSE(listed->library.empty());
    auto other = process.load(plain_dialect + a + "max_records = 5\n");
    CHECK_FALSE(has(*process.dialect(*other).store, "1"));
    CHECK(process.error(plain_dialect + a + "max_records = 0\n") != "loaded");
    CHECK(has(*process.dialect(*process.load(plain_dialect + a)).store, "1"));
}

TEST_CASE("the default store survives a reload") {
    Process process;
    auto before = process.load(plain_dialect);
    REQUIRE(put(*process.dialect(*before).store, "1") > 0);
    auto after = process.load(plain_dialect + "max_messages = 5\n");
    before.reset();
    CHECK(has(*process.dialect(*after).store, "1"));
}

TEST_CASE("a store is measured under its name") {
    Process process;
    auto snapshot = process.load(plain_dialect + a);
    Store& store = *process.dialect(*snapshot).store;
    put(store, "1");
    CHECK(has(store, "1"));
    CHECK_FALSE(has(store, "2"));
    std::optional<Result<std::uint64_t>> refused;
    store.put({.key = {"ann", "response", "1"}, .keep_for = std::chrono::hours(1), .expected = 1},
              testing::into(refused));
    store.put({.key = {"ann", "response", "1"}}, testing::into(refused));
    const std::string text = process.metrics.text();
    for (const char* sample :
         {"gatehouse_store_records{store=\"a\"} 1", "gatehouse_store_bytes{store=\"a\"} 17",
          "gatehouse_store_reads_total{result=\"hit\",store=\"a\"} 1",
          "gatehouse_store_reads_total{result=\"miss\",store=\"a\"} 1",
          "gatehouse_store_write_seconds_count{store=\"a\"} 1",
          "gatehouse_store_errors_total{store=\"a\"} 1"})
        CHECK_MESSAGE(text.find("\n" + std::string(sample) + "\n") != text.npos, sample);
}

TEST_CASE("a store is usable until a call says that it is away") {
    auto fake = std::make_unique<testing::FakeStore>();
    testing::FakeStore& store = *fake;
    Process process;
    auto instance = std::make_shared<StoreInstance>();
    instance->metrics = process.metrics.store("fake", [] { return StoreSize{}; });
    instance->plugin = std::move(fake);
    const auto owner = std::make_shared<int>();
    HostedStore hosted(instance, owner);
    CHECK(instance->state.last() == StoreState::Last::none);
    put(hosted, "1");
    CHECK(instance->state.last() == StoreState::Last::success);
    store.failure = Error{.kind = ErrorKind::unavailable, .message = "away", .detail = "connection refused"};
    std::optional<Result<bool>> erased;
    hosted.erase({"ann", "response", "1"}, testing::into(erased));
    CHECK(instance->state.last() == StoreState::Last::failure);
    CHECK(instance->state.reason() == "connection refused");
    store.failure = Error{ErrorKind::too_large, "the record is too large"};
    hosted.erase({"ann", "response", "1"}, testing::into(erased));
    CHECK(instance->state.last() == StoreState::Last::success);
    for (const ErrorKind kind : {ErrorKind::timeout, ErrorKind::internal}) {
        store.failure = Error{kind, "no response"};
        hosted.erase({"ann", "response", "1"}, testing::into(erased));
        CHECK(instance->state.last() == StoreState::Last::failure);
        store.failure.reset();
        put(hosted, "1");
        CHECK(instance->state.last() == StoreState::Last::success);
    }
}

TEST_CASE("a completion does not reach an instance that has ended") {
    auto fake = std::make_unique<testing::FakeStore>();
    testing::FakeStore& store = *fake;
    Process process;
    auto instance = std::make_shared<StoreInstance>();
    instance->name = "fake";
    instance->metrics = process.metrics.store("fake", [] { return StoreSize{}; });
    instance->plugin = std::move(fake);
    auto owner = std::make_shared<int>();
    HostedStore hosted(instance, owner);
    store.holds = true;
    std::optional<Result<std::uint64_t>> version;
    hosted.put({.key = {"a", "b", "c"}, .keep_for = std::chrono::hours(1)}, testing::into(version));
    owner.reset();
    store.release();
    CHECK_FALSE(version);
    hosted.put({.key = {"a", "b", "c"}, .keep_for = std::chrono::hours(1)}, testing::into(version));
    CHECK(store.waiting() == 0);
    CHECK_FALSE(version);
}
