// SPDX-License-Identifier: Apache-2.0
// Tests the store without a gateway.  The test makes the instance through the plugin's
// entry point, as the gateway does.
#include <gatehouse/testing.hpp>

#include <cstdio>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

constexpr std::chrono::milliseconds hour = std::chrono::hours(1);
int failures = 0;

void check(bool holds, const char* sentence) {
    if (holds) return;
    std::printf("FAILED: %s\n", sentence);
    ++failures;
}

StoreKey key(const std::string& id) { return {"ann", "notes", id}; }

// The body at `id`; "nothing" if it does not exist.
std::string body(Store& store, const std::string& id) {
    std::optional<Result<std::vector<std::optional<Record>>>> found;
    store.get({key(id)}, 1'000, into(found));
    return found && *found && (**found)[0] ? (**found)[0]->body : "nothing";
}

Result<std::uint64_t> put(Store& store, Put document) {
    std::optional<Result<std::uint64_t>> version;
    store.put(std::move(document), into(version));
    return *version;
}

}  // namespace

int main() {
    FakeHost host;
    Table table;
    table.entries.push_back({"max_records", Value{std::int64_t{2}}});
    auto made = create<Store>(gatehouse_plugin, table, host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Store& store = **made;

    auto first = put(store, {.key = key("1"), .body = "hello", .keep_for = hour});
    check(first && body(store, "1") == "hello", "a document is found");
    auto wrong = put(store, {.key = key("1"), .body = "x", .keep_for = hour, .expected = 0});
    check(!wrong && wrong.error().kind == ErrorKind::conflict, "an unexpected version is a conflict");
    check(bool(put(store, {.key = key("1"), .body = "again", .keep_for = hour, .expected = *first})),
          "the expected version is replaced");

    check(bool(put(store, {.key = key("2"), .body = "x", .keep_for = hour})), "a second document is kept");
    check(bool(put(store, {.key = key("3"), .body = "x", .keep_for = hour})), "a third document is kept");
    check(body(store, "1") == "nothing" && body(store, "2") == "x", "the oldest document goes first");

    std::optional<Result<Counts>> counts;
    store.add({{.key = key("a"), .amount = 3, .keep_for = hour, .limit = 5},
               {.key = key("a"), .amount = 3, .keep_for = hour, .limit = 5}},
              into(counts));
    check(counts && *counts && !(*counts)->added && (*counts)->values[0] == 0,
          "a limit refuses both changes");

    host.time += hour;
    check(body(store, "2") == "nothing", "a document expires");
    return failures == 0 ? 0 : 1;
}
