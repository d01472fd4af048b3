// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/dialect/openai/responses/grammar.hpp"

#include <set>

namespace gatehouse::test {

namespace {

const std::map<std::string, std::string> prefixes = {{"message", "msg_"},
                                                     {"reasoning", "rs_"},
                                                     {"function_call", "fc_"},
                                                     {"custom_tool_call", "ctc_"},
                                                     {"tool_search_call", "tsc_"}};

const std::set<std::string> response_members = {"id",
                                                "object",
                                                "created_at",
                                                "status",
                                                "background",
                                                "completed_at",
                                                "error",
                                                "incomplete_details",
                                                "instructions",
                                                "max_output_tokens",
                                                "max_tool_calls",
                                                "metadata",
                                                "model",
                                                "output",
                                                "parallel_tool_calls",
                                                "previous_response_id",
                                                "prompt_cache_key",
                                                "reasoning",
                                                "safety_identifier",
                                                "service_tier",
                                                "store",
                                                "temperature",
                                                "text",
                                                "tool_choice",
                                                "tools",
                                                "top_logprobs",
                                                "top_p",
                                                "truncation",
                                                "usage",
                                                "user"};

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_part_event(const std::string& type) {
    return type.find("content_part") != type.npos || type.find("summary_part") != type.npos;
}

}  // namespace

Grammar::Grammar(std::string_view stream, bool native) : native_(native) {
    while (!stream.empty()) {
        const std::size_t end = stream.find("\n\n");
        check(end != stream.npos, "an event does not end with an empty line");
        if (end == stream.npos) return;
        read_block(stream.substr(0, end));
        stream.remove_prefix(end + 2);
    }
}

std::string Grammar::types() const {
    std::string all;
    for (const Json& event : events_) {
        std::string type = event["type"];
        if (type == "keepalive") continue;
        if (type.starts_with("response.")) type.erase(0, 9);
        all += (all.empty() ? "" : " ") + type;
    }
    return all;
}

void Grammar::check(bool good, const std::string& what) {
    if (!good) faults_.push_back("event " + std::to_string(events_.size()) + ": " + what);
}

void Grammar::read_block(std::string_view block) {
    if (block.starts_with(":")) return check(block.find('\n') == block.npos, "a comment has two lines");
    const std::size_t line = block.find('\n');
    check(block.starts_with("event: ") && line != block.npos, "an event does not begin with its name");
    if (line == block.npos) return;
    const std::string name(block.substr(7, line - 7));
    std::string_view data = block.substr(line + 1);
    check(data.starts_with("data: ") && data.find('\n') == data.npos, "an event has not one line of data");
    const Json event = Json::parse(data.substr(6), nullptr, false);
    check(event.is_object(), "the data is not a JSON object");
    if (!event.is_object()) return;
    check(text_of(event, "type") == name, "the name of an event is not its type");
    check(event.contains("sequence_number") && event["sequence_number"] == number_,
          "a wrong sequence number");
    ++number_;
    check(state_ != State::ended, "an event follows the last one: " + name);
    take(event, name);
    events_.push_back(event);
}

void Grammar::take(const Json& event, const std::string& type) {
    if (type == "keepalive") return check(state_ != State::created, "a heartbeat precedes response.created");
    if (type == "response.created" || type == "response.in_progress") return take_frame(event, type);
    check(state_ == State::items || state_ == State::failing, "an item precedes the response: " + type);
    if (type == "error") {
        check(event.contains("code") && event.contains("message") && event.contains("param"),
              "an error without code, message or param");
        state_ = State::failing;
        return;
    }
    if (type == "response.completed" || type == "response.incomplete" || type == "response.failed")
        return take_end(event, type);
    check(state_ != State::failing, "an item follows an error");
    take_item(event, type);
}

void Grammar::take_frame(const Json& event, const std::string& type) {
    const bool created = type == "response.created";
    check(state_ == (created ? State::created : State::in_progress), "out of order: " + type);
    state_ = created ? State::in_progress : State::items;
    check_response(event["response"], "in_progress");
    check(event["response"]["output"].empty() && event["response"]["usage"].is_null(),
          "a response with content");
    if (created) first_ = event["response"];
    check(event["response"] == first_, "the response of in_progress differs");
}

void Grammar::check_response(const Json& response, std::string_view status) {
    check(response.is_object(), "no response");
    if (!response.is_object()) return;
    for (const std::string& member : response_members)
        check(response.contains(member), "the response has no member " + member);
    check(native_ || response.size() == response_members.size(), "the response has an unknown member");
    check(response["status"] == status, "a wrong status");
    check(response["created_at"].is_number_integer(), "created_at is not an integer");
    if (!first_.is_null())
        for (const char* same : {"id", "created_at", "model", "tools", "text", "instructions", "metadata"})
            check(response[same] == first_[same], std::string("the response changes its ") + same);
}

void Grammar::take_end(const Json& event, const std::string& type) {
    response_ = event["response"];
    check_response(response_, type.substr(9));
    const bool failed = type == "response.failed";
    check(failed == (state_ == State::failing), "an error and response.failed belong together");
    state_ = State::ended;
    check(response_["error"].is_null() == !failed, "a wrong error");
    check(response_["incomplete_details"].is_null() == (type != "response.incomplete"),
          "wrong incomplete_details");
    if (failed) return;
    check(item_.is_null(), "an item is open at the end");
    check(response_["output"] == done_, "the output is not the closed items");
    check(!done_.empty(), "the output is empty");
    const Json& usage = response_["usage"];
    check(usage.is_object() && usage["input_tokens_details"]["cached_tokens"].is_number_integer() &&
              usage["output_tokens_details"]["reasoning_tokens"].is_number_integer() &&
              usage["total_tokens"].is_number_integer(),
          "usage is not complete");
}

void Grammar::take_item(const Json& event, const std::string& type) {
    if (type == "response.output_item.added") return begin_item(event);
    check(!item_.is_null(), "no item is open: " + type);
    if (item_.is_null()) return;
    check(event["output_index"] == done_.size(), "a wrong output_index");
    if (type == "response.output_item.done") return end_item(event);
    check(event["item_id"] == item_["id"], "a wrong item_id");
    if (is_other()) return;
    if (is_part_event(type)) return take_part(event, type);
    const std::string kind = item_["type"];
    if (type == "response.output_text.annotation.added")
        return check(part_open_, "an annotation without a part");
    const std::map<std::string, std::pair<std::string, std::string>> texts = {
        {"response.output_text", {"message", "text"}},
        {"response.refusal", {"message", "refusal"}},
        {"response.reasoning_summary_text", {"reasoning", "text"}},
        {"response.reasoning_text", {"reasoning", "text"}},
        {"response.function_call_arguments", {"function_call", "arguments"}},
        {"response.custom_tool_call_input", {"custom_tool_call", "input"}}};
    const std::size_t dot = type.rfind('.');
    const auto known = texts.find(type.substr(0, dot));
    check(known != texts.end(), "an unknown event: " + type);
    if (known == texts.end()) return;
    check(known->second.first == kind, type + " in an item of type " + kind);
    const bool has_parts = kind == "message" || kind == "reasoning";
    check(part_open_ == has_parts, type + " without a part");
    check(!said_, type + " after the end of the text");
    if (type.ends_with(".delta")) {
        check(event["delta"].is_string() && !event["delta"].get<std::string>().empty(), "an empty delta");
        text_ += text_of(event, "delta");
    } else {
        said_ = true;
        check(text_of(event, known->second.second.c_str()) == text_,
              "the text of .done is not the joined deltas");
    }
}

bool Grammar::is_other() const { return native_ && !prefixes.contains(text_of(item_, "type")); }

void Grammar::begin_item(const Json& event) {
    check(item_.is_null(), "an item begins while another one is open");
    check(event["output_index"] == done_.size(), "output_index does not count by 1");
    item_ = event["item"];
    const auto prefix = prefixes.find(text_of(item_, "type"));
    check(native_ || prefix != prefixes.end(), "an unknown type of item");
    if (prefix != prefixes.end())
        check(text_of(item_, "id").starts_with(prefix->second), "a wrong prefix of an id");
    check(text_of(item_, "id").size() <= 64, "a long id");
    const std::string kind = item_["type"];
    if (kind != "reasoning" && !is_other())
        check(item_["status"] == "in_progress", "an item does not begin in progress");
    if (kind.ends_with("_call") && !is_other())
        check(!text_of(item_, "call_id").empty(), "a call without call_id");
    parts_ = summaries_ = 0;
    text_.clear();
    texts_.clear();
    said_ = part_open_ = false;
}

void Grammar::take_part(const Json& event, const std::string& type) {
    const bool summary = type.find("summary") != type.npos;
    const bool raw = event["part"]["type"] == "reasoning_text";
    check((item_["type"] == "reasoning") == (summary || raw), "a part of another kind of item");
    std::int64_t& number = summary ? summaries_ : parts_;
    const char* index = summary ? "summary_index" : "content_index";
    if (type.ends_with(".added")) {
        check(!part_open_, "a part begins within another one");
        check(event[index] == number, "a wrong index of a part");
        part_open_ = true;
        said_ = false;
        text_.clear();
        return;
    }
    check(part_open_ && said_, "a part ends without the .done of its text");
    check(event[index] == number, "a wrong index of a part");
    const Json& part = event["part"];
    check(text_of(part, part["type"] == "refusal" ? "refusal" : "text") == text_,
          "the text of a part differs");
    texts_.push_back(text_);
    part_open_ = said_ = false;
    ++number;
}

void Grammar::end_item(const Json& event) {
    const Json& item = event["item"];
    if (is_other()) {
        check(item["id"] == item_["id"] && item["type"] == item_["type"], "an item changes its id or type");
        done_.push_back(item);
        item_ = nullptr;
        return;
    }
    check(!part_open_, "a part is open at the end of its item");
    for (const char* same : {"id", "type", "call_id", "name", "namespace", "role", "execution"})
        check(item.value(same, Json()) == item_.value(same, Json()),
              std::string("an item changes its ") + same);
    const std::string kind = item_["type"], status = text_of(item, "status");
    if (kind != "reasoning")
        check(status == "completed" || status == "incomplete", "an item ends with the status " + status);
    if (kind == "function_call" || kind == "custom_tool_call") {
        check(said_, "a call ends without its .done");
        check(text_of(item, kind == "function_call" ? "arguments" : "input") == text_, "the content differs");
    }
    if (kind == "function_call" && status == "completed")
        check(Json::accept(text_), "complete arguments are not JSON");
    if (kind == "tool_search_call")
        check(item["arguments"].is_object(), "arguments of a search are not an object");
    if (kind == "message") {
        check(item["content"].size() == texts_.size() && (native_ || !texts_.empty()),
              "a message has other parts");
        for (std::size_t i = 0; i < texts_.size() && i < item["content"].size(); ++i) {
            const Json& part = item["content"][i];
            check(text_of(part, part["type"] == "refusal" ? "refusal" : "text") == texts_[i],
                  "a part differs");
        }
    }
    if (kind == "reasoning")
        check(item["summary"].size() + item.value("content", Json::array()).size() == texts_.size(),
              "a thought has other parts");
    done_.push_back(item);
    item_ = nullptr;
}

}  // namespace gatehouse::test
