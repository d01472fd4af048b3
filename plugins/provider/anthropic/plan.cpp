// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/plan.hpp"

#include "plugins/provider/anthropic/members.hpp"
#include "plugins/provider/anthropic/messages.hpp"
#include "plugins/provider/anthropic/past_thoughts.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>

namespace gatehouse::anthropic {

namespace {

constexpr std::int64_t smallest_budget = 1024;  // minimum of the API

/// OpenAI's words for the effort.  A `budget` of 0 disables thinking.
struct Effort {
    bool known = false;
    std::int64_t budget = 0;
    std::string_view word = {};  // value of output_config.effort
};

Effort effort_of(std::string_view given, const Model& model) {
    const std::string word = lower_case(given);
    const bool high = model.capabilities.high_effort;
    if (word == "none" || word == "off" || word == "disable" || word == "disabled") return {.known = true};
    if (word == "minimal") return {true, smallest_budget, "low"};
    if (word == "low") return {true, model.budget_low, "low"};
    if (word == "medium") return {true, model.budget_medium, "medium"};
    if (word == "high") return {true, model.budget_high, "high"};
    if (word == "xhigh") return {true, model.budget_high, high ? "xhigh" : "high"};
    if (word == "max") return {true, model.budget_high, high ? "max" : "high"};
    return {};
}

/// The budget of the client's {"type":"enabled","budget_tokens":N}.
std::int64_t budget_in(std::string_view thinking) {
    const std::string text = json::member_of({std::string(thinking)}, "budget_tokens");
    std::int64_t budget = 0;
    std::from_chars(text.data(), text.data() + text.size(), budget);
    return std::clamp<std::int64_t>(budget, 0, 10'000'000);
}

bool is_forced(const ChatRequest& request) {
    if (!has_functions(request)) return false;
    switch (request.tool_choice.mode) {
        case ToolChoice::Mode::required:
        case ToolChoice::Mode::named: return true;
        case ToolChoice::Mode::unset:
        case ToolChoice::Mode::automatic:
        case ToolChoice::Mode::none:
        case ToolChoice::Mode::other: return false;
    }
    return false;
}

/// The schema of the answer.  Some clients send a schema with the type json_object.
std::string schema_of(const ResponseFormat& format) {
    if (format.kind == ResponseFormat::Kind::json_schema) return format.schema.text;
    if (format.kind != ResponseFormat::Kind::json_object) return {};
    std::string schema = json::member_of(format.extra, "schema");
    return schema.starts_with('{') ? schema : std::string();
}

Plan::Answer answer_of(const ChatRequest& request, const Model& model, const std::string& schema) {
    using Kind = ResponseFormat::Kind;
    switch (request.response_format.kind) {
        case Kind::unset:
        case Kind::text:
        case Kind::other: return Plan::Answer::free;
        case Kind::json_object:
        case Kind::json_schema: break;
    }
    if (schema.empty()) return Plan::Answer::words;
    if (model.capabilities.schemas) return Plan::Answer::schema;
    // A forced tool call is not an answer: the schema would have no text to apply to.
    return is_forced(request) ? Plan::Answer::free : Plan::Answer::tool;
}

/// Whether a client of the same protocol sends the format itself, which is passed on.
bool has_own_format(const ChatRequest& request) {
    if (!is_native(request)) return false;
    return !json::member_of({json::member_of(request.extra, "output_config")}, "format").empty();
}

class Planner {
public:
    Planner(const ChatRequest& request, const Model& model, json::Extras& extras)
        : request_(request), model_(model), extras_(extras), asked_(request.sampling.output_limit()) {
        if (asked_ && model.max_tokens_cap) asked_ = std::min(*asked_, *model.max_tokens_cap);
    }

    Plan make(const ToolNames& names) {
        const bool own = has_own_format(request_);
        if (!own) plan_.schema = schema_of(request_.response_format);
        if (!own) plan_.answer = answer_of(request_, model_, plan_.schema);
        if (plan_.answer == Plan::Answer::tool)
            plan_.answer_tool = names.free_name(
                request_, request_.response_format.name.empty() ? "answer" : request_.response_format.name);
        const bool other = !own && request_.response_format.kind == ResponseFormat::Kind::other;
        plan_.leave_out(plan_.answer == Plan::Answer::free && (other || !plan_.schema.empty()),
                        "response_format");
        plan_.max_tokens = asked_.value_or(model_.max_tokens);
        // The API refuses thinking if a call is forced or the assistant's turn has begun.
        forced_ = is_forced(request_) || plan_.answer == Plan::Answer::tool ||
                  (model_.capabilities.prefill && ends_with_assistant(request_));
        if (const std::string_view own = extras_.take("thinking"); !own.empty())
            take_own(own);
        else if (is_native(request_))
            plan_.own_thinking = true;
        else if (!request_.reasoning_effort.empty())
            take_effort();
        plan_.sampling = model_.capabilities.sampling && (plan_.thinking.empty() || is_native(request_));
        return std::move(plan_);
    }

private:
    /// The client sent Anthropic's own members, which are forwarded unchanged.
    void take_own(std::string_view thinking) {
        plan_.own_thinking = true;
        if (is_native(request_)) {
            plan_.thinking = thinking;
            return;
        }
        const std::string type = json::member_of({std::string(thinking)}, "type");
        if (type == "\"disabled\"") return;  // same as absent
        if (forced_) return plan_.leave_out("thinking");
        plan_.thinking = thinking;
        if (!asked_) make_room(budget_in(thinking));
    }

    void take_effort() {
        const Effort effort = effort_of(request_.reasoning_effort, model_);
        const Capabilities& capabilities = model_.capabilities;
        if (!effort.known) return plan_.leave_out("reasoning_effort");
        if (!effort.budget) return;
        if (capabilities.effort) plan_.effort = effort.word;
        const bool budget = capabilities.thinking == ThinkingStyle::budget;
        if (capabilities.thinking == ThinkingStyle::none || forced_ || (budget && lost_thinking(request_)))
            return plan_.leave_out(plan_.effort.empty(), "reasoning_effort");
        if (!budget) {
            if (!asked_) make_room(effort.budget);
            // Without this member some models do not return their thinking.
            plan_.thinking = R"({"type":"adaptive","display":"summarized"})";
            return;
        }
        if (!asked_) make_room(effort.budget);
        // Thinking counts towards the limit, so a fifth remains for the answer.
        const std::int64_t tokens = std::min(effort.budget, plan_.max_tokens / 5 * 4);
        if (tokens < smallest_budget) return plan_.leave_out("reasoning_effort");
        plan_.thinking = R"({"type":"enabled","budget_tokens":)" + std::to_string(tokens) + "}";
    }

    /// The default limit is for the answer; the thinking budget is added.
    void make_room(std::int64_t budget) {
        plan_.max_tokens += budget;
        if (model_.max_output)
            plan_.max_tokens = std::min(plan_.max_tokens, std::max(model_.max_output, model_.max_tokens));
    }

    const ChatRequest& request_;
    const Model& model_;
    json::Extras& extras_;
    std::optional<std::int64_t> asked_;  // the client's limit
    bool forced_ = false;
    Plan plan_;
};

}  // namespace

Plan make_plan(const ChatRequest& request, const Model& model, const ToolNames& names, json::Extras& extras) {
    return Planner(request, model, extras).make(names);
}

bool has_functions(const ChatRequest& request) {
    return std::any_of(request.tools.begin(), request.tools.end(),
                       [](const Tool& tool) { return tool.type == "function"; });
}

}  // namespace gatehouse::anthropic
