// SPDX-License-Identifier: Apache-2.0
// The keys of [observer.NAME] with use = "otlp".  Plain values; read once at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::otlp {

struct HeaderOption {
    std::string name = {}, value = {};
};

struct Options {
    std::string endpoint = "http://127.0.0.1:4318", ca_file = {};
    std::vector<HeaderOption> headers = {};
    std::string encoding = "json";     // json, protobuf
    std::string compression = "none";  // none, gzip
    std::vector<std::string> signals = {"traces"};
    std::string service_name = "gatehouse", conventions = "1.41";
    std::map<std::string, std::vector<std::string>> resource = {}, providers = {};
    std::vector<std::string> omit = {};
    double sample = 1;
    bool keep_failed = true, keep_unsampled = false;
    std::int64_t keep_slower_than_ms = 0;
    std::int64_t metrics_interval_ms = 60'000;
    std::int64_t max_batch = 512, interval_ms = 2'000, max_waiting_bytes = 8'388'608, timeout_ms = 10'000;
};

extern const Fields<Options> fields;

/// Throws KeyError at a value that cannot be used.
void check(const Options& options);

/// Whether `signals` has "traces" or "metrics".
bool exports(const Options& options, std::string_view signal);

}  // namespace gatehouse::otlp
