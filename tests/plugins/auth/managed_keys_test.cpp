// SPDX-License-Identifier: Apache-2.0
// Keys that an operator makes by the admin API, in one gateway and in two that share a store.
#include "plugins/auth/managed_keys/key_record.hpp"
#include "plugins/auth/managed_keys/key_store.hpp"
#include "plugins/auth/managed_keys/stored_uses.hpp"

#include <gatehouse/fake_store.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/sdk.hpp>
#include <gatehouse/testing.hpp>

#include <doctest/doctest.h>

#include <set>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::testing;
using namespace gatehouse::managed_keys;

extern "C" const Descriptor gatehouse_plugin;

namespace {

/// A gateway with the plugin.
struct Gateway {
    explicit Gateway(FakeStore& store, Table options = {}) {
        host.given_store = &store;
        host.time = std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000));
        auto made = gatehouse_plugin.create(FakeConfig(options), host);
        if (!made) FAIL(made.error().message);
        plugin.reset(static_cast<Authenticator*>(made->release()));
    }

    struct Answer {
        int status;
        std::string body;
        JsonValue operator[](const char* key) const { return (*read_json(std::string_view(body)))[key]; }
    };
    Answer call(std::string method, std::string path, std::string body = {}, std::string query = {}) {
        const auto out = call_admin(
            *plugin->admin(), {.method = method, .path = path, .query = query, .body = body, .who = "ops"});
        REQUIRE(*out);
        if (!**out) {
            const Error& error = (**out).error();
            return {status_of(error), error.message};
        }
        return {(**out)->head.status, (**out)->body};
    }
    /// The identity of a client with this key, or the error.
    Result<Identity> identify(const std::string& key) {
        const http::RequestHead head{.headers = {{"authorization", "Bearer " + key}}};
        std::optional<Result<Identity>> out;
        plugin->authenticate(head, into(out));
        REQUIRE(out);
        return *out;
    }
    std::string who(const std::string& key) {
        const auto identity = identify(key);
        return identity ? identity->name : identity.error().message;
    }

    /// Runs the timers that wait now: a look at the store.
    void refresh() {
        auto tasks = std::exchange(host.timers, {});
        for (auto& task : tasks) task();
    }

    FakeHost host;
    std::unique_ptr<Authenticator> plugin;
};

const std::string wrong = "the API key is missing or wrong";

}  // namespace

TEST_CASE("a new key authenticates its client, with its groups, models and id") {
    FakeStore store;
    Gateway gateway(store);
    const auto made =
        gateway.call("POST", "", R"({"name":"alice","groups":["team:blue"],"models":["gpt-5"],"note":"n"})");
    REQUIRE(made.status == 201);
    const std::string key = made["key"].str(), id = made["id"].str();
    CHECK(key.size() == 63);
    CHECK(key.starts_with("gh-" + id + "-"));
    CHECK(made["created_by"].str() == "ops");
    CHECK(made["state"].str() == "active");
    CHECK(!gateway.call("GET", "/" + id)["last_used_at"]);
    CHECK(gateway.who(make_key(id)) == wrong);
    CHECK(!gateway.call("GET", "/" + id)["last_used_at"]);
    const auto identity = gateway.identify(key);
    REQUIRE(identity);
    CHECK(gateway.call("GET", "/" + id)["last_used_at"].integer() == made["created_at"].integer());
    CHECK(identity->name == "alice");
    CHECK(identity->id == id);
    CHECK(identity->groups == std::vector<std::string>{"team:blue"});
    CHECK(identity->models == std::vector<std::string>{"gpt-5"});

    CHECK(gateway.who("") == wrong);
    CHECK(gateway.who(key.substr(0, 62)) == wrong);
    for (const std::size_t place : {3u, 20u, 60u}) {
        std::string other = key;
        other[place] = other[place] == 'a' ? 'b' : 'a';
        CHECK(gateway.who(other) == wrong);
    }
    CHECK(gateway.who(make_key(id)) == wrong);         // the right form and id, another secret
    CHECK(gateway.who(make_key(make_id())) == wrong);  // no such id
}

TEST_CASE("the store and the admin API never show a secret") {
    FakeStore store;
    Gateway gateway(store);
    const std::string key = gateway.call("POST", "", R"({"name":"alice"})")["key"].str();
    const std::string id = key.substr(3, 10);
    for (const auto& shown : {gateway.call("GET", ""), gateway.call("GET", "/" + id)}) {
        CHECK(shown.status == 200);
        CHECK(shown.body.find(key) == std::string::npos);
        CHECK(shown.body.find("digest") == std::string::npos);
        CHECK(shown.body.find("alice") != std::string::npos);
    }
    std::optional<Result<std::vector<std::optional<Record>>>> found;
    std::vector<StoreKey> all;
    for (std::size_t i = 0; i < KeyTable::shards; ++i)
        all.push_back({"", "managed_keys", "keys/" + std::to_string(i)});
    store.get(all, 1'000'000, into(found));
    for (const auto& record : **found)
        if (record) CHECK(record->body.find(key.substr(14)) == std::string::npos);
    for (const std::string& line : gateway.host.logged) CHECK(line.find(key) == std::string::npos);
}

TEST_CASE("a rotated key has two secrets until the grace period ends") {
    FakeStore store;
    Gateway gateway(store);
    const std::string first = gateway.call("POST", "", R"({"name":"alice"})")["key"].str();
    const std::string path = "/" + first.substr(3, 10);
    const auto rotated = gateway.call("POST", path + "/rotate", R"({"grace_seconds":60})");
    const std::string second = rotated["key"].str();
    CHECK(rotated["old_key_valid_until"].integer() == 1'000'060);
    CHECK(second != first);
    gateway.host.time += std::chrono::seconds(59);
    CHECK(gateway.who(first) == "alice");
    CHECK(gateway.who(second) == "alice");
    gateway.host.time += std::chrono::seconds(1);
    CHECK(gateway.who(first) == wrong);
    CHECK(gateway.who(second) == "alice");
    // The default grace period; the first secret is gone at the next rotation.
    const std::string third = gateway.call("POST", path + "/rotate")["key"].str();
    gateway.host.time += std::chrono::hours(23);
    CHECK(gateway.who(second) == "alice");
    CHECK(gateway.who(third) == "alice");
    gateway.host.time += std::chrono::hours(1);
    CHECK(gateway.who(second) == wrong);
    const std::string fourth = gateway.call("POST", path + "/rotate", R"({"grace_seconds":0})")["key"].str();
    CHECK(gateway.who(third) == wrong);
    CHECK(gateway.who(fourth) == "alice");
}

TEST_CASE("a blocked, expired or revoked key is refused, and says so to its owner only") {
    FakeStore store;
    Gateway gateway(store);
    const std::string key = gateway.call("POST", "", R"({"name":"alice"})")["key"].str();
    const std::string path = "/" + key.substr(3, 10);
    CHECK(gateway.call("POST", path + "/block", R"({"reason":"leaked"})")["state"].str() == "blocked");
    CHECK(gateway.who(key) == "the API key is blocked");
    CHECK(gateway.identify(key).error().detail == "key " + path.substr(1) + " (alice) is blocked");
    CHECK(gateway.who(make_key(path.substr(1))) == wrong);
    CHECK(gateway.call("POST", path + "/unblock")["state"].str() == "active");
    CHECK(gateway.who(key) == "alice");

    CHECK(gateway.call("PATCH", path, R"({"expires_at":1000010,"name":"bob"})").status == 200);
    CHECK(gateway.who(key) == "bob");
    gateway.host.time += std::chrono::seconds(10);
    CHECK(gateway.who(key) == "the API key is expired");
    CHECK(gateway.call("PATCH", path, R"({"expires_at":0})").status == 200);
    CHECK(gateway.who(key) == "bob");

    CHECK(gateway.call("DELETE", path)["state"].str() == "revoked");
    CHECK(gateway.who(key) == wrong);
    CHECK(gateway.call("POST", path + "/rotate").status == 409);
    CHECK(gateway.call("GET", path)["name"].str() == "bob");  // the record stays
    CHECK(gateway.call("POST", "", R"({"name":"bob"})").status == 201);
}

TEST_CASE("another gateway of the same store follows within one look at it, and keeps its keys without it") {
    FakeStore store;
    Gateway one(store), two(store);
    const std::string key = one.call("POST", "", R"({"name":"alice"})")["key"].str();
    CHECK(two.who(key) == wrong);
    two.refresh();
    CHECK(two.who(key) == "alice");
    store.failure = Error{ErrorKind::unavailable, "the store is away"};
    two.refresh();
    two.refresh();
    CHECK(two.who(key) == "alice");
    CHECK(std::count(two.host.logged.begin(), two.host.logged.end(),
                     "keys not refreshed, the last known ones stay valid reason=the store is away") == 1);
    CHECK(two.call("POST", "", R"({"name":"bob"})").status == 503);
    store.failure.reset();
    (void)one.call("POST", "/" + key.substr(3, 10) + "/block");
    two.refresh();
    CHECK(two.who(key) == "the API key is blocked");
    CHECK(two.host.logged.back() == "keys refreshed again");
}

TEST_CASE("a change without its announcement is found too, because the documents are read in turn") {
    FakeStore store;
    Gateway one(store), two(store);
    const std::string key = one.call("POST", "", R"({"name":"alice"})")["key"].str();
    two.refresh();
    CHECK(two.who(key) == "alice");
    const std::string shard = std::to_string(KeyTable::shard_of(key.substr(3, 10)));
    std::optional<Result<Counts>> counted;
    CHECK(one.call("DELETE", "/" + key.substr(3, 10)).status == 200);
    store.add(
        {{.key = {"", "managed_keys", "changes/" + shard}, .amount = -1, .keep_for = std::chrono::hours(1)}},
        into(counted));
    for (std::size_t i = 0; i < 4 * KeyTable::shards; ++i) two.refresh();
    CHECK(two.who(key) == wrong);
}

TEST_CASE("a store that is away at the start answers with unavailable, and is asked again") {
    FakeStore store;
    store.failure = Error{ErrorKind::unavailable, "away"};
    Gateway gateway(store);
    const auto refused = gateway.identify(make_key(make_id()));
    CHECK(refused.error().kind == ErrorKind::unavailable);
    CHECK(gateway.who("sk-other") == wrong);
    CHECK(gateway.call("GET", "").status == 503);
    store.failure.reset();
    gateway.refresh();
    CHECK(gateway.call("GET", "").status == 200);
}

TEST_CASE("the log and a gauge have the number of loaded keys, with a warning for none") {
    FakeStore store;
    store.failure = Error{ErrorKind::unavailable, "away"};
    Gateway first(store);
    CHECK(first.host.logged.size() == 1);
    store.failure.reset();
    first.refresh();
    CHECK(first.host.logged[1] ==
          "no keys loaded, every key is refused remedy=make a key with `gatehouse keys create NAME`; if the "
          "store has keys, correct its table");
    auto count = [](Gateway& gateway) { return gateway.host.meters["keys"].numbers[""]; };
    CHECK(count(first) == 0);
    for (const char* body : {R"({"name":"alice"})", R"({"name":"bob"})"}) first.call("POST", "", body);
    CHECK(count(first) == 2);
    Gateway second(store);
    CHECK(second.host.logged == std::vector<std::string>{"keys loaded count=2"});
    first.call("POST", "", R"({"name":"carol"})");
    second.refresh();
    CHECK(count(second) == 3);
    CHECK(second.host.logged.size() == 1);
}

TEST_CASE("two gateways that change the same shard at the same time lose no change") {
    FakeStore store;
    Gateway one(store), two(store);
    const std::string key = one.call("POST", "", R"({"name":"alice"})")["key"].str();
    two.refresh();
    store.holds = true;
    const std::string path = "/" + key.substr(3, 10);
    const auto note =
        call_admin(*one.plugin->admin(), {.method = "PATCH", .path = path, .body = R"({"note":"n"})"});
    const auto groups =
        call_admin(*two.plugin->admin(), {.method = "PATCH", .path = path, .body = R"({"groups":["g"]})"});
    for (int i = 0; i < 20; ++i) store.release();
    store.holds = false;
    REQUIRE(*note);
    REQUIRE(*groups);
    one.refresh();
    const auto shown = one.call("GET", path);
    CHECK(shown["note"].str() == "n");
    CHECK(shown["groups"][0].str() == "g");
}

TEST_CASE("a list comes in pages") {
    FakeStore store;
    Gateway gateway(store);
    for (int i = 0; i < 25; ++i)
        REQUIRE(gateway.call("POST", "", R"({"name":"k)" + std::to_string(i) + "\"}").status == 201);
    std::string cursor;
    std::set<std::string> names;
    int pages = 0;
    do {
        const auto page = gateway.call("GET", "", "", "limit=10&cursor=" + cursor);
        for (const JsonValue key : page["keys"].items()) names.insert(key["name"].str());
        cursor = page["cursor"].str();
        ++pages;
    } while (!cursor.empty());
    CHECK(names.size() == 25);
    CHECK(pages == 3);
    for (const char* query : {"limit=0", "limit=x", "limit=1001", "limit=10x"})
        CHECK(gateway.call("GET", "", "", query).status == 400);
}

TEST_CASE("a wrong call says what is right, and changes nothing") {
    FakeStore store;
    Gateway gateway(store, Table{{Entry{"max_keys", Value{std::int64_t{2}}}}});
    const std::pair<const char*, const char*> table[] = {
        {"[]", "the body is not a JSON object"},
        {"{", "the body is not a JSON object"},
        {"{}", "name is missing"},
        {R"({"name":""})", "name must be 1 to 64 visible ASCII characters without blanks"},
        {R"({"name":7})", "name must be 1 to 64 visible ASCII characters without blanks"},
        {R"({"name":"a","budget":1})", "unknown member; known are name, groups, models, expires_at, note"},
        {R"({"name":"a","groups":"g"})", "groups must be an array of at most 100 strings"},
        {R"({"name":"a","models":[1]})", "models must be an array of at most 100 strings"},
        {R"({"name":"a","expires_at":-1})", "expires_at must be an integer from 0 to 253402300799"},
        {R"({"name":"a","expires_at":"x"})", "expires_at must be an integer from 0 to 253402300799"},
        {R"({"name":"a","note":[]})", "note must be a string of at most 500 bytes"},
    };
    for (const auto& row : table) {
        const std::string body = row.first, message = row.second;
        CAPTURE(body);
        const auto answer = gateway.call("POST", "", body);
        CHECK(answer.status == 400);
        CHECK(answer.body == message);
    }
    CHECK(gateway.call("POST", "", R"({"name":"a","models":["a*b"]})").status == 400);
    CHECK(gateway.call("GET", "")["keys"].empty());
    CHECK(gateway.call("GET", "/none").status == 404);
    CHECK(gateway.call("PATCH", "/none", "{}").status == 404);
    CHECK(gateway.call("DELETE", "/none").status == 404);
    CHECK(gateway.call("DELETE", "").status == 404);
    CHECK(gateway.call("POST", "/none/rotate").status == 404);
    CHECK(gateway.call("POST", "/none/sing").status == 404);
    CHECK(gateway.call("GET", "/none/rotate").status == 405);

    const auto made = gateway.call("POST", "", R"({"name":"a"})");
    CHECK(gateway.call("POST", "", R"({"name":"a"})").body == "there is a key of this name already");
    CHECK(gateway.call("POST", "", R"({"name":"b"})").status == 201);
    CHECK(gateway.call("POST", "", R"({"name":"c"})").body == "there are as many keys as max_keys allows");
    CHECK(gateway.call("PATCH", "/" + made["id"].str(), R"({"name":"b"})").status == 409);
    CHECK(gateway.call("POST", "/" + made["id"].str() + "/rotate", R"({"grace_seconds":1e12})").status ==
          400);
}

TEST_CASE("a damaged document of the store keeps the last known keys, and is told in the log") {
    FakeStore store;
    Gateway gateway(store);
    const std::string key = gateway.call("POST", "", R"({"name":"alice"})")["key"].str();
    const std::size_t shard = KeyTable::shard_of(key.substr(3, 10));
    const std::string number = std::to_string(shard);
    for (const char* body : {"x", R"({"revision":9,"keys":[{"id":"a","secrets":[{"digest":"short"}]}]})",
                             R"({"revision":9,"keys":[{}]})"}) {
        std::optional<Result<std::uint64_t>> put;
        store.put(
            {.key = {"", "managed_keys", "keys/" + number}, .body = body, .keep_for = std::chrono::hours(1)},
            into(put));
        std::optional<Result<Counts>> counted;
        store.add({{.key = {"", "managed_keys", "changes/" + number},
                    .amount = 1,
                    .keep_for = std::chrono::hours(1)}},
                  into(counted));
        gateway.refresh();
        CHECK(gateway.who(key) == "alice");
        CHECK(gateway.host.logged.back().starts_with("keys of a shard not read shard=" + number));
    }
}

TEST_CASE("the keys outlive the lifetime that the store gives to a document") {
    FakeStore store;
    Gateway gateway(store);
    const std::string key = gateway.call("POST", "", R"({"name":"alice"})")["key"].str();
    const std::chrono::hours lifetime(24 * 3650);
    store.time += lifetime - std::chrono::hours(1);
    gateway.refresh();
    store.time += std::chrono::hours(2);
    Gateway later(store);
    CHECK(later.who(key) == "alice");
}

TEST_CASE("a store that was emptied, or restored from a backup, gets the keys of the running gateway") {
    FakeStore store;
    Gateway gateway(store);
    const auto first = gateway.call("POST", "", R"({"name":"alice"})");
    const std::string number = std::to_string(KeyTable::shard_of(first["id"].str()));
    const StoreKey document{"", "managed_keys", "keys/" + number};
    std::optional<Result<std::vector<std::optional<Record>>>> backup;
    store.get({document}, 1 << 20, into(backup));
    REQUIRE(gateway.call("DELETE", "/" + first["id"].str()).status == 200);
    for (const bool emptied : {true, false}) {
        CAPTURE(emptied);
        std::optional<Result<bool>> erased;
        store.erase(document, into(erased));
        std::optional<Result<std::uint64_t>> put;
        if (!emptied)
            store.put({.key = document, .body = (**backup)[0]->body, .keep_for = std::chrono::hours(1)},
                      into(put));
        std::optional<Result<Counts>> counted;
        store.add({{.key = {"", "managed_keys", "changes/" + number},
                    .amount = 1,
                    .keep_for = std::chrono::hours(1)}},
                  into(counted));
        gateway.refresh();
        CHECK(gateway.host.logged.back() ==
              "the store had older keys than this process: keys stored again shard=" + number);
        Gateway later(store);
        CHECK(later.call("GET", "/" + first["id"].str())["state"].str() == "revoked");
    }
}

TEST_CASE("a store that lost all documents, but no counter, gets every key as soon as one loss is found") {
    FakeStore store;
    Gateway gateway(store);
    for (int i = 0; i < 40; ++i)
        REQUIRE(gateway.call("POST", "", R"({"name":"dev)" + std::to_string(i) + R"("})").status == 201);
    gateway.refresh();  // it knows the counters of its own changes
    for (std::size_t number = 0; number < KeyTable::shards; ++number) {
        std::optional<Result<bool>> erased;
        store.erase({"", "managed_keys", "keys/" + std::to_string(number)}, into(erased));
    }
    const std::size_t lines = gateway.host.logged.size();
    for (std::size_t look = 0; look < 4 * KeyTable::shards && gateway.host.logged.size() == lines; ++look)
        gateway.refresh();
    REQUIRE(gateway.host.logged.size() == lines + 1);
    gateway.refresh();
    Gateway later(store);
    CHECK(later.host.logged.back() == "keys loaded count=40");
}

TEST_CASE("a change after the store was emptied keeps the other keys") {
    FakeStore store;
    Gateway gateway(store);
    const auto made = gateway.call("POST", "", R"({"name":"alice"})");
    const std::string id = made["id"].str();
    std::optional<Result<bool>> erased;
    store.erase({"", "managed_keys", "keys/" + std::to_string(KeyTable::shard_of(id))}, into(erased));
    REQUIRE(gateway.call("PATCH", "/" + id, R"({"note":"new"})").status == 200);
    Gateway later(store);
    CHECK(later.who(made["key"].str()) == "alice");
    CHECK(later.call("GET", "/" + id)["note"].str() == "new");
}

TEST_CASE("an older document does not bring back a revoked key") {
    KeyTable table;
    const std::string id = make_id();
    const std::size_t shard = KeyTable::shard_of(id);
    auto record = [&](std::int64_t revoked_at) {
        return std::make_shared<const KeyRecord>(KeyRecord{.id = id, .revoked_at = revoked_at});
    };
    CHECK(table.replace(shard, {2, {record(5)}}));
    CHECK_FALSE(table.replace(shard, {1, {record(0)}}));
    CHECK(table.find(id)->revoked_at == 5);
}

TEST_CASE("a changed document is read without the records that have not changed") {
    Shard shard{1, {}};
    for (int i = 0; i < 3; ++i)
        shard.keys.push_back(std::make_shared<const KeyRecord>(
            KeyRecord{.id = make_id(), .name = "n" + std::to_string(i), .note = std::string("a note")}));
    auto none = [](std::string_view) { return KeyPointer(); };
    const auto before = read_shard(write_shard(shard), none);
    REQUIRE(before);
    KeyRecord changed = *shard.keys[1];
    changed.blocked_at = 5, changed.blocked_because = std::string("lost");
    shard.keys[1] = std::make_shared<const KeyRecord>(changed);
    const auto after = read_shard(write_shard(shard), [&](std::string_view id) {
        const auto at = std::ranges::find(before->keys, id, &KeyRecord::id);
        return at == before->keys.end() ? nullptr : *at;
    });
    REQUIRE(after);
    REQUIRE(after->keys.size() == 3);
    CHECK(after->keys[0] == before->keys[0]);
    CHECK(after->keys[2] == before->keys[2]);
    CHECK(after->keys[1]->blocked_at == 5);
    CHECK(*after->keys[1]->blocked_because == "lost");
    CHECK(*after->keys[1]->note == "a note");
}

TEST_CASE("the log warns of keys that expire soon, once for each end") {
    FakeStore store;
    Gateway gateway(store, Table{{Entry{"expiry_warning_days", Value{std::int64_t{7}}}}});
    auto make = [&](const std::string& name, std::int64_t end) {
        return gateway
            .call("POST", "", R"({"name":")" + name + R"(","expires_at":)" + std::to_string(end) + "}")["id"]
            .str();
    };
    constexpr std::int64_t start = 1'000'000, day = 86'400;
    const std::string soon = make("soon", start + 7 * day), later = make("later", start + 8 * day);
    make("never", 0);
    CHECK(gateway.call("POST", "/" + make("blocked", start + day) + "/block").status == 200);
    CHECK(gateway.call("DELETE", "/" + make("revoked", start + day)).status == 200);
    auto warnings = [&] {
        gateway.host.logged.clear();
        gateway.refresh();
        return gateway.host.logged;
    };
    CHECK(warnings() ==
          std::vector<std::string>{"key expires soon key=" + soon + " name=soon at=1970-01-19T13:46:40Z"});
    CHECK(gateway.host.meters["keys_expiring"].numbers[""] == 1);
    CHECK(warnings().empty());
    gateway.host.time += std::chrono::hours(24);
    CHECK(warnings() ==
          std::vector<std::string>{"key expires soon key=" + later + " name=later at=1970-01-20T13:46:40Z"});
    CHECK(gateway.host.meters["keys_expiring"].numbers[""] == 2);
    CHECK(gateway.call("PATCH", "/" + soon, R"({"expires_at":)" + std::to_string(start + 7 * day + 1) + "}")
              .status == 200);
    CHECK(warnings().size() == 1);
    gateway.host.time += std::chrono::hours(24 * 30);
    CHECK(warnings().empty());
    CHECK(gateway.host.meters["keys_expiring"].numbers[""] == 0);
    for (int i = 0; i < 15; ++i) make("many" + std::to_string(i), start + 32 * day);
    CHECK(warnings().size() == 11);
    CHECK(gateway.host.logged.back() == "more keys expire soon count=5");
}

TEST_CASE("the store keeps the last use of each key for a later process and for other gateways") {
    constexpr std::int64_t start = 1'000'000;
    /// A gateway with its own memory of the uses.
    struct Process {
        explicit Process(FakeStore& store) {
            host.given_store = &store;
            host.time = std::chrono::system_clock::time_point(std::chrono::seconds(start + 50));
            keys.emplace(host, std::chrono::milliseconds(250));
            stored.emplace(host, *keys, uses);
            keys->start();
            stored->start();
        }
        void look() {
            for (auto& task : std::exchange(host.timers, {})) task();
        }
        FakeHost host;
        KeyUses uses;
        std::optional<KeyStore> keys;
        std::optional<StoredUses> stored;
    };
    FakeStore store;
    Gateway maker(store);
    const std::string a = maker.call("POST", "", R"({"name":"a"})")["id"].str();
    const std::string b = maker.call("POST", "", R"({"name":"b"})")["id"].str();
    const auto number = KeyTable::shard_of(a);
    const auto document = [&] {
        std::optional<Result<std::vector<std::optional<Record>>>> out;
        store.get({{"", "managed_keys", "uses/" + std::to_string(number)}}, 1 << 20, into(out));
        return (**out)[0] ? (**out)[0]->body : std::string("none");
    };

    Process first(store), second(store);
    first.look();
    CHECK(document() == "none");
    first.uses.note(a, start);
    first.look();
    CHECK(document().find("\"" + a + "\":1000000") != std::string::npos);
    second.uses.note(a, start - 10);  // an earlier use changes nothing
    second.uses.note(b, start + 1);
    second.look();
    CHECK(second.uses.last(a) == start);
    first.look();
    CHECK(first.uses.last(b) == start + 1);

    Process later(store);
    later.look();
    CHECK(later.uses.last(a) == start);
    CHECK(later.uses.last(b) == start + 1);

    // Times in the future, keys that do not exist and damaged documents.
    const auto damage = [&](const std::string& body) {
        std::optional<Result<std::uint64_t>> out;
        store.put({.key = {"", "managed_keys", "uses/" + std::to_string(number)},
                   .body = body,
                   .keep_for = std::chrono::hours(1)},
                  into(out));
        later.look();
    };
    damage("{\"" + a + "\":99999999999,\"nobody\":5}");
    CHECK(later.uses.last(a) == start + 50);
    CHECK(later.uses.last("nobody") == 0);
    CHECK(document().find("nobody") == std::string::npos);
    for (const std::string body : {"", "{", "[1]", "{\"x\":[}"}) {
        damage(body);
        CHECK(document().find("\"" + a + "\":1000050") != std::string::npos);
    }
    store.failure = Error{ErrorKind::unavailable, "away"};
    later.uses.note(a, start + 60);
    later.look();
    store.failure.reset();
    later.look();
    CHECK(document().find("\"" + a + "\":1000060") != std::string::npos);
}

TEST_CASE("keys need a store") {
    FakeHost host;
    auto made = gatehouse_plugin.create(FakeConfig(Table{}), host);
    REQUIRE(!made);
    CHECK(made.error().message.find("the keys need a store") != std::string::npos);
}

TEST_CASE("documents of keys are read in any spelling, and those of another form are refused or empty") {
    using namespace gatehouse::managed_keys;
    const auto read = [](std::string body) { return read_shard(body, nullptr); };
    const std::string digest(43, 'A');
    const auto shard =
        read(R"( { "later" : [{"x":"]\"}"}, 1.5e3], "keys" : [ { "id" : "a\"\\\u0041" , "groups":["g","h\\"],
        "models" : [ ] , "extra":{"x":[1,"]",{}]}, "note":"n\n", "created_at": 12, "secrets":[ {"valid_until":7, "digest":")" +
             digest + R"("} ] } , {"id":"b","name":null,"groups":"g","secrets":{}} ], "revision":3 } )");
    REQUIRE(shard);
    CHECK(shard->revision == 3);
    REQUIRE(shard->keys.size() == 2);
    const KeyRecord &a = *shard->keys[0], &b = *shard->keys[1];
    CHECK(a.id == "a\"\\A");
    CHECK(a.groups == std::vector<std::string>{"g", "h\\"});
    CHECK(a.models.empty());
    CHECK(*a.note == "n\n");
    CHECK(a.created_at == 12);
    CHECK(a.secret.valid_until == 7);
    CHECK(b.id == "b");
    CHECK(b.name.empty());
    CHECK(b.groups.empty());
    for (const char* body :
         {"{}", "[]", "7", "\"\"", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":null})"}) {
        const auto none = read(body);
        REQUIRE(none);
        CHECK(none->keys.empty());
    }
    for (const char* body :
         {R"({"keys":[1]})", R"({"keys":[[]]})", R"({"keys":[{}]})", R"({"keys":["x",{"id":"a"}]})"})
        CHECK(read(body).error().detail == "a key in the store has no id");
    for (const char* secrets : {"[1]", "[{}]", R"([{"digest":7}])", R"([{"digest":"AAAA"}])"})
        CHECK(read(R"({"keys":[{"id":"a","secrets":)" + std::string(secrets) + "}]}").error().detail ==
              "a key in the store has no digest");
    CHECK(read("{\"keys\":[").error().detail.starts_with("the store's keys: invalid JSON"));
}

TEST_CASE("many keys are found while they change") {
    KeyTable table;
    std::vector<Shard> shards(KeyTable::shards);
    std::vector<std::string> ids;
    for (int i = 0; i < 10'000; ++i) {
        ids.push_back(make_id());
        shards[KeyTable::shard_of(ids.back())].keys.push_back(
            std::make_shared<const KeyRecord>(KeyRecord{.id = ids.back(), .name = "n" + std::to_string(i)}));
    }
    for (std::size_t i = 0; i < shards.size(); ++i) CHECK(table.replace(i, shards[i]));
    CHECK(table.size() == 10'000);
    std::atomic<int> missing{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (const std::string& id : ids) missing += table.find(id) == nullptr;
        });
    for (std::size_t i = 0; i < shards.size(); ++i) {
        ++shards[i].revision;
        (void)table.replace(i, shards[i]);
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(missing == 0);
}
