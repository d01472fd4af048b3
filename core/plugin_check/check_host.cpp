// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/check_host.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {
constexpr std::size_t helper_threads = 3;
}  // namespace

bool Confidential::leaks(std::string_view text) const {
    for (const std::string& secret : secrets)
        if (secret.size() >= shortest_secret && text.find(secret.substr(0, telling_part)) != text.npos)
            return true;
    return false;
}

CheckHost::CheckHost(Check& check, const Confidential& confidential, const Network& network,
                     const Limits& limits, std::weak_ptr<const void> owner)
    : check_(check),
      confidential_(confidential),
      network_(network),
      limits_(limits),
      owner_(std::move(owner)) {}

CheckHost::~CheckHost() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

// There is no network here.  The plugin must report an error for each call without a recorded response.
void CheckHost::fetch(http::Request request, Completion<http::Response> done) {
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
        check_.error("fetch-url", "the URL of a fetch is not absolute", "http.hpp, Request::url",
                     request.url);
    auto shared = std::make_shared<Completion<http::Response>>(std::move(done));
    for (const Answer& answer : network_.answers)
        if (answers_fetch(answer, request)) {
            note_use(answer);
            return enqueue({}, [shared, response = http::Response{answer.head, answer.body}] {
                (*shared)(http::Response(response));
            });
        }
    ++network_.unanswered;
    enqueue({}, [shared] {
        (*shared)(Error{ErrorKind::unavailable, "there is no network while a plugin is checked"});
    });
}

void CheckHost::note_use(const Answer& answer) {
    const std::lock_guard lock(network_.mutex);
    if (network_.used.insert(answer.name).second) check_.fact(used_fact + answer.name, "yes");
}

void CheckHost::after(std::chrono::milliseconds delay, std::function<void()> task) {
    enqueue(delay, std::move(task));
}

void CheckHost::check_meter(const MeterDeclaration& declared, bool is_counter) {
    if (auto ok = check_declaration(declared, is_counter); !ok)
        check_.error("meter", "the declaration of a meter breaks a rule, so it counts nothing", "meter.hpp",
                     ok.error().message);
}
Counter& CheckHost::counter(std::string_view name, std::string_view help, MeterLabels labels) {
    check_meter({{}, name, help, std::move(labels)}, true);
    return gatehouse::detail::no_meter();
}
Gauge& CheckHost::gauge(std::string_view name, std::string_view help, MeterLabels labels) {
    check_meter({{}, name, help, std::move(labels)}, false);
    return gatehouse::detail::no_meter();
}
Histogram& CheckHost::histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                                MeterLabels labels) {
    check_meter({{}, name, help, std::move(labels), std::move(buckets)}, false);
    return gatehouse::detail::no_meter();
}

void CheckHost::enqueue(std::chrono::milliseconds delay, std::function<void()> task) {
    if (!task)
        return check_.error("no-task", "the plugin gave the host an empty task", "host.hpp, Host::run");
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    if (threads_.empty())
        for (std::size_t i = 0; i < helper_threads; ++i) threads_.emplace_back([this] { work(); });
    tasks_.emplace(Clock::now() + delay, std::move(task));
    ready_.notify_one();
}

void CheckHost::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (stopping_) return;
        if (tasks_.empty()) {
            ready_.wait(lock);
            continue;
        }
        if (const auto due = tasks_.begin()->first; due > Clock::now()) {
            ready_.wait_until(lock, due);
            continue;
        }
        std::function<void()> task = std::move(tasks_.begin()->second);
        tasks_.erase(tasks_.begin());
        lock.unlock();
        // As in the core: the instance stays while its task runs.
        if (const auto alive = owner_.lock()) check_.calls("host.hpp, Host::run", task);
        task = nullptr;
        lock.lock();
    }
}

void CheckHost::write_log(Level, std::string_view message, LogFields fields) {
    auto look = [&](std::string_view text) {
        if (confidential_.leaks(text))
            check_.error("log-secret", "a secret of the configuration is logged", "host.hpp, Host::log",
                         "the line \"" + std::string(message.substr(0, 40)) + "…\"");
        if (text.find(prompt_mark) != text.npos)
            check_.error("log-prompt", "the client's text is logged", "host.hpp, Host::log",
                         "the line \"" + std::string(message.substr(0, 80)) + "\"");
    };
    look(message);
    for (const auto& [name, value] : fields) {
        look(name);
        look(value);
    }
    check_.beat();
}

}  // namespace gatehouse::core::plugin_check
