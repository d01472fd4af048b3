// SPDX-License-Identifier: Apache-2.0
// Meters of plugins: their lines, their bounds and the texts of wrong declarations.
#include "core/observe/plugin_meters.hpp"
#include "core/observe/metrics.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::core;

namespace {

bool shows(const PluginMeters& meters, const std::string& line) {
    return ("\n" + meters.text()).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a counter has the instance in its name, its labels, and other for unknown values") {
    PluginMeters meters;
    Counter& spent = **meters.counter(
        {"my-ledger", "spent_dollars_total", "Cost.", {{"team", {"red", "bl\"ue"}}, {"kind", {"chat"}}}});
    spent.add(0.5, {"red", "chat"});
    spent.add(1, {"red", "chat"});
    spent.add(2, {"bl\"ue"});
    spent.add(3, {"someone", "chat", "more"});
    spent.add(-5, {"red", "chat"});
    const std::string name = "gatehouse_plugin_my_ledger_spent_dollars_total";
    CHECK(shows(meters, "# HELP " + name + " Cost."));
    CHECK(shows(meters, "# TYPE " + name + " counter"));
    CHECK(shows(meters, name + "{team=\"red\",kind=\"chat\"} 1.5"));
    CHECK(shows(meters, name + "{team=\"bl\\\"ue\",kind=\"other\"} 2"));
    CHECK(shows(meters, name + "{team=\"other\",kind=\"chat\"} 3"));
}

TEST_CASE("a gauge is set and changed, and a histogram counts by size") {
    PluginMeters meters;
    Gauge& held = **meters.gauge({"cache", "entries", "Entries."});
    held.set(5);
    held.add(-2);
    CHECK(shows(meters, "gatehouse_plugin_cache_entries 3"));
    Histogram& sizes = **meters.histogram({"cache", "bytes", "Sizes.", {}, {10, 100}});
    for (const double size : {1.0, 10.0, 50.0, 1000.0}) sizes.observe(size);
    const std::string name = "gatehouse_plugin_cache_bytes";
    CHECK(shows(meters, name + "_bucket{le=\"10\"} 2"));
    CHECK(shows(meters, name + "_bucket{le=\"100\"} 3"));
    CHECK(shows(meters, name + "_bucket{le=\"+Inf\"} 4"));
    CHECK(shows(meters, name + "_sum 1061"));
    CHECK(shows(meters, name + "_count 4"));
}

TEST_CASE("the same declaration continues its meter, another one is refused") {
    PluginMeters meters;
    Counter* first = *meters.counter({"a", "x_total", "X.", {{"l", {"v"}}}});
    CHECK(*meters.counter({"a", "x_total", "X, in other words.", {{"l", {"v"}}}}) == first);
    CHECK(*meters.counter({"b", "x_total", "X.", {{"l", {"v"}}}}) != first);
    for (const auto& error : {meters.gauge({"a", "x_total", "X.", {{"l", {"v"}}}}).error(),
                              meters.counter({"a", "x_total", "X.", {{"l", {"w"}}}}).error()})
        CHECK(error.message ==
              "meter \"x_total\" was declared differently before; restart the gateway to change it");
}

TEST_CASE("a wrong declaration is refused with its rule") {
    PluginMeters meters;
    const std::string rule = ": use lower-case letters, digits and \"_\", a letter first";
    CHECK(meters.counter({"a", "Bad", "X."}).error().message == "meter \"Bad\" has a wrong name" + rule);
    CHECK(meters.counter({"a", "x", "X."}).error().message ==
          "meter \"x\" is a counter, so its name must end in _total");
    CHECK(meters.gauge({"a", "x", ""}).error().message == "meter \"x\" has no help text");
    CHECK(meters.gauge({"a", "x", "X.", {{"le", {}}}}).error().message ==
          "meter \"x\" has a label with the wrong name \"le\"" + rule);
    CHECK(meters.gauge({"a", "x", "X.", {{"l", std::vector<std::string>(1000, "v")}}}).error().message ==
          "meter \"x\" has more than 1000 combinations of label values");
    CHECK(meters.histogram({"a", "x", "X.", {}, {2, 1}}).error().message ==
          "meter \"x\" has buckets that do not ascend");
    CHECK(meters.text().empty());
}

TEST_CASE("many threads add to one counter") {
    PluginMeters meters;
    Counter& count = **meters.counter({"a", "x_total", "X."});
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j < 1000; ++j) count.add();
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(shows(meters, "gatehouse_plugin_a_x_total 4000"));
}

TEST_CASE("the meters of plugins follow those of the core") {
    Metrics metrics;
    (*metrics.plugin_meters().counter({"a", "x_total", "X."}))->add(7);
    CHECK(metrics.text().find("\n# HELP gatehouse_plugin_a_x_total X.\n") != std::string::npos);
    CHECK(metrics.text().ends_with("gatehouse_plugin_a_x_total 7\n"));
}
