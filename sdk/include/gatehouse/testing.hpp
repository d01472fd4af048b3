// SPDX-License-Identifier: Apache-2.0
// For plugin tests: a host without a network, a store, and an upstream made of strings.
#pragma once

#include "gatehouse/fake_store.hpp"
#include "gatehouse/sdk.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>

namespace gatehouse::testing {

/// A Host with a clock that does not advance and a list of responses for fetch.  Helper tasks
/// run at once.
class FakeHost : public Host {
public:
    /// A meter that a plugin has declared, with what it has counted: by the values of its labels, joined by
    /// commas.  A histogram counts its observations, and `last` is the last one.
    struct FakeMeter final : Counter, Gauge, Histogram {
        void add(double amount, MeterValues values) override { numbers[joined(values)] += amount; }
        void set(double value, MeterValues values) override { numbers[joined(values)] = value; }
        void observe(double value, MeterValues values) override {
            numbers[joined(values)] += 1;
            last = value;
        }
        static std::string joined(MeterValues values) {
            std::string text;
            for (std::string_view value : values) text.append(text.empty() ? "" : ",").append(value);
            return text;
        }
        std::map<std::string, double> numbers = {};
        double last = 0;
    };

    /// By name: `host.meters["spent_dollars_total"].numbers["red"]`.
    std::map<std::string, FakeMeter, std::less<>> meters;

    std::chrono::system_clock::time_point time{};
    Limits given_limits{};
    std::deque<Result<http::Response>> answers;  // for fetch, first in first out
    std::vector<http::Request> fetched;
    std::deque<std::function<void()>> timers;  // the tasks of after(), in order
    std::vector<std::string> logged;           // "message key=value key=value"
    Store* given_store = nullptr;              // such as a FakeStore

    std::chrono::system_clock::time_point now() const override { return time; }
    const Limits& limits() const override { return given_limits; }
    void fetch(http::Request request, Completion<http::Response> done) override {
        fetched.push_back(std::move(request));
        if (answers.empty()) return done(Error{ErrorKind::unavailable, "no answer prepared"});
        auto answer = std::move(answers.front());
        answers.pop_front();
        done(std::move(answer));
    }
    void after(std::chrono::milliseconds, std::function<void()> task) override {
        timers.push_back(std::move(task));
    }
    void run(std::function<void()> task) override { task(); }
    Store* store() override { return given_store; }
    Counter& counter(std::string_view name, std::string_view, MeterLabels) override { return meter(name); }
    Gauge& gauge(std::string_view name, std::string_view, MeterLabels) override { return meter(name); }
    Histogram& histogram(std::string_view name, std::string_view, std::vector<double>, MeterLabels) override {
        return meter(name);
    }

private:
    FakeMeter& meter(std::string_view name) { return meters[std::string(name)]; }

    void write_log(Level, std::string_view message, LogFields fields) override {
        std::string line(message);
        for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(value);
        logged.push_back(std::move(line));
    }
};

/// A request for Hook::begin().  REQUIRES: it outlives the HookState.
struct FakeRequest {
    std::string id = "req_test";
    Identity who = {.name = "client"};
    http::RequestHead head = {};
    mutable std::optional<RequestInfo> shown = {};
    const RequestInfo& info() const { return shown.emplace(RequestInfo{id, who, head}); }
};

/// The health of routes by "provider/model".  Routes that are not listed are healthy.
struct FakeHealths final : RouteHealths {
    std::map<std::string, RouteHealth> routes = {};
    RouteHealth of(std::string_view provider, std::string_view model) const override {
        const auto found = routes.find(std::string(provider).append("/").append(model));
        return found == routes.end() ? RouteHealth{} : found->second;
    }
};

/// A sink that keeps everything.
class Events final : public EventSink {
public:
    void emit(Event event) override { list.push_back(std::move(event)); }
    std::vector<Event> list;
};

/// All events of type T in `events`, in order.
template <typename T>
std::vector<T> all(const std::vector<Event>& events) {
    std::vector<T> found;
    for (const Event& event : events)
        if (auto* one = std::get_if<T>(&event)) found.push_back(*one);
    return found;
}

/// All text of one choice, joined.
inline std::string text(const std::vector<Event>& events, int choice = 0) {
    std::string joined;
    for (const TextDelta& delta : all<TextDelta>(events))
        if (delta.choice == choice) joined += delta.text;
    return joined;
}

/// The events of `exchange` for an upstream that responds with `head` and the given pieces.
inline Result<std::vector<Event>> replay(Exchange& exchange, const std::vector<std::string_view>& pieces,
                                         const http::ResponseHead& head = {}) {
    auto sent = exchange.request();
    if (!sent) return sent.error();
    Events events;
    if (*sent) {
        exchange.head(head);
        for (std::string_view piece : pieces)
            if (auto ok = exchange.body(piece, events); !ok) return ok.error();
    }
    if (auto ok = exchange.end(events); !ok) return ok.error();
    return std::move(events.list);
}

/// The same for a chat with `provider`.
inline Result<std::vector<Event>> replay(Provider& provider, const ChatRequest& request,
                                         const std::vector<std::string_view>& pieces,
                                         const http::ResponseHead& head = {}) {
    auto exchange = provider.chat(request);
    if (!exchange) return exchange.error();
    return replay(**exchange, pieces, head);
}

/// Calls check(result) for `body` in one piece, cut in two at every byte, and byte by byte.
/// It finds decoders that lose an incomplete rest.
template <typename Check>
void replay_cut_everywhere(Provider& provider, const ChatRequest& request, std::string_view body,
                           Check&& check, const http::ResponseHead& head = {}) {
    for (std::size_t cut = 0; cut <= body.size(); ++cut)
        check(replay(provider, request, {body.substr(0, cut), body.substr(cut)}, head));
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
    check(replay(provider, request, bytes, head));
}

/// Keeps the events of a local provider, adds up its sleeps, and acts as a client that
/// disconnects after `interest` events.
struct LocalEvents final : LocalSink {
    bool emit(Event event) override {
        if (list.size() >= interest) return false;
        list.push_back(std::move(event));
        return true;
    }
    bool sleep(std::chrono::milliseconds time) override {
        slept += time;
        return !gone();
    }
    bool gone() const override { return list.size() >= interest; }

    std::vector<Event> list = {};
    std::chrono::milliseconds slept{};
    std::size_t interest = std::numeric_limits<std::size_t>::max();
};

/// A checked configuration that did not come from a file.
class FakeConfig final : public Config {
public:
    explicit FakeConfig(Table table) : table_(std::move(table)) {}
    std::string_view instance() const override { return "test"; }
    const Table& table() const override { return table_; }
    Error error(std::string_view path, std::string message) const override {
        return {ErrorKind::bad_config, std::string(path) + ": " + message};
    }

private:
    Table table_;
};

/// An instance of the plugin with this descriptor, created as the core creates it.
///
///     extern "C" const gatehouse::Descriptor gatehouse_plugin;
///     auto provider = create<Provider>(gatehouse_plugin, {}, host);
template <typename Interface>
Result<std::unique_ptr<Interface>> create(const Descriptor& descriptor, Table table, Host& host) {
    auto made = descriptor.create(FakeConfig(std::move(table)), host);
    if (!made) return made.error();
    return std::unique_ptr<Interface>(static_cast<Interface*>(made->release()));
}

/// A table of strings: strings({{"region", "x"}, {"model", "y"}}).
inline Table strings(std::initializer_list<std::pair<std::string, std::string>> entries) {
    Table table;
    for (const auto& [name, value] : entries) table.entries.push_back({name, Value{value}});
    return table;
}

/// A Completion that writes into `out`.  REQUIRES: `out` outlives the completion.
template <typename T>
Completion<T> into(std::optional<Result<T>>& out) {
    return Completion<T>([&out](Result<T> result) { out.emplace(std::move(result)); });
}

/// Calls an admin resource as the core does.  The result is empty until the resource completes.
inline std::shared_ptr<std::optional<Result<http::Response>>> call_admin(AdminResource& resource,
                                                                         AdminRequest request) {
    auto out = std::make_shared<std::optional<Result<http::Response>>>();
    const auto methods = resource.methods();
    const bool known = std::any_of(methods.begin(), methods.end(),
                                   [&](const AdminMethod& one) { return one.method == request.method; });
    if (known)
        resource.handle(std::move(request), Completion<http::Response>([out](Result<http::Response> result) {
                            out->emplace(std::move(result));
                        }));
    else
        out->emplace(Error{
            .kind = ErrorKind::unsupported, .message = "the resource has no such method", .status = 405});
    return out;
}

}  // namespace gatehouse::testing
