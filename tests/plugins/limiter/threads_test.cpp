// SPDX-License-Identifier: Apache-2.0
// Many threads, with reloads and the admin API at the same time.
#include "tests/plugins/limiter/limited.hpp"

#include <gatehouse/json.hpp>

#include <cmath>
#include <mutex>
#include <random>

using namespace gatehouse;
using namespace gatehouse::testing;

namespace {

Table everything() {
    constexpr std::int64_t most = 1'000'000'000;
    return {{{"limits", tables({{{{"for", toml("key:*")}, {"requests_per_minute", toml(most)}}},
                                {{{"for", toml("model:*")}, {"tokens_per_minute", toml(most)}}},
                                {{{"for", toml("group:*")}, {"running", toml(most)}}}})},
             {"budgets", tables({{{{"for", toml("key:*")}, {"amount", toml(1'000.0)}}},
                                 {{{"amount", toml(9'000.0)}, {"cut_streams", toml(true)}}}})},
             {"prices", Value{Table{{{"oci/*", Value{Limited::price(1, 10)}}}}}},
             {"on_store_failure", toml("local")}}};
}

}  // namespace

TEST_CASE_FIXTURE(Limited,
                  "sixteen threads reserve and settle during reloads, and every cost is counted once") {
    has_threads = true;
    use(everything());
    std::mutex mutex;
    std::shared_ptr<Limiter> active = std::move(limiter);
    std::atomic<std::int64_t> billed{0};  // in 1e-6
    std::atomic<int> running{16}, refused{0};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 16; ++i)
        threads.emplace_back([&, i] {
            std::mt19937 random(i);
            for (int requests = 0; requests < 200; ++requests) {
                std::unique_lock lock(mutex);
                const std::shared_ptr<Limiter> own = active;
                lock.unlock();
                const Identity client{.name = "client-" + std::to_string(random() % 5),
                                      .groups = {"team:blue"}};
                const std::string name = "gpt-" + std::to_string(random() % 3);
                ChatRequest request = chat(200);
                request.stream = random() % 2 == 0;
                const Operation operation = std::move(request);
                std::unique_ptr<Grant> grant;
                own->admit({.id = "req_1",
                            .who = client,
                            .authenticator = "team",
                            .model = name,
                            .operation = operation,
                            .routes = routes,
                            .healths = healths},
                           Completion<LimitDecision>([&](Result<LimitDecision> made) {
                               if (made) grant = std::move(made->grant);
                           }));
                if (!grant) {
                    ++refused;
                    continue;
                }
                const auto completion = static_cast<std::int64_t>(random() % 400);
                for (std::int64_t tokens = 256; tokens < completion; tokens += 256)
                    (void)grant->progress(tokens);
                grant->settle(bill(100, completion));
                billed += 100 + 10 * completion;
            }
            --running;
        });
    while (running > 0) {
        use(everything());
        (void)call_admin(*limiter->admin(), {.method = "GET"});
        std::shared_ptr<Limiter> next = std::move(limiter);
        {
            const std::lock_guard lock(mutex);
            active.swap(next);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    for (auto& thread : threads) thread.join();
    CHECK(refused == 0);
    const auto all = call_admin(*active->admin(), {.method = "GET", .query = "whose=all%20clients"});
    REQUIRE(all->has_value());
    REQUIRE(**all);
    const JsonValue page = JsonValue::unchecked((**all)->body);
    const double used = std::stod(page["limits"][0]["used"].str());
    CHECK(std::llround(used * 1e6) == billed);
}
