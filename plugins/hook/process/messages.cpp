// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/messages.hpp"

#include "plugins/common/c_door/described.hpp"
#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/members.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::process {

using c_bridge::Members;

namespace {

constexpr int protocol = 1;

/// A call, finished by finish().
class Line {
public:
    explicit Line(std::string_view call) { json_.begin_object().member("call", call); }
    Line(std::string_view call, std::string_view id) : Line(call) { json_.member("id", id); }
    Line& run(hook_texts::Channel channel, std::int32_t choice) {
        json_.member("channel", name_of(channel)).member("choice", choice);
        return *this;
    }
    JsonWriter& json() { return json_; }
    std::string finish() {
        json_.end_object();
        out_ += '\n';
        return std::move(out_);
    }

private:
    static std::string_view name_of(hook_texts::Channel channel) {
        switch (channel) {
            case hook_texts::Channel::answer: return "answer";
            case hook_texts::Channel::reasoning: return "reasoning";
            case hook_texts::Channel::refusal: return "refusal";
        }
        return "answer";
    }
    std::string out_;
    JsonWriter json_{out_};
};

}  // namespace

std::string describe_line() {
    Line line("describe");
    line.json().member("protocol", protocol);
    return line.finish();
}

std::string start_line(std::string_view config) {
    Line line("start");
    line.json().key("config").raw(config);
    return line.finish();
}

std::string request_line(std::string_view id, std::string_view info, const std::optional<std::string>& text) {
    Line line("request", id);
    line.json().key("info").raw(info);
    if (text) line.json().member("text", *text);
    return line.finish();
}

std::string attempt_line(std::string_view id) { return Line("attempt", id).finish(); }

std::string text_line(std::string_view id, hook_texts::Channel channel, std::int32_t choice,
                      std::string_view text) {
    Line line("text", id);
    line.run(channel, choice).json().member("text", text);
    return line.finish();
}

std::string flush_line(std::string_view id, hook_texts::Channel channel, std::int32_t choice) {
    return Line("flush", id).run(channel, choice).finish();
}

std::string end_line(std::string_view id, std::string_view outcome) {
    Line line("end", id);
    line.json().key("outcome").raw(outcome);
    return line.finish();
}

Description read_description(std::string text) {
    const auto tree = c_bridge::parse(text, "its description");
    Members members(tree.root(), "its description");
    Description out;
    c_bridge::read_described(members, out);
    if (members.find("reads")) {
        out.reads_request = out.reads_response = false;
        for (const std::string& word : c_bridge::strings_in(members, "reads")) {
            if (word != "request" && word != "response")
                members.wrong("reads", "a list of \"request\" and \"response\"");
            (word == "request" ? out.reads_request : out.reads_response) = true;
        }
    }
    members.finish();
    return out;
}

void read_started(std::string text) {
    const auto tree = c_bridge::parse(text, "its reply to start");
    Members members(tree.root(), "its reply to start");
    if (const auto error = members.find("error"))
        c_bridge::throw_create_error(Members(*error, "the error of start"), "command");
    members.finish();
}

Said read_said(std::string text, const std::string& call) {
    const std::string what = "its reply to " + call;
    const auto tree = c_bridge::parse(text, what);
    Members members(tree.root(), what);
    Said said;
    if (const auto error = members.find("error"))
        said.error = c_bridge::read_error(Members(*error, "the error"), Error{ErrorKind::forbidden});
    if (call == "request" && members.find("answer")) said.answer = members.text("answer");
    if (call == "text" || call == "flush") {
        if (said.error)
            (void)members.find("text");
        else
            said.text = members.text("text");
    }
    members.finish();
    return said;
}

}  // namespace gatehouse::process
