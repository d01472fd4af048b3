// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/ring.hpp"

#include <algorithm>

namespace gatehouse::console {

std::size_t bytes_of(const Story& story) {
    std::size_t bytes = sizeof(Story) + 64;
    for (const std::string* text :
         {&story.trace.state, &story.id, &story.method, &story.path, &story.peer, &story.user_agent,
          &story.endpoint, &story.dialect, &story.client, &story.client_id, &story.operation, &story.model,
          &story.route.provider, &story.route.model, &story.hook})
        bytes += text->capacity();
    for (const std::string& group : story.groups) bytes += sizeof group + group.capacity();
    bytes += story.stages.capacity() * sizeof(StoryStage);
    for (const StoryAttempt& one : story.attempts)
        bytes += sizeof one + one.route.provider.capacity() + one.route.model.capacity() +
                 one.plugin.capacity() + one.endpoint.capacity() + one.upstream_id.capacity() +
                 one.model.capacity() + one.answer_id.capacity() + one.finished.capacity() * 4;
    return bytes;
}

void Ring::set_limits(std::size_t requests, std::size_t bytes) {
    most_requests_ = requests;
    most_bytes_ = bytes;
    trim();
}

void Ring::add(std::shared_ptr<const Story> story) {
    const std::size_t bytes = bytes_of(*story);
    bytes_ += bytes;
    all_.push_back({++seen_, std::move(story), bytes});
    trim();
}

void Ring::trim() {
    while (!all_.empty() && (all_.size() > most_requests_ || bytes_ > most_bytes_)) {
        bytes_ -= all_.front().bytes;
        all_.pop_front();
    }
}

std::shared_ptr<const Story> Ring::find(std::string_view id) const {
    const auto found =
        std::find_if(all_.rbegin(), all_.rend(), [&](const Kept& one) { return one.story->id == id; });
    return found == all_.rend() ? nullptr : found->story;
}

Ring::Page Ring::page(const Filter& filter, std::size_t limit, std::uint64_t after,
                      std::uint64_t before) const {
    Page page;
    for (auto at = all_.rbegin(); at != all_.rend(); ++at) {
        const Kept& one = *at;
        if (one.number <= after) break;
        if ((before != 0 && one.number >= before) || !filter.matches(*one.story)) continue;
        page.more = page.requests.size() == limit;
        if (page.more) break;
        page.requests.push_back(one);
    }
    return page;
}

}  // namespace gatehouse::console
