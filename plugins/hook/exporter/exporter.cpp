// SPDX-License-Identifier: Apache-2.0
// A hook that sends a record of each request to an HTTP service, without any text of it.
// The instance is read only except for its queue: any thread.
#include "plugins/hook/exporter/batches.hpp"

#include <gatehouse/base_url.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>

#include <algorithm>

namespace gatehouse::exporter {

namespace {

struct Options {
    std::string url = {}, ca_file = {};
    std::optional<std::string> key = {};
    std::vector<std::string> attributes = {};
    std::int64_t interval_ms = 5'000, max_batch = 500, max_waiting_bytes = 8'388'608, timeout_ms = 10'000;
};

const Fields<Options> fields = {
    required("url", &Options::url, "URL of the service, such as https://usage.example.com/records."),
    secret("key", &Options::key, "Sent to the service as Authorization: Bearer."),
    optional("ca_file", &Options::ca_file, "PEM file of the certificate authorities to trust for url."),
    optional("attributes", &Options::attributes,
             "Names of the client's attributes that records have, such as [\"tenant\"]."),
    ranged("interval_ms", &Options::interval_ms, 10, 3'600'000,
           "Time for which records wait for a batch, in milliseconds."),
    ranged("max_batch", &Options::max_batch, 1, 100'000, "Maximum number of records in a batch."),
    ranged("max_waiting_bytes", &Options::max_waiting_bytes, 65'536, 1'073'741'824,
           "Maximum bytes of the records that wait; further records are dropped and counted."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 600'000,
           "Time for the service to accept a batch, in milliseconds."),
};

Limits limits_of(const Options& options) {
    return {.lines = static_cast<std::size_t>(options.max_batch),
            .waiting_bytes = static_cast<std::size_t>(options.max_waiting_bytes),
            .interval = std::chrono::milliseconds(options.interval_ms)};
}

http::Request request_of(const Options& options) {
    check_service_url(options.url, "url");
    http::Request request{.method = "POST", .url = options.url};
    request.headers.add("content-type", "application/x-ndjson");
    if (options.key) request.headers.add("authorization", "Bearer " + *options.key);
    request.total_timeout = std::chrono::milliseconds(options.timeout_ms);
    request.ca_file = options.ca_file;
    return request;
}

std::int64_t ms_of(std::chrono::microseconds time) { return time.count() / 1'000; }

std::string_view result_of(const RequestOutcome& outcome) {
    if (outcome.client_left) return "client_left";
    return outcome.error ? "error" : "ok";
}

void add_usage(JsonWriter& json, const Usage& usage) {
    json.member("prompt_tokens", usage.prompt).member("completion_tokens", usage.completion);
    json.member("cached_tokens", usage.cached).member("cache_written_tokens", usage.cache_written);
    json.member("reasoning_tokens", usage.reasoning);
}

void add_times(JsonWriter& json, const RequestOutcome& outcome) {
    json.member("ms", ms_of(outcome.total));
    if (outcome.first_token) json.member("first_token_ms", ms_of(*outcome.first_token));
    if (outcome.upstream) json.member("upstream_ms", ms_of(*outcome.upstream));
}

}  // namespace

class Exporter final : public Hook {
public:
    Exporter(Options options, Host& host)
        : options_(std::move(options)),
          host_(host),
          batches_(host, request_of(options_), limits_of(options_)) {}
    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

    void add(const RequestInfo& info, std::string_view operation, const RequestOutcome& outcome) {
        std::string line;
        JsonWriter json(line);
        json.begin_object().member("time_ms", now()).member("request", info.id);
        add_client(json, info);
        json.member("operation", operation).member("model", outcome.model).member("stream", outcome.stream);
        json.member("result", result_of(outcome)).member("status", outcome.status);
        if (outcome.error && !outcome.error->code.empty()) json.member("code", outcome.error->code);
        if (outcome.attempts) {
            json.member("provider", outcome.provider).member("route", outcome.route);
            json.member("attempts", outcome.attempts);
        }
        if (outcome.usage) add_usage(json, *outcome.usage);
        json.member("bytes_in", outcome.bytes_in).member("bytes_out", outcome.bytes_out);
        add_times(json, outcome);
        json.end_object();
        batches_.add(line + "\n");
    }

private:
    std::int64_t now() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(host_.now().time_since_epoch()).count();
    }

    void add_client(JsonWriter& json, const RequestInfo& info) const {
        json.member("client", info.who.name);
        if (!info.who.id.empty()) json.member("client_id", info.who.id);
        if (!info.authenticator.empty()) json.member("authenticator", info.authenticator);
        if (!info.who.groups.empty()) json.member("groups", info.who.groups);
        for (const std::string& name : options_.attributes)
            if (const auto found = info.who.attributes.find(name); found != info.who.attributes.end())
                json.member("attribute_" + name, found->second);
    }

    const Options options_;
    Host& host_;
    Batches batches_;
};

class State final : public HookState {
public:
    State(Exporter& exporter, const RequestInfo& info) : exporter_(exporter), info_(info) {}

    Result<void> request(Operation& operation) override {
        operation_ = RouteQuery{.model = {}, .operation = operation}.kind();
        return {};
    }
    void done(const RequestOutcome& outcome) override { exporter_.add(info_, operation_, outcome); }

private:
    Exporter& exporter_;
    const RequestInfo& info_;
    std::string operation_ = {};
};

std::unique_ptr<HookState> Exporter::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info);
}

}  // namespace gatehouse::exporter

GATEHOUSE_PLUGIN(gatehouse::exporter::Exporter, gatehouse::exporter::Options, gatehouse::exporter::fields,
                 "exporter", "1.0.0");
