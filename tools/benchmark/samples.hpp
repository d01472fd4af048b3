// SPDX-License-Identifier: Apache-2.0
// Times that were measured, all of them kept, and what is printed of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace gatehouse::benchmark {

class Samples {
public:
    void add(std::int64_t ns) { values_.push_back(ns); }

    /// A JSON object of microseconds.
    std::string json() {
        std::sort(values_.begin(), values_.end());
        char text[160];
        std::snprintf(text, sizeof text, R"({"count":%zu,"p50":%.2f,"p90":%.2f,"p99":%.2f,"max":%.2f})",
                      values_.size(), at(0.5), at(0.9), at(0.99), at(1));
        return text;
    }

private:
    double at(double part) const {
        if (values_.empty()) return 0;
        const auto index = static_cast<std::size_t>(part * static_cast<double>(values_.size() - 1) + 0.5);
        return static_cast<double>(values_[index]) / 1000;
    }

    std::vector<std::int64_t> values_;
};

}  // namespace gatehouse::benchmark
