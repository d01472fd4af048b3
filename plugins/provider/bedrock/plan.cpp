// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/plan.hpp"

#include "plugins/provider/bedrock/messages.hpp"
#include "plugins/provider/bedrock/thoughts.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>

namespace gatehouse::bedrock {

namespace {

constexpr std::int64_t smallest_budget = 1024;  // minimum of Claude

/// OpenAI's words for the effort.  A `budget` of 0 disables reasoning.
struct Effort {
    bool known = false;
    std::int64_t budget = 0;
    std::string_view word = {};  // "low", "medium" or "high"
};

Effort effort_of(std::string_view given, const Model& model) {
    const std::string word = lower_case(given);
    if (word == "none" || word == "off" || word == "disable" || word == "disabled") return {.known = true};
    if (word == "minimal") return {true, smallest_budget, "low"};
    if (word == "low") return {true, model.budget_low, "low"};
    if (word == "medium") return {true, model.budget_medium, "medium"};
    if (word == "high" || word == "xhigh" || word == "max") return {true, model.budget_high, "high"};
    return {};
}

/// The schema of the answer.  Some clients send a schema with the type json_object.
std::string schema_of(const ResponseFormat& format) {
    if (format.kind == ResponseFormat::Kind::json_schema) return format.schema.text;
    if (format.kind != ResponseFormat::Kind::json_object) return {};
    const JsonValue beside = JsonValue::unchecked(format.extra.text)["schema"];
    return beside.is(JsonType::object) ? std::string(beside.raw()) : std::string();
}

class Planner {
public:
    Planner(const ChatRequest& request, const Model& model) : request_(request), model_(model) {
        plan_.max_tokens = request.sampling.output_limit();
        if (!plan_.max_tokens) plan_.max_tokens = model.max_tokens;
        if (plan_.max_tokens && model.max_tokens_cap)
            plan_.max_tokens = std::min(*plan_.max_tokens, *model.max_tokens_cap);
    }

    Plan make(const ToolNames& names) {
        plan_.schema = schema_of(request_.response_format);
        plan_.answer = answer();
        if (plan_.answer == Plan::Answer::tool)
            plan_.answer_tool = names.free_name(
                request_, request_.response_format.name.empty() ? "answer" : request_.response_format.name);
        const bool other = request_.response_format.kind == ResponseFormat::Kind::other;
        plan_.leave_out(plan_.answer == Plan::Answer::free && (other || !plan_.schema.empty()),
                        "response_format");
        // Claude refuses thinking if a call is forced or the assistant's turn has begun.
        forced_ = is_forced(request_) || plan_.answer == Plan::Answer::tool ||
                  (model_.capabilities.prefill && ends_with_assistant(request_));
        const JsonValue own = JsonValue::unchecked(request_.extra.text)["thinking"];
        if (own.is(JsonType::object) && model_.is_claude())
            take_own(own);
        else if (!request_.reasoning_effort.empty())
            take_effort();
        return std::move(plan_);
    }

private:
    Plan::Answer answer() const {
        using Kind = ResponseFormat::Kind;
        const Kind kind = request_.response_format.kind;
        if (kind != Kind::json_object && kind != Kind::json_schema) return Plan::Answer::free;
        if (plan_.schema.empty()) return Plan::Answer::words;
        if (model_.capabilities.schemas) return Plan::Answer::schema;
        // A forced tool call is not an answer: the schema would have no text to apply to.
        return is_forced(request_) ? Plan::Answer::free : Plan::Answer::tool;
    }

    /// Anthropic's own member, of a client that speaks its protocol or knows the model.
    void take_own(JsonValue thinking) {
        if (thinking["type"].str() == "disabled") return;  // same as absent
        if (forced_) return plan_.leave_out(true, "thinking");
        think("\"thinking\":" + std::string(thinking.raw()));
        const JsonValue config = JsonValue::unchecked(request_.extra.text)["output_config"];
        if (const std::string effort = config["effort"].str(); !effort.empty()) add_effort(effort);
    }

    void take_effort() {
        const Effort effort = effort_of(request_.reasoning_effort, model_);
        if (!effort.known) return plan_.leave_out(true, "reasoning_effort");
        const std::string word(effort.word);
        switch (model_.capabilities.thinking) {
            case Thinking::none: return plan_.leave_out(effort.budget > 0, "reasoning_effort");
            case Thinking::effort:
                // These models cannot be told not to reason.
                plan_.reasoning = "\"reasoning_effort\":\"" + (word.empty() ? "low" : word) + "\"";
                return;
            case Thinking::nova:
                if (!effort.budget) return;
                plan_.reasoning =
                    R"("reasoningConfig":{"type":"enabled","maxReasoningEffort":")" + word + "\"}";
                return;
            case Thinking::adaptive:
                if (!effort.budget) return;
                if (!forced_) think(R"("thinking":{"type":"adaptive"})");
                add_effort(word);
                return;
            case Thinking::budget: return take_budget(effort.budget);
        }
    }

    void take_budget(std::int64_t budget) {
        if (!budget) return;
        if (forced_ || lost_thinking(request_, model_)) return plan_.leave_out(true, "reasoning_effort");
        // Thinking counts towards the limit, so a fifth remains for the answer.
        if (plan_.max_tokens) budget = std::min(budget, *plan_.max_tokens / 5 * 4);
        if (budget < smallest_budget) return plan_.leave_out(true, "reasoning_effort");
        think(R"("thinking":{"type":"enabled","budget_tokens":)" + std::to_string(budget) + "}");
    }

    void think(std::string member) {
        plan_.reasoning = std::move(member);
        plan_.thinks = true;
    }
    void add_effort(const std::string& word) {
        if (model_.capabilities.thinking != Thinking::adaptive) return;
        plan_.reasoning += plan_.reasoning.empty() ? "" : ",";
        plan_.reasoning += "\"output_config\":{\"effort\":";
        append_json_string(plan_.reasoning, word);
        plan_.reasoning += '}';
    }

    const ChatRequest& request_;
    const Model& model_;
    bool forced_ = false;
    Plan plan_;
};

}  // namespace

Plan make_plan(const ChatRequest& request, const Model& model, const ToolNames& names) {
    return Planner(request, model).make(names);
}

bool has_functions(const ChatRequest& request) {
    return std::ranges::any_of(request.tools, [](const Tool& tool) { return tool.type == "function"; });
}

bool is_forced(const ChatRequest& request) {
    const ToolChoice::Mode mode = request.tool_choice.mode;
    return has_functions(request) && (mode == ToolChoice::Mode::required || mode == ToolChoice::Mode::named);
}

}  // namespace gatehouse::bedrock
