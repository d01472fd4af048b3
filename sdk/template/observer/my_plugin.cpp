// SPDX-License-Identifier: Apache-2.0
// An observer that logs slow requests.  Change it into your own.
//
// `gatehouse plugin-check` gives it records of all kinds.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

// The keys of [observer.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml observer my_plugin` prints them.
struct Options {
    std::int64_t slower_than_ms = 1'000;
};

const Fields<Options> fields = {
    ranged("slower_than_ms", &Options::slower_than_ms, 0, 86'400'000,
           "Requests that take at least this time are logged, in milliseconds."),
};

class Slow final : public Observer {
public:
    Slow(const Options& options, Host& host) : limit_(options.slower_than_ms), host_(host) {}

    // Called on the thread of the request, so it only compares.
    bool wants(const Story& record) override { return record.total >= limit_; }

    // Called on a helper thread, by one thread at a time.
    void finished(std::vector<std::shared_ptr<const Story>> records) override {
        for (const auto& record : records) {
            const std::string ms = std::to_string(record->total.count() / 1'000);
            host_.log(Level::info, "slow request",
                      {{"request_id", record->id},
                       {"model", record->model},
                       {"total_ms", ms},
                       {"trace_id", record->trace.id.hex()}});
        }
    }

private:
    const std::chrono::milliseconds limit_;
    Host& host_;
};

}  // namespace

GATEHOUSE_PLUGIN(Slow, Options, fields, "my_plugin", "0.1.0");
