// SPDX-License-Identifier: Apache-2.0
// What all exchanges of one instance share, owned by the provider.  Made at
// start; `lessons` takes care of its threads.
#pragma once

#include "plugins/common/upstream/base_url.hpp"
#include "plugins/provider/openai/options.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/http.hpp>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::openai_provider {

/// What models have refused, so that it is not sent to them again.
struct Lesson {
    bool max_completion_tokens = false;  // in place of max_tokens
    bool no_stream_options = false;
};

class Lessons {
public:
    Lesson about(const std::string& model) const {
        std::lock_guard lock(mutex_);
        const auto found = lessons_.find(model);
        return found == lessons_.end() ? Lesson{} : found->second;
    }
    void learn(const std::string& model, const Lesson& lesson) {
        std::lock_guard lock(mutex_);
        // Names come from clients: a bound, behind which each is learned anew.
        if (lessons_.size() >= 1'000) lessons_.clear();
        lessons_[model] = lesson;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Lesson> lessons_;
};

struct Service {
    Options options;
    upstream::BaseUrl base;
    http::Headers headers;  // of every request
    Host& host;
    Lessons lessons;

    /// `path` such as "/chat/completions"; `model` names Azure's deployment.
    std::string url(std::string_view path, std::string_view model) const;
};

}  // namespace gatehouse::openai_provider
