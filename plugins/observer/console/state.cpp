// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/state.hpp"

#include <gatehouse/url.hpp>

#include <charconv>
#include <map>

namespace gatehouse::console {

namespace {

constexpr std::chrono::minutes window{5};
constexpr std::size_t shown_failures = 10;
constexpr std::string_view requests_path = "/requests";

std::int64_t unix_ms(State::Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void write_quantiles(JsonWriter& json, std::string_view name, const Durations& times) {
    json.key(name).begin_object();
    for (const auto& [word, share] : {std::pair{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}})
        if (const auto time = times.quantile(share))
            json.member(word, static_cast<double>(time->count()) / 1000);
    json.end_object();
}

Result<int> minutes_in(std::string_view query) {
    int minutes = 15;
    const auto text = query_value(query, "minutes");
    if (!text || text->empty()) return minutes;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), minutes);
    if (read.ec != std::errc() || read.ptr != text->data() + text->size() || minutes < 1 || minutes > 60)
        return Error{
            .kind = ErrorKind::bad_request, .message = "minutes must be 1 to 60", .param = "minutes"};
    return minutes;
}

http::Response as_response(std::string body) {
    return {{.headers = {{"content-type", "application/json"}}}, std::move(body)};
}

}  // namespace

std::shared_ptr<State> State::of(const Options& options, Time now) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<State>> living;
    const std::lock_guard lock(mutex);
    std::erase_if(living, [](const auto& one) { return one.second.expired(); });
    auto state = living[options.resource].lock();
    if (!state) {
        state = std::make_shared<State>(now);
        living[options.resource] = state;
    }
    state->set_limits(options);
    return state;
}

void State::set_limits(const Options& options) {
    const std::lock_guard lock(mutex_);
    ring_.set_limits(static_cast<std::size_t>(options.max_requests),
                     static_cast<std::size_t>(options.max_bytes));
}

void State::add(const std::vector<std::shared_ptr<const Story>>& stories) {
    const std::lock_guard lock(mutex_);
    for (const auto& story : stories) {
        series_.add(*story, story->start + story->total);
        ring_.add(story);
    }
}

Result<http::Response> State::get(const AdminRequest& request, Time now) const {
    const std::string& path = request.path;
    if (path.empty()) return as_response(summary(now));
    if (path == requests_path) {
        const auto query = read_query(request.query);
        if (!query) return query.error();
        const std::lock_guard lock(mutex_);
        return as_response(page_json(ring_, *query));
    }
    if (path == "/series") {
        const auto minutes = minutes_in(request.query);
        if (!minutes) return minutes.error();
        const std::lock_guard lock(mutex_);
        return as_response(series_.json(*minutes, now));
    }
    if (!path.starts_with(requests_path) || path.size() <= requests_path.size() + 1 ||
        path[requests_path.size()] != '/')
        return Error{ErrorKind::not_found, "the console has /requests, /requests/ID and /series"};
    std::unique_lock lock(mutex_);
    const auto story = ring_.find(std::string_view(path).substr(requests_path.size() + 1));
    lock.unlock();
    if (!story)
        return Error{
            ErrorKind::not_found,
            "no request with this id is kept: it still runs, is too old, or the gateway has restarted"};
    return as_response(story_json(*story));
}

std::string State::summary(Time now) const {
    const std::lock_guard lock(mutex_);
    const Sums recent = series_.since(now - window);
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("since_ms", unix_ms(since_)).member("seen", ring_.seen());
    json.member("kept", ring_.kept()).member("bytes", ring_.bytes());
    json.key("window").begin_object().member("seconds", std::int64_t{std::chrono::seconds(window).count()});
    json.member("requests", recent.requests).member("failed", recent.failed).member("left", recent.left);
    json.member("prompt_tokens", recent.prompt_tokens).member("completion_tokens", recent.completion_tokens);
    json.member("cost", money(recent.cost_nano)).member("currency", recent.currency);
    write_quantiles(json, "first_token_ms", recent.first_output);
    write_quantiles(json, "total_ms", recent.total);
    write_quantiles(json, "overhead_ms", recent.overhead);
    json.end_object().key("problems").begin_array();
    const Ring::Page problems = ring_.page({.outcome = "problem"}, shown_failures, 0, 0);
    for (const Kept& one : problems.requests) write_row(json, one);
    json.end_array().end_object();
    return text;
}

}  // namespace gatehouse::console
