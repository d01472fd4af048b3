// SPDX-License-Identifier: Apache-2.0
// The cost of many managed keys: bytes in memory, the time to read them from a store, and the time to find
// one and to check its secret.  Argument: the number of keys.
#include "plugins/auth/managed_keys/key_table.hpp"

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::managed_keys;

namespace {

std::size_t heap_bytes() { return ::mallinfo2().uordblks; }

template <typename Work>
double nanoseconds(Work&& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 100'000;
    constexpr int asked = 1'000;
    std::vector<std::string> documents, keys;
    {
        std::vector<Shard> shards(KeyTable::shards);
        for (int i = 0; i < count; ++i) {
            KeyRecord key{.id = make_id(),
                          .name = "client-of-the-team-" + std::to_string(i),
                          .groups = {"team:" + std::to_string(i % 100)},
                          .created_by = "ops",
                          .created_at = 1'794'744'000};
            std::string text = make_key(key.id);
            key.secret = {parse_key(text)->digest, 0};
            if (i % (count / asked + 1) == 0) keys.push_back(std::move(text));
            shards[KeyTable::shard_of(key.id)].keys.push_back(
                std::make_shared<const KeyRecord>(std::move(key)));
        }
        for (const Shard& shard : shards) documents.push_back(write_shard(shard));
    }
    KeyTable table;
    std::size_t bytes = 0;
    for (const std::string& document : documents) bytes += document.size();
    const std::size_t before = heap_bytes();
    const Known known = [&](std::string_view id) { return table.find(id); };
    auto read_all = [&](const Known& known) {
        for (std::size_t i = 0; i < documents.size(); ++i)
            (void)table.replace(i, *read_shard(documents[i], known));
    };
    const double reading = nanoseconds([&] { read_all(nullptr); });
    const std::size_t used = heap_bytes() - before;
    const double again = nanoseconds([&] { read_all(known); });
    std::printf(
        "%d keys: %.0f bytes each in memory, %.0f in the store; read in %.0f ms, a shard in %.1f ms, again in "
        "%.1f ms\n",
        count, static_cast<double>(used) / count, static_cast<double>(bytes) / count, reading / 1e6,
        reading / 1e6 / KeyTable::shards, again / 1e6 / KeyTable::shards);
    long found = 0;
    constexpr int rounds = 200;
    const double parsing = nanoseconds([&] {
        for (int i = 0; i < rounds; ++i)
            for (const std::string& key : keys) found += parse_key(key).has_value();
    });
    const double finding = nanoseconds([&] {
        for (int i = 0; i < rounds; ++i)
            for (const std::string& key : keys)
                found += table.find(std::string_view(key).substr(3, 10)) != nullptr;
    });
    const double all = rounds * static_cast<double>(keys.size());
    std::printf("%.0f ns to find a key, %.0f ns to check and digest its text (%ld)\n", finding / all,
                parsing / all, found);
}
