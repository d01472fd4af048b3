// SPDX-License-Identifier: Apache-2.0
// Tests the observer without a gateway.  The test makes the instance through the plugin's
// entry point, as the gateway does.
#include <gatehouse/testing.hpp>

#include <cstdio>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

int failures = 0;

void check(bool holds, const char* sentence) {
    if (holds) return;
    std::printf("FAILED: %s\n", sentence);
    ++failures;
}

Story story_of(std::chrono::milliseconds total) {
    Story record;
    record.trace.id = {1, 2};
    record.id = "req_1";
    record.model = "any";
    record.total = total;
    return record;
}

}  // namespace

int main() {
    FakeHost host;
    Table table;
    table.entries.push_back({"slower_than_ms", Value{std::int64_t{1'000}}});
    auto made = create<Observer>(gatehouse_plugin, table, host);
    if (!made) {
        std::printf("%s\n", made.error().message.c_str());
        return 1;
    }
    Observer& observer = **made;

    const Story slow = story_of(std::chrono::milliseconds(1'500));
    check(!observer.wants(story_of(std::chrono::milliseconds(999))), "a fast request is not wanted");
    check(observer.wants(slow), "a slow request is wanted");
    observer.finished({std::make_shared<const Story>(slow)});
    check(host.logged == std::vector<std::string>{"slow request request_id=req_1 model=any total_ms=1500 "
                                                  "trace_id=00000000000000010000000000000002"},
          "a slow request is logged");
    return failures == 0 ? 0 : 1;
}
