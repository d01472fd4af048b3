// SPDX-License-Identifier: Apache-2.0
// store/memory through its entry point: bounds, expiry, versions, counters, threads.
#include "tests/plugins/store/waiting_store.hpp"

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Fixture {
    FakeHost host;
    std::unique_ptr<Store> store;
    WaitingStore waiting;

    explicit Fixture(Table table = {}) : store(made(std::move(table))), waiting(*store) {}
    std::unique_ptr<Store> made(Table table) {
        auto made = create<Store>(gatehouse_plugin, std::move(table), host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    static Table integers(std::initializer_list<std::pair<std::string, std::int64_t>> entries) {
        Table table;
        for (const auto& [name, value] : entries) table.entries.push_back({name, Value{value}});
        return table;
    }
    std::string error(Table table) {
        auto made = create<Store>(gatehouse_plugin, std::move(table), host);
        REQUIRE(!made);
        return made.error().message;
    }
};

StoreKey key(const std::string& owner, const std::string& id) { return {owner, "response", id}; }

Count plus(const std::string& id, std::int64_t amount,
           std::int64_t limit = std::numeric_limits<std::int64_t>::max()) {
    return {.key = key("ann", id), .amount = amount, .keep_for = WaitingStore::hour, .limit = limit};
}

}  // namespace

TEST_CASE("a document is found under its owner, space and id only") {
    Fixture given;
    given.waiting.put(key("ann", "1"), "hello");
    CHECK(given.waiting.body(key("ann", "1")) == "hello");
    CHECK_FALSE(given.waiting.get(key("bob", "1")));
    CHECK_FALSE(given.waiting.get(key("ann", "2")));
    CHECK_FALSE(given.waiting.get(StoreKey{"ann", "conversation", "1"}));
    const auto all = given.waiting.all({key("ann", "2"), key("ann", "1"), key("ann", "1")});
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK_FALSE((*all)[0]);
    CHECK((*all)[1]->body == "hello");
    CHECK((*all)[2]->body == "hello");
    CHECK_FALSE(given.store->shared());
}

TEST_CASE("parts of a key do not run into each other") {
    Fixture given;
    given.waiting.put(StoreKey{"a", "bc", "d"}, "one");
    CHECK_FALSE(given.waiting.get(StoreKey{"ab", "c", "d"}));
    CHECK_FALSE(given.waiting.get(StoreKey{"a", "b", "cd"}));
}

TEST_CASE("each put has another version, also after an erasure and in the next process") {
    Fixture given;
    const auto first = given.waiting.put(key("ann", "1"), "a");
    const auto second = given.waiting.put(key("ann", "1"), "b");
    CHECK(second > first);
    CHECK(*given.waiting.erase(key("ann", "1")));
    CHECK_FALSE(*given.waiting.erase(key("ann", "1")));
    CHECK(given.waiting.put(key("ann", "1"), "c") > second);
    given.host.time += std::chrono::seconds(1);
    const auto next = given.made({});
    CHECK(WaitingStore(*next).put(key("ann", "1"), "d") > second);
}

TEST_CASE("a put with another version than the expected one fails") {
    Fixture given;
    auto put = [&](std::string body, std::uint64_t expected) {
        return given.waiting.put(
            Put{key("ann", "1"), std::move(body), WaitingStore::hour, std::optional(expected)});
    };
    auto wrong = put("a", 5);
    REQUIRE(!wrong);
    CHECK(wrong.error().kind == ErrorKind::conflict);
    CHECK(wrong.error().message == "the record has another version");
    auto first = put("a", 0);
    REQUIRE(first);
    CHECK(!put("b", 0));
    CHECK(put("b", *first));
    CHECK(!put("c", *first));
    CHECK(given.waiting.body(key("ann", "1")) == "b");
}

TEST_CASE("a document expires, and its memory is released") {
    Fixture given(Fixture::integers({{"max_age_s", 7'200}}));
    given.waiting.put(key("ann", "1"), "hello");
    REQUIRE(given.waiting.put(Put{.key = key("ann", "2"), .body = "x", .keep_for = std::chrono::hours(9)}));
    CHECK(given.store->size().records == 2);
    CHECK(given.store->size().bytes == 2 * 12 + 6);
    given.host.time += std::chrono::minutes(60);
    CHECK_FALSE(given.waiting.get(key("ann", "1")));
    CHECK_FALSE(*given.waiting.erase(key("ann", "1")));
    CHECK(given.waiting.put(Put{key("ann", "1"), "new", WaitingStore::hour, 0}));
    given.host.time += std::chrono::minutes(60);
    CHECK_FALSE(given.waiting.get(key("ann", "2")));
    CHECK(given.store->size().records == 0);
    CHECK(given.store->size().bytes == 0);
}

TEST_CASE("beyond a bound the oldest documents go first") {
    auto fill = [](Fixture& given, const std::string& owner, int count) {
        for (int i = 0; i < count; ++i)
            given.waiting.put(key(owner, std::to_string(i)), std::string(487, 'x'));
    };
    SUBCASE("one owner") {
        Fixture given(Fixture::integers(
            {{"max_bytes", 4'096}, {"max_bytes_per_owner", 1'024}, {"max_record_bytes", 1'024}}));
        given.waiting.put(key("bob", "0"), "hello");
        fill(given, "ann", 5);  // 499 bytes each
        CHECK_FALSE(given.waiting.get(key("ann", "2")));
        CHECK(given.waiting.get(key("ann", "3")));
        CHECK(given.waiting.get(key("bob", "0")));
    }
    SUBCASE("all owners") {
        Fixture given(Fixture::integers(
            {{"max_bytes", 2'000}, {"max_bytes_per_owner", 2'000}, {"max_record_bytes", 1'024}}));
        fill(given, "ann", 2);
        given.waiting.put(key("ann", "0"), std::string(487, 'y'));  // written again: now the newest
        fill(given, "bob", 3);
        CHECK_FALSE(given.waiting.get(key("ann", "1")));
        CHECK(given.waiting.get(key("ann", "0")));
        CHECK(given.store->size().bytes <= 2'000);
    }
    SUBCASE("by number") {
        Fixture given(Fixture::integers({{"max_records", 3}}));
        fill(given, "ann", 5);
        CHECK(given.store->size().records == 3);
        CHECK_FALSE(given.waiting.get(key("ann", "1")));
        CHECK(given.waiting.get(key("ann", "2")));
    }
}

TEST_CASE("documents of the gateway never go, and a new one is refused if there is no room") {
    Fixture given(Fixture::integers({{"max_records", 3}}));
    auto put = [&](const std::string& owner, const std::string& id) {
        return given.waiting.put(Put{.key = key(owner, id), .body = "x", .keep_for = WaitingStore::hour});
    };
    REQUIRE(put("", "1"));
    REQUIRE(put("", "2"));
    for (int i = 0; i < 5; ++i) REQUIRE(put("ann", std::to_string(i)));
    CHECK(given.waiting.get(key("", "1")));
    CHECK(given.waiting.get(key("", "2")));
    CHECK(given.waiting.get(key("ann", "4")));
    CHECK(given.store->size().records == 3);
    REQUIRE(put("", "3"));
    CHECK_FALSE(given.waiting.get(key("ann", "4")));
    for (const char* owner : {"", "ann"}) {
        const auto refused = put(owner, "new");
        REQUIRE(!refused);
        CHECK(refused.error().kind == ErrorKind::unavailable);
        CHECK(refused.error().message == "the store is full");
        CHECK(refused.error().detail ==
              "the records of the gateway leave no room: raise max_bytes or max_records");
    }
    CHECK(put("", "1"));  // it exists
    CHECK(given.store->size().records == 3);
}

TEST_CASE("a document that cannot be stored is refused with the reason") {
    Fixture given(Fixture::integers({{"max_record_bytes", 1'024}}));
    auto refusal = [&](StoreKey where, std::string body, std::chrono::milliseconds keep_for) {
        auto put =
            given.waiting.put(Put{.key = std::move(where), .body = std::move(body), .keep_for = keep_for});
        REQUIRE(!put);
        return put.error();
    };
    CHECK(refusal(key("ann", "1"), std::string(1'024, 'x'), WaitingStore::hour).message ==
          "the record is larger than max_record_bytes");
    CHECK(refusal(key("ann", "1"), std::string(1'024, 'x'), WaitingStore::hour).kind == ErrorKind::too_large);
    CHECK(refusal(key("ann", std::string(1'024, 'i')), "", WaitingStore::hour).message ==
          "the key of the record is longer than 1024 bytes");
    CHECK(refusal(key("ann", "1"), "", std::chrono::milliseconds(0)).message ==
          "the record would expire at once: keep_for is 0 ms");
    CHECK(given.waiting.put(key("ann", std::string(1'024 - 11, 'i')), "") > 0);
    given.waiting.put(key("ann", "1"), "hello");
    auto large = given.waiting.all({key("ann", "1"), key("ann", "1")}, 9);
    REQUIRE(!large);
    CHECK(large.error().kind == ErrorKind::too_large);
    CHECK(given.waiting.all({key("ann", "1"), key("ann", "1")}, 10));
}

TEST_CASE("counters change together or not at all") {
    Fixture given;
    auto both = given.waiting.add({plus("a", 3, 5), plus("b", 4)});
    REQUIRE(both);
    CHECK(both->added);
    CHECK(both->values == std::vector<std::int64_t>{3, 4});
    auto refused = given.waiting.add({plus("b", 1), plus("a", 3, 5)});
    REQUIRE(refused);
    CHECK_FALSE(refused->added);
    CHECK(refused->values == std::vector<std::int64_t>{4, 3});
    auto twice = given.waiting.add({plus("a", 1, 5), plus("a", 1, 5), plus("a", -9), plus("a", 0)});
    REQUIRE(twice);
    CHECK(twice->values == std::vector<std::int64_t>{4, 5, -4, -4});
    auto lowered = given.waiting.add({plus("b", -1, 0)});
    CHECK(lowered->added);
    auto overflow = given.waiting.add({plus("b", std::numeric_limits<std::int64_t>::max())});
    CHECK_FALSE(overflow->added);
    CHECK(overflow->values == std::vector<std::int64_t>{3});
}

TEST_CASE("a counter expires after the time of its first change, and no bound removes it") {
    Fixture given(Fixture::integers({{"max_counters", 2}, {"max_records", 1}, {"max_age_s", 60}}));
    REQUIRE(given.waiting.add({plus("a", 1)}));
    given.host.time += std::chrono::minutes(59);
    REQUIRE(given.waiting.add({plus("a", 1), plus("b", 1)}));
    auto full = given.waiting.add({plus("c", 1)});
    REQUIRE(!full);
    CHECK(full.error().kind == ErrorKind::unavailable);
    CHECK(full.error().message == "the store has its maximum of 2 counters");
    CHECK(given.waiting.count(key("ann", "a")) == 2);
    for (int i = 0; i < 9; ++i) given.waiting.put(key("ann", std::to_string(i)), "x");
    given.host.time += std::chrono::minutes(1);
    CHECK(given.waiting.count(key("ann", "a")) == 0);
    CHECK(given.waiting.count(key("ann", "b")) == 1);
    CHECK(given.waiting.add({plus("c", 1)}));
}

TEST_CASE("a document and a counter of the same key are two records") {
    Fixture given;
    given.waiting.put(key("ann", "1"), "hello");
    REQUIRE(given.waiting.add({plus("1", 7)}));
    CHECK(given.waiting.body(key("ann", "1")) == "hello");
    CHECK(*given.waiting.erase(key("ann", "1")));
    CHECK(given.waiting.count(key("ann", "1")) == 7);
}

TEST_CASE("a counter that drains loses exactly its rate, and lives from its last change on") {
    Fixture given;
    check_drain(*given.store, [&](std::chrono::milliseconds time) { given.host.time += time; });
    auto change = [&](std::int64_t amount) {
        return given.waiting
            .add({{.key = key("ann", "slow"),
                   .amount = amount,
                   .keep_for = std::chrono::minutes(2),
                   .limit = 10,
                   .drain = {.amount = 7, .time = std::chrono::minutes(1)}}})
            ->values.at(0);
    };
    CHECK(change(10) == 10);
    given.host.time += std::chrono::seconds(8);
    CHECK(change(0) == 10);  // less than one
    given.host.time += std::chrono::seconds(1);
    CHECK(change(0) == 9);
    given.host.time += std::chrono::seconds(51);
    CHECK(change(1) == 4);
    given.host.time += std::chrono::seconds(119);
    CHECK(change(10) == 10);
    auto invalid = given.waiting.add({{.key = key("ann", "slow"),
                                       .amount = 1,
                                       .keep_for = std::chrono::minutes(2),
                                       .drain = {.amount = 7}}});
    REQUIRE(!invalid);
    CHECK(invalid.error().message == "the counter cannot drain 7 in 0 ms");
}

TEST_CASE("sixteen threads lose no document and pass no limit") {
    Fixture given;
    check_limit_under_threads(*given.store);
    check_documents_under_threads(*given.store, 200);
}

TEST_CASE("bounds that exclude each other are refused by name") {
    Fixture given;
    CHECK(given.error(Fixture::integers({{"max_record_bytes", 70'000'000}})) ==
          "max_record_bytes: must not be larger than max_bytes_per_owner (67108864)");
    CHECK(given.error(Fixture::integers({{"max_bytes", 60'000'000}})) ==
          "max_bytes_per_owner: must not be larger than max_bytes (60000000)");
}
