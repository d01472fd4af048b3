// SPDX-License-Identifier: Apache-2.0
// What is special about a model: from its name, from the keys of the
// configuration, and from what it has refused before.
// Models is constant once made, Learned locks: any thread.
#pragma once

#include "plugins/common/upstream/model_options.hpp"
#include "plugins/provider/anthropic/options.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic {

/// How a model is told to think.
enum class ThinkingStyle {
    none,      // it does not
    budget,    // {"type":"enabled","budget_tokens":N}
    adaptive,  // {"type":"adaptive"}, and output_config.effort
};

/// What a model takes and what it answers with a 400.
struct Manners {
    ThinkingStyle thinking = ThinkingStyle::budget;
    bool sampling = true;      // temperature, top_p, top_k
    bool both = true;          // temperature and top_p in one request
    bool effort = false;       // output_config.effort
    bool high_effort = false;  // and its words xhigh and max
    bool schemas = false;      // output_config.format; else a tool stands in for it
    bool prefill = true;       // a conversation that ends with the assistant's own words

    friend bool operator==(const Manners&, const Manners&) = default;
};

struct Model {
    std::string id = {};
    Manners manners = {};
    std::int64_t max_tokens = 8192;  // when the client names none
    std::int64_t max_output = 0;     // of the model, as far as we know; 0: we do not
    std::optional<std::int64_t> max_tokens_cap = {}, context_window = {};
    std::int64_t budget_low = 4096, budget_medium = 10'000, budget_high = 24'000;
};

class Models {
public:
    /// Throws KeyError.
    explicit Models(const Options& options);

    Model find(std::string_view id) const;

private:
    Options defaults_;
    upstream::ModelOptionsTable<ModelOptions> special_;
};

/// Manners of models that have refused something, until the next start.
class Learned {
public:
    void set(const std::string& model, const Manners& manners) {
        std::lock_guard lock(mutex_);
        // Names come from clients; they must not fill the memory.
        if (manners_.size() < max_models || manners_.contains(model)) manners_[model] = manners;
    }
    std::optional<Manners> about(std::string_view model) const {
        std::lock_guard lock(mutex_);
        const auto found = manners_.find(model);
        return found == manners_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    static constexpr std::size_t max_models = 1000;

    mutable std::mutex mutex_;
    std::map<std::string, Manners, std::less<>> manners_;
};

}  // namespace gatehouse::anthropic
