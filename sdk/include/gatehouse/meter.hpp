// SPDX-License-Identifier: Apache-2.0
// Numbers of a plugin in the gateway's /metrics: Host::counter(), gauge() and histogram() make them.
//
//     spent_(host.counter("spent_dollars_total", "Cost of responses.", {{"team", {"red", "blue"}}}))
//     …
//     spent_.add(0.02, {"red"});
//
// /metrics shows gatehouse_plugin_INSTANCE_spent_dollars_total{team="red"}.  Each label has the values that
// are declared, and "other" for all others, so that a client cannot fill the memory with values.
// All members: [any thread]; they take no lock.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {

/// A label and its values.  `name` has lower-case letters, digits and "_", and begins with a letter.
struct MeterLabel {
    std::string name = {};
    std::vector<std::string> values = {};
};
using MeterLabels = std::vector<MeterLabel>;

/// One value for each label, in the order of the labels.  A value that is missing or was not declared
/// counts as "other".
using MeterValues = std::initializer_list<std::string_view>;

/// A number that only grows.
class Counter {
public:
    /// Ignores a negative amount.
    virtual void add(double amount = 1, MeterValues values = {}) = 0;

protected:
    ~Counter() = default;
};

/// A number that rises and falls.
class Gauge {
public:
    virtual void set(double value, MeterValues values = {}) = 0;
    virtual void add(double change, MeterValues values = {}) = 0;

protected:
    ~Gauge() = default;
};

/// Counts observations by their size.
class Histogram {
public:
    virtual void observe(double value, MeterValues values = {}) = 0;

protected:
    ~Histogram() = default;
};

namespace detail {
/// The meter of a host that has none, or of a wrong declaration.
struct NoMeter final : Counter, Gauge, Histogram {
    void add(double, MeterValues) override {}
    void set(double, MeterValues) override {}
    void observe(double, MeterValues) override {}
};
inline NoMeter& no_meter() {
    static NoMeter meter;
    return meter;
}
}  // namespace detail

}  // namespace gatehouse
