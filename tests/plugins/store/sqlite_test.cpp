// SPDX-License-Identifier: Apache-2.0
// store/sqlite through its entry point: restarts, bounds, broken files and disks, threads.
#include "tests/core/patience.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"
#include "tests/plugins/store/thread_host.hpp"
#include "tests/plugins/store/waiting_store.hpp"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

using Integers = std::vector<std::pair<std::string, std::int64_t>>;

struct Fixture {
    TemporaryFolder folder;
    std::string file = (folder.path / "store.db").string();
    std::unique_ptr<ThreadHost> host = std::make_unique<ThreadHost>();
    std::unique_ptr<Store> store;
    Integers bounds;

    explicit Fixture(Integers given = {}) : bounds(std::move(given)) {}
    ~Fixture() { close(); }

    std::unique_ptr<Store> made() {
        Table table{{{"path", Value{file}}}};
        for (const auto& [name, value] : bounds) table.entries.push_back({name, Value{value}});
        auto made = create<Store>(gatehouse_plugin, std::move(table), *host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    WaitingStore open() {
        if (!store) store = made();
        return WaitingStore(*store);
    }
    void close() {
        store.reset();
        const auto moved = host->moved_ms.load();
        host = std::make_unique<ThreadHost>();
        host->moved_ms = moved;
    }
    WaitingStore reopen() {
        close();
        return open();
    }
    std::string error(const std::string& path) {
        auto made = create<Store>(gatehouse_plugin, strings({{"path", path}}), *host);
        REQUIRE(!made);
        return made.error().message;
    }
    bool has_logged(const std::string& line) const {
        for (const std::string& one : host->logged())
            if (one == line) return true;
        return false;
    }
    void await_log(const std::string& line) const {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!has_logged(line) && std::chrono::steady_clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CHECK_MESSAGE(has_logged(line), line);
    }
    void after_retry_time() const { host->moved_ms += 1'001; }
};

StoreKey key(const std::string& owner, const std::string& id) { return {owner, "response", id}; }

void execute(const std::string& file, const char* sql) {
    sqlite3* connection = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
    CHECK(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(connection);
}

}  // namespace

TEST_CASE("documents and counters survive a restart") {
    Fixture given;
    auto store = given.open();
    store.put(key("ann", "1"), "hello");
    store.put(StoreKey{"", std::string("a\0b", 3), "\xff"}, std::string("\0\x01", 2));
    store.put(key("ann", "2"), "");
    store.put(key("ann", "3"), "gone");
    CHECK(*store.erase(key("ann", "3")));
    CHECK_FALSE(*store.erase(key("ann", "3")));
    REQUIRE(store.add({{.key = key("ann", "1"), .amount = 7, .keep_for = WaitingStore::hour}}));
    CHECK(store.body(key("ann", "1")) == "hello");

    store = given.reopen();
    CHECK(store.body(key("ann", "1")) == "hello");
    CHECK(store.body(StoreKey{"", std::string("a\0b", 3), "\xff"}) == std::string("\0\x01", 2));
    CHECK(store.body(key("ann", "2")) == "");
    CHECK_FALSE(store.get(key("ann", "3")));
    CHECK_FALSE(store.get(key("bob", "1")));
    CHECK(store.count(key("ann", "1")) == 7);
    CHECK(given.store->size().records == 4);
    CHECK_FALSE(given.store->shared());
    CHECK(given.host->logged().empty());
}

TEST_CASE("a counter drains also while the gateway is stopped") {
    Fixture given;
    given.open();
    check_drain(*given.store, [&](std::chrono::milliseconds time) { given.host->moved_ms += time.count(); });
    auto change = [](WaitingStore store, std::int64_t amount) {
        return store
            .add({{.key = key("ann", "drains"),
                   .amount = amount,
                   .keep_for = 9 * WaitingStore::hour,
                   .drain = {.amount = 100, .time = std::chrono::seconds(100'000)}}})
            ->values.at(0);
    };
    CHECK(change(given.open(), 50) == 50);
    given.close();
    given.host->moved_ms += 10'000'500;
    CHECK(change(given.open(), 0) == 40);
}

TEST_CASE("a file of the first layout is used with its counters") {
    Fixture given;
    given.open().put(key("ann", "1"), "hello");
    REQUIRE(given.open().add({{.key = key("ann", "1"), .amount = 7, .keep_for = WaitingStore::hour}}));
    given.close();
    execute(given.file, "ALTER TABLE counters DROP COLUMN changed; PRAGMA user_version = 1");
    CHECK(given.open().count(key("ann", "1")) == 7);
    CHECK(given.open().body(key("ann", "1")) == "hello");
}

TEST_CASE("only the owner may read the file") {
    const mode_t before = ::umask(0);
    Fixture given;
    given.open().put(key("ann", "1"), "hello");
    ::umask(before);
    for (const auto& entry : std::filesystem::directory_iterator(given.folder.path)) {
        struct stat info {};
        REQUIRE(::stat(entry.path().c_str(), &info) == 0);
        CHECK_MESSAGE((info.st_mode & 0777) == 0600, entry.path().string());
    }
}

TEST_CASE("a put with another version than the expected one fails, also after a restart") {
    Fixture given;
    auto store = given.open();
    auto put = [&](std::string body, std::uint64_t expected) {
        return store.put(Put{key("ann", "1"), std::move(body), WaitingStore::hour, std::optional(expected)});
    };
    CHECK(put("a", 5).error().kind == ErrorKind::conflict);
    auto first = put("a", 0);
    REQUIRE(first);
    CHECK(!put("b", 0));
    store = given.reopen();
    CHECK(!put("b", 0));
    auto second = put("b", *first);
    REQUIRE(second);
    CHECK(*second > *first);
    CHECK(!put("c", *first));
    CHECK(*store.erase(key("ann", "1")));
    auto third = put("c", 0);
    REQUIRE(third);
    CHECK(*third > *second);
}

TEST_CASE("documents of the gateway never leave the file, and a new one is refused if there is no room") {
    Fixture given({{"max_records", 3}});
    auto put = [](WaitingStore store, const std::string& owner, const std::string& id) {
        return store.put(Put{.key = key(owner, id), .body = "x", .keep_for = WaitingStore::hour});
    };
    REQUIRE(put(given.open(), "", "1"));
    REQUIRE(put(given.reopen(), "", "2"));
    for (int i = 0; i < 5; ++i) REQUIRE(put(given.reopen(), "ann", std::to_string(i)));
    auto store = given.reopen();
    CHECK(store.get(key("", "1")));
    CHECK(store.get(key("", "2")));
    CHECK(store.get(key("ann", "4")));
    REQUIRE(put(store, "", "3"));
    const auto refused = put(store, "", "4");
    REQUIRE(!refused);
    CHECK(refused.error().message == "the store is full");
    store = given.reopen();
    CHECK_FALSE(store.get(key("ann", "4")));
    CHECK(put(store, "", "4").error().kind == ErrorKind::unavailable);
    CHECK(put(store, "", "3"));  // it exists
    CHECK(given.store->size().records >= 3);
}

TEST_CASE("beyond a bound the oldest documents go first in the file") {
    auto fill = [](WaitingStore store, const std::string& owner, int count) {
        for (int i = 0; i < count; ++i) store.put(key(owner, std::to_string(i)), std::string(487, 'x'));
    };
    SUBCASE("one owner") {
        Fixture given({{"max_bytes", 4'096}, {"max_bytes_per_owner", 1'024}, {"max_record_bytes", 1'024}});
        given.open().put(key("bob", "0"), "hello");
        fill(given.open(), "ann", 5);  // 499 bytes each
        auto store = given.reopen();
        CHECK_FALSE(store.get(key("ann", "2")));
        CHECK(store.get(key("ann", "3")));
        CHECK(store.get(key("bob", "0")));
    }
    SUBCASE("all owners") {
        Fixture given({{"max_bytes", 2'000}, {"max_bytes_per_owner", 2'000}, {"max_record_bytes", 1'024}});
        fill(given.open(), "ann", 2);
        given.reopen().put(key("ann", "0"), std::string(487, 'y'));  // written again: now the newest
        fill(given.open(), "bob", 3);
        auto store = given.reopen();
        CHECK_FALSE(store.get(key("ann", "1")));
        CHECK(store.get(key("ann", "0")));
        CHECK(given.store->size().bytes <= 2'000);
    }
    SUBCASE("by number") {
        Fixture given({{"max_records", 3}});
        fill(given.open(), "ann", 5);
        auto store = given.reopen();
        CHECK_FALSE(store.get(key("ann", "1")));
        CHECK(store.get(key("ann", "2")));
        CHECK(given.store->size().records == 3);
    }
}

TEST_CASE("documents and counters expire, and leave the file") {
    Fixture given({{"max_age_s", 7'200}});
    auto store = given.open();
    store.put(key("ann", "1"), "hello");
    REQUIRE(store.put(Put{.key = key("ann", "2"), .body = "x", .keep_for = std::chrono::hours(9)}));
    REQUIRE(store.add({{.key = key("ann", "1"), .amount = 7, .keep_for = WaitingStore::hour}}));
    store = given.reopen();
    given.host->moved_ms += 3'600'000;
    CHECK_FALSE(store.get(key("ann", "1")));
    CHECK(store.get(key("ann", "2")));
    CHECK(store.count(key("ann", "1")) == 0);
    CHECK(store.put(Put{key("ann", "1"), "new", WaitingStore::hour, 0}));
    given.host->moved_ms += 3'600'000;
    CHECK_FALSE(store.get(key("ann", "2")));
    store.put(key("bob", "1"), "x");
    store = given.reopen();
    CHECK(store.get(key("bob", "1")));
    CHECK(given.store->size().records == 1);
}

TEST_CASE("a file that cannot be used is refused at start with the reason") {
    Fixture given;
    const auto in_folder = [&](const std::string& name) { return (given.folder.path / name).string(); };
    CHECK(given.error("store.db") == "path: must be absolute, such as /var/lib/gatehouse/store.db");
    const std::string text = given.folder.write("text", "this is a text file");
    CHECK(given.error(text) ==
          "path: cannot use " + text + ": it is not a file of SQLite: move it away, and a new one is made");
    const std::string open_to_all = given.folder.write("open.db", "");
    REQUIRE(::chmod(open_to_all.c_str(), 0644) == 0);
    CHECK(given.error(open_to_all) ==
          "path: cannot use " + open_to_all +
              ": users other than its owner may read or write it: `chmod 600` it");
    CHECK(given.error(in_folder("none/store.db")) ==
          "path: cannot create " + in_folder("none/store.db") + ": No such file or directory");
    CHECK(given.error(given.folder.path.string()) ==
          "path: cannot open " + given.folder.path.string() + ": Is a directory");
    std::filesystem::create_symlink(open_to_all, in_folder("link"));
    CHECK(given.error(in_folder("link")) ==
          "path: cannot open " + in_folder("link") + ": Too many levels of symbolic links");
    REQUIRE(::mkfifo(in_folder("pipe").c_str(), 0600) == 0);
    CHECK(given.error(in_folder("pipe")) ==
          "path: cannot use " + in_folder("pipe") + ": it is not a regular file");
}

TEST_CASE("an instance that is never used, or only read, makes no file") {
    Fixture given;
    {
        auto store = given.open();
        CHECK_FALSE(std::filesystem::exists(given.file));
        const auto found = store.all({key("ann", "1")});
        REQUIRE(found);
        CHECK_FALSE((*found)[0]);
        CHECK_FALSE(std::filesystem::exists(given.file));
        CHECK(store.put(key("ann", "1"), "x") > 0);
        CHECK(store.body(key("ann", "1")) == "x");
    }
    CHECK(given.reopen().body(key("ann", "1")) == "x");
}

TEST_CASE("the store is unavailable while another process uses the file") {
    Fixture given;
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(given.file.c_str(), &other) == SQLITE_OK);
    REQUIRE(::chmod(given.file.c_str(), 0600) == 0);
    REQUIRE(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
    auto store = given.open();
    auto refused = store.put(Put{.key = key("ann", "1"), .body = "x", .keep_for = WaitingStore::hour});
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::unavailable);
    CHECK(refused.error().message == "the store is not available");
    CHECK(refused.error().detail == "another process uses the file");
    CHECK(refused.error().retry_after_seconds == 1);
    CHECK(!store.all({key("ann", "1")}));
    CHECK(!store.erase(key("ann", "1")));
    CHECK(!store.add({{.key = key("ann", "1"), .amount = 1, .keep_for = WaitingStore::hour}}));
    CHECK(given.host->logged() ==
          std::vector<std::string>{"store not available reason=another process uses the file"});
    sqlite3_close(other);
    given.after_retry_time();
    CHECK(store.put(key("ann", "1"), "x") > 0);
    CHECK(given.has_logged("store available again"));
}

TEST_CASE("a file of another program is not changed") {
    Fixture given;
    execute(given.file, "CREATE TABLE theirs(x); PRAGMA user_version = 7");
    REQUIRE(::chmod(given.file.c_str(), 0600) == 0);
    auto refused = given.open().all({key("ann", "1")});
    REQUIRE(!refused);
    CHECK(refused.error().detail ==
          "the file was not made by this plugin, or by another version of it: name another file in `path`");
}

TEST_CASE("a corrupt file is reported and does not end the process") {
    Fixture given;
    for (int i = 0; i < 200; ++i) given.open().put(key("ann", std::to_string(i)), std::string(2'000, 'x'));
    given.close();
    {
        std::fstream file(given.file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4'096);
        file << std::string(100'000, '\x5a');
    }
    auto store = given.open();
    bool failed = false;
    for (int i = 0; i < 200; ++i) failed |= !store.all({key("ann", std::to_string(i))});
    CHECK(failed);
    CHECK(given.has_logged(
        "store not available reason=the file is corrupt: move it away, and a new one is made"));
    std::filesystem::rename(given.file, given.file + ".corrupt");
    given.after_retry_time();
    CHECK(store.put(key("ann", "1"), "new") > 0);
    CHECK(given.reopen().body(key("ann", "1")) == "new");
}

TEST_CASE("a file or folder that is removed is made again as soon as that is possible") {
    Fixture given;
    given.file = (given.folder.path / "sub" / "store.db").string();
    std::filesystem::create_directory(given.folder.path / "sub");
    auto store = given.open();
    store.put(key("ann", "1"), "hello");
    REQUIRE(store.add({{.key = key("ann", "1"), .amount = 7, .keep_for = WaitingStore::hour}}));
    CHECK(store.get(key("ann", "1")));
    std::filesystem::remove_all(given.folder.path / "sub");
    auto refused = store.all({key("ann", "2")});
    REQUIRE(!refused);
    CHECK(refused.error().detail == "No such file or directory");
    CHECK(given.has_logged("store file was moved or removed"));
    std::filesystem::create_directory(given.folder.path / "sub");
    given.after_retry_time();
    CHECK(store.put(key("ann", "2"), "new") > 0);
    store = given.reopen();
    CHECK(store.body(key("ann", "2")) == "new");
    CHECK(store.count(key("ann", "1")) == 7);
}

TEST_CASE("a disk that refuses to write loses nothing that was accepted") {
    Fixture given;
    auto store = given.open();
    store.put(key("ann", "before"), "x");
    store = given.reopen();
    CHECK(store.get(key("ann", "before")));
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit whole{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &whole) == 0);
    const rlimit small{10'000, whole.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    store.put(key("ann", "accepted"), std::string(100'000, 'y'));
    given.await_log("store not available reason=disk I/O error");
    auto refused = store.put(Put{.key = key("ann", "later"), .body = "z", .keep_for = WaitingStore::hour});
    const bool reads = store.get(key("ann", "accepted")).has_value();
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &whole) == 0);
    REQUIRE(!refused);
    CHECK(refused.error().detail == "disk I/O error");
    CHECK(reads);
    given.await_log("store available again");
    CHECK(store.put(key("ann", "later"), "z") > 0);
    store = given.reopen();
    CHECK(store.get(key("ann", "before")));
    CHECK(store.get(key("ann", "accepted")));
    CHECK(store.get(key("ann", "later")));
}

TEST_CASE(
    "a document of the gateway is accepted only when the disk has it, and a loss at the end is logged") {
    Fixture given;
    auto store = given.open();
    store.put(key("", "active"), "key 1");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit whole{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &whole) == 0);
    const rlimit small{10'000, whole.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    // The first changes of a disk that has become full.
    const auto accepted = store.put(Put{
        .key = key("ann", "accepted"), .body = std::string(100'000, 'y'), .keep_for = WaitingStore::hour});
    const auto revoked = store.put(
        Put{.key = key("", "active"), .body = std::string(100'000, 'r'), .keep_for = WaitingStore::hour});
    const auto seen = store.get(key("", "active"));
    given.store.reset();
    const bool tells = given.has_logged("records lost count=1 reason=disk I/O error");
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &whole) == 0);
    CHECK(accepted);
    REQUIRE(!revoked);
    CHECK(revoked.error().kind == ErrorKind::unavailable);
    REQUIRE(seen);
    CHECK(seen->body == "key 1");
    CHECK(tells);
    store = given.reopen();
    CHECK(store.get(key("", "active"))->body == "key 1");
}

TEST_CASE("written documents survive the death of the process") {
    Fixture given;
    int ready[2] = {};
    REQUIRE(::pipe(ready) == 0);
    given.host->stop();  // a child of fork() has one thread only
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ThreadHost host;
        auto made = create<Store>(gatehouse_plugin, strings({{"path", given.file}}), host);
        WaitingStore store(**made);
        for (int i = 0; i < 100; ++i) store.put(key("ann", std::to_string(i)), "hello");
        std::this_thread::sleep_for(std::chrono::seconds(3));  // the store writes behind the completions
        (void)!::write(ready[1], "x", 1);
        for (;;) ::pause();
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);
    given.host = std::make_unique<ThreadHost>();
    auto store = given.open();
    for (int i = 0; i < 100; ++i) CHECK(store.get(key("ann", std::to_string(i))));
}

TEST_CASE("spent money that a caller knows of survives the death of the process") {
    Fixture given;
    given.host->stop();  // a child of fork() has one thread only
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ThreadHost host;
        auto made = create<Store>(gatehouse_plugin, strings({{"path", given.file}}), host);
        WaitingStore store(**made);
        (void)store.add({{.key = key("ann", "spent"), .amount = 1, .keep_for = WaitingStore::hour}});
        for (int i = 0; i < 9; ++i)
            (void)store.add({{.key = key("ann", "spent"), .amount = 1, .keep_for = WaitingStore::hour},
                             {.key = key("ann", "rate"),
                              .amount = 1,
                              .keep_for = WaitingStore::hour,
                              .drain = {1, std::chrono::hours(1)}}});
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(child, nullptr, 0);
    given.host = std::make_unique<ThreadHost>();
    auto store = given.open();
    const auto after = store.add({{.key = key("ann", "spent"), .amount = 0, .keep_for = WaitingStore::hour}});
    REQUIRE(after);
    CHECK(after->values == std::vector<std::int64_t>{10});
}

TEST_CASE("instances of two configurations share the file") {
    Fixture given;
    auto store = given.open();
    store.put(key("ann", "1"), "hello");
    auto next = given.made();
    CHECK(WaitingStore(*next).body(key("ann", "1")) == "hello");
    given.store = std::move(next);
    CHECK(given.open().put(key("ann", "2"), "x") > 0);
    CHECK(given.reopen().body(key("ann", "2")) == "x");
}

TEST_CASE("a reader accepts a limited number of bytes") {
    Fixture given;
    auto store = given.open();
    for (const bool reopened : {false, true}) {
        if (reopened)
            store = given.reopen();
        else
            store.put(key("ann", "1"), "hello");
        auto large = store.all({key("ann", "1"), key("ann", "1")}, 9);
        REQUIRE(!large);
        CHECK(large.error().kind == ErrorKind::too_large);
        CHECK(store.all({key("ann", "1"), key("ann", "1")}, 10));
    }
}

TEST_CASE("sixteen threads lose no document in the file and pass no limit") {
    Fixture given;
    given.open();
    check_limit_under_threads(*given.store);
    check_documents_under_threads(*given.store, 20);
    CHECK(given.reopen().body({"ann", "conversation", "shared"}).size() == 320);
}
