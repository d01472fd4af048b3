// SPDX-License-Identifier: Apache-2.0
// Stores: the answers of a model, invalid calls, expiry, and the same with sixteen threads.
#include "core/plugin_check/store_driver.hpp"
#include "core/plugin_check/suites.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <random>
#include <set>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds hour = std::chrono::hours(1);
constexpr int thread_count = 16;

/// A key of this run of the check, so that an old record of a shared store does not disturb it.
StoreKey key(const std::string& owner, const std::string& id) {
    static const std::string run = std::to_string(std::random_device()());
    return {owner, "check-" + run, id};
}

bool is_available(Check& check, StoreDriver& store) {
    auto found = store.get({key("ann", "first")});
    if (found && *found) return true;
    if (found)
        check.note("store-away", "the store is not available, so most checks are skipped", "store.hpp, Store",
                   found->error().detail);
    return false;
}

/// Makes the same calls of the store and of the model, and compares the answers.
class Comparison {
public:
    Comparison(Check& check, Store& store, std::string owner, unsigned seed)
        : check_(check),
          store_(check, store),
          model_(check, fake_),
          owner_(std::move(owner)),
          random_(seed) {}

    void step() {
        switch (random_() % 6) {
            case 0:
            case 1: return put();
            case 2: return erase();
            case 3: return add();
            default: return get();
        }
    }

private:
    StoreKey some_key() {
        static const std::vector<std::string> ids = {"1", "2", "", std::string("a\0b", 3), "\xff\xfe"};
        return key(owner_, ids[random_() % ids.size()]);
    }

    void put() {
        const StoreKey where = some_key();
        const bool compares = random_() % 3 == 0, is_right = random_() % 2 == 0;
        Put document{.key = where, .body = std::string(random_() % 300, 'b'), .keep_for = hour};
        Put same = document;
        auto now = versions_.find(where);
        const auto version = now == versions_.end() ? Versions{} : now->second;
        if (compares) document.expected = is_right ? version.of_store : version.of_store + 1;
        if (compares) same.expected = is_right ? version.of_model : version.of_model + 1;
        auto given = store_.put(std::move(document)), wanted = model_.put(std::move(same));
        if (!given || !is_equal("put()", *given, *wanted, [](auto, auto) { return true; }) || !*given) return;
        if (**given == 0 || !seen_.insert(**given).second)
            differs("store-version", "put() completes with a version that is 0 or was given before",
                    "store.hpp, Record::version");
        versions_[where] = {**given, **wanted};
    }

    void erase() {
        const StoreKey where = some_key();
        auto given = store_.erase(where), wanted = model_.erase(where);
        versions_.erase(where);
        if (given) is_equal("erase()", *given, *wanted, [](bool a, bool b) { return a == b; });
    }

    void add() {
        std::vector<Count> changes(1 + random_() % 3);
        for (Count& change : changes)
            change = {some_key(), static_cast<std::int64_t>(random_() % 9) - 3, hour,
                      static_cast<std::int64_t>(random_() % 20)};
        // The loss is too small to disturb the comparison.
        for (Count& change : changes)
            if (change.key.id == "1") change.drain = {.amount = 1, .time = 1'000 * hour};
        auto given = store_.add(changes), wanted = model_.add(changes);
        if (given)
            is_equal("add()", *given, *wanted, [](const Counts& a, const Counts& b) {
                return a.added == b.added && a.values == b.values;
            });
    }

    void get() {
        std::vector<StoreKey> keys;
        for (std::size_t i = random_() % 4; i-- > 0;) keys.push_back(some_key());
        const std::size_t max_bytes = random_() % 4 == 0 ? 200 : any_size;
        auto given = store_.get(keys, max_bytes), wanted = model_.get(keys, max_bytes);
        if (!given || !is_equal("get()", *given, *wanted, same_bodies) || !*given) return;
        for (std::size_t i = 0; i < keys.size(); ++i)
            if ((**given)[i] && (**given)[i]->version != versions_[keys[i]].of_store)
                differs("store-version", "get() returns another version than put()",
                        "store.hpp, Record::version");
    }

    static bool same_bodies(const Records& a, const Records& b) {
        return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
            return x.has_value() == y.has_value() && (!x || x->body == y->body);
        });
    }

    template <typename T, typename Same>
    bool is_equal(const std::string& call, const Result<T>& given, const Result<T>& wanted, Same&& same) {
        const bool equal = bool(given) == bool(wanted) &&
                           (given ? same(*given, *wanted) : given.error().kind == wanted.error().kind);
        if (!equal)
            differs("store-differs", "a store's answer is not that of a map with these calls",
                    "store.hpp, Store", call);
        return equal;
    }

    void differs(const char* id, const char* text, const char* rule, const std::string& detail = {}) {
        check_.error(id, text, rule, detail);
    }

    struct Versions {
        std::uint64_t of_store = 0, of_model = 0;
    };
    Check& check_;
    testing::FakeStore fake_;
    StoreDriver store_, model_;
    const std::string owner_;
    std::mt19937 random_;
    std::map<StoreKey, Versions> versions_;
    std::set<std::uint64_t> seen_;
};

void compare_answers(Check& check, Target& target) {
    auto store = target.make<Store>(check);
    if (!store) return;
    StoreDriver driver(check, *store, &target);
    if (!is_available(check, driver)) return;
    check.fact("understood", "yes");
    Comparison comparison(check, *store, "ann", 1);
    const std::size_t rounds = check.effort().rounds(2'000);
    for (std::size_t i = 0; i < rounds; ++i) comparison.step();
    check.doing("owners");
    driver.put({.key = key("owner a", "x"), .body = "theirs", .keep_for = hour});
    auto found = driver.get({key("owner b", "x"), key("", "x")});
    if (found && *found && ((**found)[0] || (**found)[1]))
        check.error("store-owner", "a document is found under another owner", "store.hpp, StoreKey::owner");
}

void refuse(Check& check, Target& target) {
    auto store = target.make<Store>(check);
    if (!store) return;
    StoreDriver driver(check, *store, &target);
    if (!is_available(check, driver)) return;
    auto wants = [&](const auto& result, const std::string& call) {
        if (result && (*result || result->error().kind != ErrorKind::bad_request))
            check.error("store-refusal", "an invalid call is not refused as bad_request", "store.hpp, Store",
                        call);
    };
    const StoreKey longest{"o", "s", std::string(longest_store_key - 2, 'i')};
    const StoreKey too_long{"o", "s", std::string(longest_store_key - 1, 'i')};
    wants(driver.put({.key = too_long, .body = "x", .keep_for = hour}), "put() with a key that is too long");
    wants(driver.add({{.key = too_long, .amount = 1, .keep_for = hour}}),
          "add() with a key that is too long");
    for (const milliseconds time : {milliseconds(0), milliseconds(-1), milliseconds::min()}) {
        wants(driver.put({.key = key("ann", "now"), .body = "x", .keep_for = time}), "put() without time");
        wants(driver.add({{.key = key("ann", "now"), .amount = 1, .keep_for = time}}), "add() without time");
    }
    auto good = driver.put({.key = longest, .body = "x", .keep_for = milliseconds::max()});
    if (good && !*good)
        check.error("store-refusal", "a valid call is refused", "store.hpp, longest_store_key",
                    "put() with the longest key and time");
    driver.erase(longest);
    driver.get({});
    driver.add({});
}

void expire(Check& check, Target& target) {
    auto store = target.make<Store>(check);
    if (!store) return;
    StoreDriver driver(check, *store, &target);
    if (!is_available(check, driver)) return;
    constexpr milliseconds shortly{30};
    driver.put({.key = key("ann", "short"), .body = "x", .keep_for = shortly});
    driver.put({.key = key("ann", "long"), .body = "x", .keep_for = hour});
    driver.add({{.key = key("ann", "short"), .amount = 1, .keep_for = shortly}});
    driver.add({{.key = key("ann", "short"), .amount = 1, .keep_for = hour}});
    std::this_thread::sleep_for(2 * shortly);
    auto found = driver.get({key("ann", "short"), key("ann", "long")});
    auto counts = driver.add({{.key = key("ann", "short"), .amount = 0, .keep_for = hour}});
    if (found && *found && (**found)[0])
        check.error("store-expiry", "a document is found after its time", "store.hpp, Put::keep_for");
    if (found && *found && !(**found)[1])
        check.error("store-expiry", "a document is not found within its time", "store.hpp, Put::keep_for");
    if (counts && *counts && (**counts).values[0] != 0)
        check.error("store-expiry", "a counter exists after the time of its first change",
                    "store.hpp, Count::keep_for");
}

/// A counter that drains admits again what it has lost, and keeps what it has not.
void drain_counters(Check& check, Target& target) {
    auto store = target.make<Store>(check);
    if (!store) return;
    StoreDriver driver(check, *store, &target);
    if (!is_available(check, driver)) return;
    constexpr milliseconds emptied{200};
    auto add = [&](std::int64_t amount) {
        return driver.add({{.key = key("ann", "drains"),
                            .amount = amount,
                            .keep_for = hour,
                            .limit = 1'000'000,
                            .drain = {.amount = 1'000'000, .time = emptied}}});
    };
    auto wrong = [&](const char* text) { check.error("store-drain", text, "store.hpp, Drain"); };
    const auto start = std::chrono::steady_clock::now();
    auto filled = add(1'000'000), refused = add(1'000'000);
    const bool in_time = std::chrono::steady_clock::now() - start < emptied;
    if (filled && *filled && !(**filled).added) wrong("an empty counter refuses its limit");
    if (in_time && refused && *refused && (**refused).added) wrong("a full counter admits its limit");
    std::this_thread::sleep_for(2 * emptied);
    auto now = add(0), again = add(1'000'000), lowered = add(-3'000'000);
    if (now && *now && (**now).values[0] != 0) wrong("a counter is not empty after its time");
    if (again && *again && !(**again).added) wrong("a counter that is empty again refuses its limit");
    if (lowered && *lowered && (**lowered).values[0] != 0) wrong("a counter that drains is negative");
    auto invalid =
        driver.add({{.key = key("ann", "never"), .amount = 1, .keep_for = hour, .drain = {1, {}}}});
    if (invalid && (*invalid || invalid->error().kind != ErrorKind::bad_request))
        check.error("store-refusal", "an invalid call is not refused as bad_request", "store.hpp, Drain");
}

void in_threads(const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < thread_count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
}

/// Adds one by compare-and-set; false after a reported failure.
bool append(StoreDriver& driver) {
    for (;;) {
        auto now = driver.get({key("ann", "appended")});
        if (!now || !*now) return false;
        const auto& record = (**now)[0];
        auto put = driver.put({.key = key("ann", "appended"),
                               .body = (record ? record->body : "") + ".",
                               .keep_for = hour,
                               .expected = record ? record->version : 0});
        if (!put) return false;
        if (*put) return true;
        if (put->error().kind != ErrorKind::conflict) return false;
    }
}

void drive_from_threads(Check& check, Target& target) {
    auto store = target.make<Store>(check);
    if (!store) return;
    StoreDriver driver(check, *store, &target);
    if (!is_available(check, driver)) return;
    const std::size_t rounds = check.effort().rounds(40);
    std::atomic<std::int64_t> admitted{0}, appended{0};
    in_threads([&](int thread) {
        StoreDriver mine(check, *store);
        Comparison comparison(check, *store, "thread " + std::to_string(thread),
                              static_cast<unsigned>(thread));
        for (std::size_t i = 0; i < rounds; ++i) {
            comparison.step();
            auto counts =
                mine.add({{.key = key("ann", "limited"), .amount = 1, .keep_for = hour, .limit = 10},
                          {.key = key("", "all"), .amount = 1, .keep_for = hour}});
            if (counts && *counts && (**counts).added) ++admitted;
            if (i % 8 == 0 && append(mine)) ++appended;
        }
    });
    auto counts = driver.add({{.key = key("ann", "limited"), .amount = 0, .keep_for = hour},
                              {.key = key("", "all"), .amount = 0, .keep_for = hour}});
    const auto expected = std::min<std::int64_t>(10, static_cast<std::int64_t>(rounds) * thread_count);
    const std::vector<std::int64_t> both{expected, expected};
    if (admitted != expected || (counts && *counts && (**counts).values != both))
        check.error("store-threads", "threads pass a limit, or see a part of add()", "store.hpp, Store::add",
                    std::to_string(admitted) + " of " + std::to_string(expected));
    auto found = driver.get({key("ann", "appended")});
    if (found && *found && (**found)[0] &&
        static_cast<std::int64_t>((**found)[0]->body.size()) != appended.load())
        check.error("store-threads", "threads lose changes by compare-and-set", "store.hpp, Put::expected");
}

/// Ends the instance while calls run.
void leave_running(Check& check, Target& target) {
    std::vector<std::shared_ptr<Waiting<std::uint64_t>>> running;
    auto store = target.make<Store>(check);
    if (!store) return;
    for (int i = 0; i < 50; ++i) {
        running.push_back(std::make_shared<Waiting<std::uint64_t>>(check, "store.hpp, Store::put"));
        check.calls("store.hpp, Store::put", [&] {
            store->put({.key = key("ann", std::to_string(i)), .body = "x", .keep_for = hour},
                       running.back()->completion());
        });
        check.calls("store.hpp, Store::size", [&] { (void)store->size(); });
        check.calls("store.hpp, Store::shared", [&] { (void)store->shared(); });
    }
}

}  // namespace

std::vector<Suite> store_suites() {
    return {
        {"answers", compare_answers}, {"invalid calls", refuse},       {"expiry", expire},
        {"drain", drain_counters},    {"threads", drive_from_threads}, {"the instance ends", leave_running}};
}

}  // namespace gatehouse::core::plugin_check
