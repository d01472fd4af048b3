// SPDX-License-Identifier: Apache-2.0
// State that all exchanges of an instance share.  Owned by the provider, created at start.
// `quirks` locks, all other members are constant.
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

/// Fields that a model has refused.  They are not sent to it again.
struct Quirks {
    bool max_completion_tokens = false;  // instead of max_tokens
    bool no_stream_options = false;
};

class LearnedQuirks {
public:
    Quirks about(const std::string& model) const {
        std::lock_guard lock(mutex_);
        const auto found = quirks_.find(model);
        return found == quirks_.end() ? Quirks{} : found->second;
    }
    void learn(const std::string& model, const Quirks& quirks) {
        std::lock_guard lock(mutex_);
        // Clients choose the names, so their number is limited.  A full table is cleared.
        if (quirks_.size() >= 1'000) quirks_.clear();
        quirks_[model] = quirks;
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, Quirks> quirks_;
};

struct Service {
    Options options;
    upstream::BaseUrl base;
    http::Headers headers;  // headers of every request
    Host& host;
    LearnedQuirks quirks;

    /// `path` such as "/chat/completions"; `model` names Azure's deployment.
    std::string url(std::string_view path, std::string_view model) const;
};

}  // namespace gatehouse::openai_provider
