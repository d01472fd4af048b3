// SPDX-License-Identifier: Apache-2.0
// The output of /metrics after requests have ended, and its bounded size for any clients.
#include "core/observe/metrics.hpp"

#include "core/config/settings.hpp"
#include "core/observe/record.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <ctime>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

namespace {

/// The value of the sample that begins with `name`, labels included; -1 if there is no such sample.
double value(const std::string& text, const std::string& name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    return -1;
}

RequestRecord record_of(const std::string& provider, int status) {
    RequestRecord record;
    record.provider = provider;
    record.status = status;
    record.start = RequestRecord::Clock::time_point(1000s);
    record.end = record.start + 2s;
    return record;
}

}  // namespace

TEST_CASE("requests are counted by provider and status") {
    Metrics metrics({"oci", "backup"});
    for (int status : {200, 200, 429}) {
        metrics.started();
        metrics.finished(record_of("oci", status));
    }
    const std::string text = metrics.text();
    CHECK(value(text, "gatehouse_requests_total{provider=\"oci\",status=\"200\"}") == 2);
    CHECK(value(text, "gatehouse_requests_total{provider=\"oci\",status=\"429\"}") == 1);
    CHECK(value(text, "gatehouse_request_duration_seconds_count{provider=\"oci\"}") == 3);
    CHECK(value(text, "gatehouse_request_duration_seconds_sum{provider=\"oci\"}") == 6);
    CHECK(value(text, "gatehouse_request_duration_seconds_bucket{provider=\"oci\",le=\"1\"}") == 0);
    CHECK(value(text, "gatehouse_request_duration_seconds_bucket{provider=\"oci\",le=\"2.5\"}") == 3);
    CHECK(value(text, "gatehouse_request_duration_seconds_count{provider=\"backup\"}") == 0);
}

TEST_CASE("running requests go up and down") {
    Metrics metrics;
    metrics.started();
    metrics.started();
    CHECK(value(metrics.text(), "gatehouse_requests_running") == 2);
    metrics.finished(record_of("", 200));
    CHECK(value(metrics.text(), "gatehouse_requests_running") == 1);
}

TEST_CASE("a first token and tokens are counted if there were any") {
    Metrics metrics({"oci"});
    RequestRecord record = record_of("oci", 200);
    record.first_token = record.start + 250ms;
    record.usage =
        Usage{.prompt = 10, .completion = 5, .total = 15, .cached = 3, .reasoning = {}, .cache_written = 4};
    metrics.started();
    metrics.finished(record);
    metrics.started();
    metrics.finished(record_of("oci", 200));
    const std::string text = metrics.text();
    CHECK(value(text, "gatehouse_time_to_first_token_seconds_count{provider=\"oci\"}") == 1);
    CHECK(value(text, "gatehouse_time_to_first_token_seconds_sum{provider=\"oci\"}") == 0.25);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"prompt\",provider=\"oci\"}") == 10);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"completion\",provider=\"oci\"}") == 5);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"cached\",provider=\"oci\"}") == 3);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"cache_write\",provider=\"oci\"}") == 4);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"reasoning\",provider=\"oci\"}") == 0);
}

TEST_CASE("numbers that an upstream made up do no harm") {
    Metrics metrics({"oci"});
    RequestRecord record = record_of("oci", 200);
    record.usage = Usage{.prompt = -10, .completion = INT64_MIN, .total = 0};
    record.end = record.start - 1s;
    metrics.started();
    metrics.finished(record);
    CHECK(value(metrics.text(), "gatehouse_tokens_total{kind=\"prompt\",provider=\"oci\"}") == 0);
}

TEST_CASE("upstream errors are those of the upstream, by kind, retried ones too") {
    Metrics metrics({"oci"});
    auto finish = [&](ErrorKind kind, FailureCause cause) {
        RequestRecord record = record_of("oci", status_of(kind));
        record.error = kind;
        record.cause = cause;
        metrics.started();
        metrics.finished(record);
    };
    finish(ErrorKind::upstream, FailureCause::tls);
    finish(ErrorKind::timeout, FailureCause::timeout);
    finish(ErrorKind::rate_limited, FailureCause::rate_limited);
    finish(ErrorKind::bad_request, FailureCause::none);  // the client's own
    finish(ErrorKind::unavailable, FailureCause::none);  // ours: no upstream was asked
    metrics.attempt_failed("oci", ErrorKind::upstream, FailureCause::dns);
    metrics.attempt_failed("oci", ErrorKind::upstream, FailureCause::tls);
    metrics.attempt_failed("oci", ErrorKind::bad_request, FailureCause::none);
    const std::string text = metrics.text();
    const auto errors = [&](const std::string& cause, const std::string& kind) {
        return value(text, "gatehouse_upstream_errors_total{cause=\"" + cause + "\",kind=\"" + kind +
                               "\",provider=\"oci\"}");
    };
    CHECK(errors("tls", "upstream") == 2);
    CHECK(errors("dns", "upstream") == 1);
    CHECK(errors("timeout", "timeout") == 1);
    CHECK(errors("rate_limited", "rate_limited") == 1);
    CHECK(text.find("gatehouse_upstream_errors_total{cause=\"\"") == text.npos);
    for (const char* kind : {"upstream", "timeout", "rate_limited", "bad_request", "unavailable"})
        CHECK(value(text, std::string("gatehouse_errors_total{kind=\"") + kind + "\",provider=\"oci\"}") ==
              1);
}

TEST_CASE("clients that leave are counted, and requests without a status") {
    Metrics metrics({"oci"});
    RequestRecord record = record_of("oci", 0);
    record.gone = true;
    metrics.started();
    metrics.finished(record);
    CHECK(value(metrics.text(), "gatehouse_client_disconnects_total") == 1);
    CHECK(value(metrics.text(), "gatehouse_requests_total{provider=\"oci\",status=\"none\"}") == 1);
}

TEST_CASE("no name that is not in the configuration becomes a label") {
    Metrics metrics({"oci"});
    const std::string before = metrics.text();
    for (int i = 0; i < 1000; ++i) {
        metrics.started();
        RequestRecord record = record_of("made-up-" + std::to_string(i), 100'000 + i);
        record.model = "model-" + std::to_string(i);
        record.path = "/path-" + std::to_string(i);
        record.error = static_cast<ErrorKind>(100 + i);
        record.cause = FailureCause::none;
        metrics.finished(record);
        metrics.attempt_failed("made-up-" + std::to_string(i), ErrorKind::upstream, FailureCause::tls);
        metrics.attempt_failed("oci", static_cast<ErrorKind>(100 + i), FailureCause::tls);
    }
    const std::string after = metrics.text();
    CHECK(after.find("made-up") == std::string::npos);
    CHECK(after.find("model-") == std::string::npos);
    CHECK(after.size() < before.size() + 1000);
    CHECK(value(after, "gatehouse_requests_total{provider=\"none\",status=\"none\"}") == 1000);
    CHECK(
        value(after, "gatehouse_upstream_errors_total{cause=\"tls\",kind=\"upstream\",provider=\"none\"}") ==
        1000);
    CHECK(value(after, "gatehouse_upstream_errors_total{cause=\"tls\",kind=\"internal\",provider=\"oci\"}") ==
          1000);
}

TEST_CASE("the process and the build have metrics") {
    Metrics metrics;
    const std::string text = metrics.text();
    CHECK(value(text, "process_resident_memory_bytes") > 1e6);
    CHECK(value(text, "process_open_fds") >= 3);
    CHECK(value(text, "process_max_fds") >= value(text, "process_open_fds"));
    const double now = static_cast<double>(std::time(nullptr));
    CHECK(std::abs(value(text, "process_start_time_seconds") - now) < 3600);
    const double cpu = value(text, "process_cpu_seconds_total");
    CHECK(cpu > 0);
    CHECK(value(metrics.text(), "process_cpu_seconds_total") >= cpu);
    CHECK(text.find("gatehouse_build_info{abi=\"") != text.npos);
}

TEST_CASE("the last reload and the time of the active configuration are shown") {
    Metrics metrics;
    CHECK(value(metrics.text(), "gatehouse_config_last_reload_successful") == 1);
    metrics.activated();
    const double started = value(metrics.text(), "gatehouse_config_active_since_seconds");
    CHECK(std::abs(started - static_cast<double>(std::time(nullptr))) < 60);
    metrics.reloaded(false);
    CHECK(value(metrics.text(), "gatehouse_config_last_reload_successful") == 0);
    CHECK(value(metrics.text(), "gatehouse_config_active_since_seconds") == started);
    metrics.reloaded(true);
    CHECK(value(metrics.text(), "gatehouse_config_last_reload_successful") == 1);
    CHECK(value(metrics.text(), "gatehouse_config_reloads_total{result=\"accepted\"}") == 1);
    CHECK(value(metrics.text(), "gatehouse_config_reloads_total{result=\"rejected\"}") == 1);
}

TEST_CASE("counts of several threads add up") {
    Metrics metrics({"oci"});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                metrics.started();
                metrics.finished(record_of("oci", 200 + i % 5));
            }
        });
    for (std::thread& thread : threads) thread.join();
    const std::string text = metrics.text();
    CHECK(value(text, "gatehouse_requests_running") == 0);
    CHECK(value(text, "gatehouse_requests_total{provider=\"oci\",status=\"200\"}") == 800);
    CHECK(value(text, "gatehouse_request_duration_seconds_count{provider=\"oci\"}") == 4000);
}

TEST_CASE("the text is in Prometheus' format") {
    Metrics metrics({"oci"});
    metrics.started();
    metrics.finished(record_of("oci", 200));
    std::istringstream lines(metrics.text());
    int samples = 0;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        const std::string name = line.starts_with("# ") ? line.substr(7) : line;  // "# HELP " or "# TYPE "
        CHECK((name.starts_with("gatehouse_") || name.starts_with("process_")));
        if (line.starts_with("# ")) continue;
        ++samples;
    }
    CHECK(samples > 20);
}

TEST_CASE("requests are counted by their outcome, which the status alone does not tell") {
    Metrics metrics({"oci"});
    auto finish = [&](int status, bool gone, std::optional<ErrorKind> error) {
        RequestRecord record = record_of("oci", status);
        record.gone = gone;
        record.error = error;
        metrics.started();
        metrics.finished(record);
    };
    finish(200, false, {});
    finish(502, false, ErrorKind::upstream);
    finish(200, false, ErrorKind::upstream);
    finish(200, true, {});
    finish(0, true, {});
    const std::string text = metrics.text(), name = "gatehouse_outcomes_total{outcome=";
    CHECK(value(text, name + "\"ok\",provider=\"oci\"}") == 1);
    CHECK(value(text, name + "\"failed\",provider=\"oci\"}") == 1);
    CHECK(value(text, name + "\"cut\",provider=\"oci\"}") == 1);
    CHECK(value(text, name + "\"left\",provider=\"oci\"}") == 2);
}

TEST_CASE("estimated tokens are counted apart from those that the upstream reported") {
    Metrics metrics({"oci"});
    RequestRecord record = record_of("oci", 200);
    record.gone = true;
    record.estimate = {.prompt = 30, .completion = 4};
    metrics.started();
    metrics.finished(record);
    const std::string text = metrics.text();
    CHECK(value(text, "gatehouse_tokens_estimated_total{kind=\"prompt\",provider=\"oci\"}") == 30);
    CHECK(value(text, "gatehouse_tokens_estimated_total{kind=\"completion\",provider=\"oci\"}") == 4);
    CHECK(value(text, "gatehouse_tokens_total{kind=\"prompt\",provider=\"oci\"}") == 0);
}

TEST_CASE("requests, tokens and first tokens are counted by client, model and route, with a bound") {
    Metrics metrics({"oci"});
    Settings settings;
    settings.admin.listen = "127.0.0.1:8051";
    settings.metrics.usage_series = 2;
    auto finish = [&](const std::string& client, const std::string& model, const std::string& provider) {
        RequestRecord record = record_of(provider, provider.empty() ? 404 : 200);
        record.client = client;
        record.model = model;
        if (!provider.empty()) record.upstream_model = "gpt-4.1";
        record.usage = Usage{.prompt = 5, .completion = 3, .total = 8, .cached = 1};
        record.first_token = record.start + 300ms;
        record.cost = Cost{.nano = 250'000, .currency = "EUR"};
        metrics.count_client(settings, record);
    };
    finish("alice", "fast", "oci");
    finish("alice", "fast", "oci");
    for (int i = 0; i < 10; ++i) finish("bob", "made-up-" + std::to_string(i), "");
    for (int i = 0; i < 10; ++i) finish("client-" + std::to_string(i), "fast", "oci");
    const std::string text = metrics.text(), by = "client=\"alice\",";
    const std::string rest = "model=\"fast\",", route = "route=\"oci/gpt-4.1\"}";
    CHECK(value(text, "gatehouse_client_requests_total{" + by + rest + "outcome=\"ok\"," + route) == 2);
    CHECK(value(text, "gatehouse_client_tokens_total{" + by + "kind=\"prompt\"," + rest + route) == 10);
    CHECK(value(text, "gatehouse_client_tokens_total{" + by + "kind=\"cached\"," + rest + route) == 2);
    CHECK(value(text, "gatehouse_client_cost_total{" + by + "currency=\"EUR\"," + rest + route) == 0.0005);
    CHECK(value(text, "gatehouse_model_time_to_first_token_seconds_count{" + rest + route) == 2);
    CHECK(
        value(
            text,
            "gatehouse_client_requests_total{client=\"bob\",model=\"none\",outcome=\"failed\",route=\"none\"}") ==
        10);
    CHECK(
        value(
            text,
            "gatehouse_client_requests_total{client=\"other\",model=\"other\",outcome=\"ok\",route=\"other\"}") ==
        10);
    CHECK(text.find("made-up") == text.npos);
    CHECK(text.find("client-") == text.npos);
}

TEST_CASE("without a listener of their own, the metrics have no names of clients") {
    Metrics metrics({"oci"});
    RequestRecord record = record_of("oci", 200);
    record.client = "alice";
    metrics.count_client(Settings(), record);
    CHECK(metrics.text().find("alice") == std::string::npos);
}

TEST_CASE("requests and tokens are counted by chosen attributes, with a bound on their values") {
    Metrics metrics;
    Settings options;
    options.metrics = {.attributes = {"tenant", "groups"}, .attribute_values = 2};
    auto finish = [&](std::vector<std::string> tenant, int status) {
        const Identity who{.name = "a", .attributes = {{"tenant", std::move(tenant)}, {"hidden", {"h"}}}};
        RequestRecord record = record_of("", status);
        record.who = &who;
        record.usage = Usage{.prompt = 5, .completion = 3, .total = 8};
        metrics.count_client(options, record);
    };
    finish({"t1"}, 200);
    finish({"t1"}, 201);
    finish({"a", "b"}, 429);
    for (int i = 0; i < 10; ++i) finish({"t" + std::to_string(i + 2)}, 0);
    finish({}, 200);
    metrics.count_client(options, record_of("", 200));  // not authenticated
    const std::string text = metrics.text();
    const std::string requests = "gatehouse_attribute_requests_total{attribute=\"tenant\",";
    const std::string tokens = "gatehouse_attribute_tokens_total{attribute=\"tenant\",kind=\"prompt\",";
    CHECK(value(text, requests + "status=\"2xx\",value=\"t1\"}") == 2);
    CHECK(value(text, requests + "status=\"4xx\",value=\"a,b\"}") == 1);
    CHECK(value(text, requests + "status=\"none\",value=\"other\"}") == 10);
    CHECK(value(text, tokens + "value=\"t1\"}") == 10);
    CHECK(value(text, tokens + "value=\"other\"}") == 50);
    CHECK(text.find("t2") == text.npos);
    CHECK(text.find("hidden") == text.npos);
    CHECK(text.find("groups") == text.npos);
}

TEST_CASE("a value of an attribute cannot break the text of the metrics") {
    Metrics metrics;
    Settings options;
    options.metrics.attributes = {"x"};
    const Identity who{.name = "a", .attributes = {{"x", {"a\n\"\\\xff" + std::string(150, 'y')}}}};
    RequestRecord record = record_of("", 200);
    record.who = &who;
    metrics.count_client(options, record);
    const std::string text = metrics.text();
    CHECK(text.find("value=\"a \\\"\\\\\xEF\xBF\xBDyyy") != text.npos);
    CHECK(text.find(std::string(101, 'y')) == text.npos);
}

TEST_CASE("requests without a provider have no series that cannot move") {
    const std::string text = Metrics({"first"}).text();
    for (const char* name :
         {"gatehouse_time_to_first_token_seconds_count{", "gatehouse_breakers_open{",
          "gatehouse_retries_total{", "gatehouse_fallbacks_total{",
          "gatehouse_upstream_abandoned_total{outcome=\"drained\",",
          "gatehouse_tokens_estimated_total{kind=\"prompt\",", "gatehouse_provider_unusable{"}) {
        CAPTURE(name);
        CHECK(text.find(std::string(name) + "provider=\"first\"}") != std::string::npos);
        CHECK(text.find(std::string(name) + "provider=\"none\"}") == std::string::npos);
    }
}

TEST_CASE("the series of a metric have a fixed order") {
    std::vector<std::string> names;
    for (int i = 0; i < 20; ++i) names.push_back("p" + std::to_string(10 + i));
    const std::string text = Metrics(names).text();
    std::size_t at = 0;
    for (const std::string& name : names) {
        const std::size_t next = text.find("gatehouse_retries_total{provider=\"" + name + "\"}");
        REQUIRE(next != std::string::npos);
        CHECK(next > at);
        at = next;
    }
}
