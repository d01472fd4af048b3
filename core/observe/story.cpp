// SPDX-License-Identifier: Apache-2.0
#include "core/observe/story.hpp"

#include "core/observe/ending.hpp"

#include <utility>

namespace gatehouse::core {

using std::chrono::microseconds;

namespace {

constexpr std::size_t most_groups = 32;

// Paths of clients may be of any length.
std::string bounded(std::string text) {
    if (text.size() > 200) text.resize(200);
    return text;
}

/// Time for upstreams, and for the body of the request.
microseconds waited(const Story& story) {
    microseconds sum{0};
    for (const StoryAttempt& attempt : story.attempts)
        if (attempt.sent && attempt.end > *attempt.sent) sum += attempt.end - *attempt.sent;
    for (const StoryStage& stage : story.stages)
        if (stage.name == "read") sum += stage.end - stage.begin;
    return sum;
}

}  // namespace

microseconds since_start(const RequestRecord& record, RequestRecord::Clock::time_point time) {
    return std::chrono::duration_cast<microseconds>(time - record.start);
}

Usage numbers_of(const Usage& usage) {
    return {.prompt = usage.prompt,
            .completion = usage.completion,
            .total = usage.total,
            .cached = usage.cached,
            .reasoning = usage.reasoning,
            .accepted_prediction = usage.accepted_prediction,
            .rejected_prediction = usage.rejected_prediction,
            .cache_written = usage.cache_written};
}

void add_stage(RequestRecord& record, std::string_view stage) {
    auto& stages = record.story->stages;
    const microseconds begin = stages.empty() ? microseconds(0) : stages.back().end;
    stages.push_back({stage, begin, since_start(record, RequestRecord::Clock::now())});
}

void complete_story(RequestRecord& record) {
    Story& story = *record.story;
    story.total = since_start(record, record.end);
    story.waited = waited(story);
    if (record.first_token) story.first_output = since_start(record, *record.first_token);
    story.outcome = ending_name(ending_of(record));
    story.error = record.error;
    story.status = record.status;
    story.stream = record.stream;
    story.upstream_requests = record.attempts;
    story.bytes_in = record.bytes_in;
    story.bytes_out = record.bytes_out;
    if (record.usage) story.usage = numbers_of(*record.usage);
    if (record.who) {
        story.client_id = bounded(record.who->id);
        for (const std::string& group : record.who->groups)
            if (story.groups.size() < most_groups) story.groups.push_back(bounded(group));
    }
    // A hook or a limiter may still read these two.
    story.id = record.request_id;
    story.model = record.model;
    story.client = bounded(std::move(record.client));
    story.peer = std::move(record.peer);
    story.method = bounded(std::move(record.method));
    story.path = bounded(std::move(record.path));
    story.hook = std::move(record.hook);
    story.dialect = record.dialect;
    story.route = {std::move(record.provider), std::move(record.upstream_model)};
}

}  // namespace gatehouse::core
