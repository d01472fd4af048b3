// SPDX-License-Identifier: Apache-2.0
// The lines of the protocol, and every mistake in a reply.
#include "plugins/hook/process/messages.hpp"
#include "plugins/common/c_door/mistake.hpp"

#include <gatehouse/plugin.hpp>

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::process;
using hook_texts::Channel;

namespace {

template <typename Act>
std::string mistake_in(Act&& act) {
    try {
        act();
    } catch (const c_bridge::Mistake& mistake) {
        return mistake.what();
    } catch (const KeyError& error) {
        return error.path + ": " + error.what();
    }
    return "";
}
std::string of_description(const std::string& line) {
    return mistake_in([&] { (void)read_description(line); });
}
std::string of_start(const std::string& line) {
    return mistake_in([&] { read_started(line); });
}
std::string of_reply(const std::string& line, const std::string& call) {
    return mistake_in([&] { (void)read_said(line, call); });
}

}  // namespace

TEST_CASE("each call is one line of JSON") {
    CHECK(describe_line() == "{\"call\":\"describe\",\"protocol\":1}\n");
    CHECK(start_line(R"({"settings":{}})") == "{\"call\":\"start\",\"config\":{\"settings\":{}}}\n");
    CHECK(request_line("r", "{}", "a\nb") ==
          "{\"call\":\"request\",\"id\":\"r\",\"info\":{},\"text\":\"a\\nb\"}\n");
    CHECK(request_line("r", "{}", std::nullopt) == "{\"call\":\"request\",\"id\":\"r\",\"info\":{}}\n");
    CHECK(attempt_line("r") == "{\"call\":\"attempt\",\"id\":\"r\"}\n");
    CHECK(text_line("r", Channel::answer, 0, "\"") ==
          "{\"call\":\"text\",\"id\":\"r\",\"channel\":\"answer\",\"choice\":0,\"text\":\"\\\"\"}\n");
    CHECK(flush_line("r", Channel::refusal, 2) ==
          "{\"call\":\"flush\",\"id\":\"r\",\"channel\":\"refusal\",\"choice\":2}\n");
    CHECK(flush_line("r", Channel::reasoning, 0).find("\"reasoning\"") != std::string::npos);
    CHECK(end_line("r", "{}") == "{\"call\":\"end\",\"id\":\"r\",\"outcome\":{}}\n");
}

TEST_CASE("a description names the program, its keys and the texts that it reads") {
    const Description both = read_description(R"({"name":"words","version":"1.0.0"})");
    CHECK(both.name == "words");
    CHECK((both.reads_request && both.reads_response));
    const Description one = read_description(
        R"({"name":"w","version":"1","reads":["response"],"keys":[{"name":"k","doc":"K."}]})");
    CHECK((!one.reads_request && one.reads_response));
    CHECK(one.settings.size() == 1);
    CHECK(of_description("") != "");
    CHECK(of_description("[]") == "its description is not a JSON object");
    CHECK(of_description("{}") == "its description lacks \"name\"");
    CHECK(of_description(R"({"name":"w"})") == "its description lacks \"version\"");
    CHECK(of_description(R"({"name":"w","version":"1","reads":"request"})") ==
          "\"reads\" of its description must be a list");
    CHECK(of_description(R"({"name":"w","version":"1","reads":["all"]})") ==
          "\"reads\" of its description must be a list of \"request\" and \"response\"");
    CHECK(of_description(R"({"name":"w","version":"1","read":[]})") ==
          "its description has a member \"read\" that this gateway does not know");
}

TEST_CASE("a program refuses a setting at its key") {
    CHECK(of_start("{}") == "");
    CHECK(of_start(R"({"error":{"message":"word is too long","key":"word"}})") ==
          "settings.word: word is too long");
    CHECK(of_start(R"({"error":{"message":"no list of words"}})") == "command: no list of words");
    CHECK(of_start(R"({"error":{}})") == "the error of start lacks \"message\"");
    CHECK(of_start(R"({"ok":true})") ==
          "its reply to start has a member \"ok\" that this gateway does not know");
}

TEST_CASE("a reply allows, refuses or answers a request, and passes a text") {
    CHECK(!read_said("{}", "request").error);
    const Said refused = read_said(R"({"error":{"message":"no","code":"word"}})", "request");
    REQUIRE(refused.error);
    CHECK(refused.error->kind == ErrorKind::forbidden);
    CHECK(refused.error->code == "word");
    CHECK(*read_said(R"({"answer":""})", "request").answer == "");
    CHECK(*read_said(R"({"text":"a"})", "text").text == "a");
    CHECK(read_said(R"({"error":{"message":"no","kind":"unavailable"}})", "flush").error->kind ==
          ErrorKind::unavailable);

    CHECK(of_reply("{}", "text") == "its reply to text lacks \"text\"");
    CHECK(of_reply(R"({"text":7})", "flush") == "\"text\" of its reply to flush must be a string");
    CHECK(of_reply(R"({"anwser":"a"})", "request") ==
          "its reply to request has a member \"anwser\" that this gateway does not know");
    CHECK(of_reply(R"({"answer":"a"})", "text") == "its reply to text lacks \"text\"");
    CHECK(of_reply(R"({"error":{"message":"m","kind":"odd"}})", "request") ==
          "\"kind\" of the error must be a kind that gatehouse/c.h lists");
    for (const std::string line : {"", "{", "null", "{}{}", "\"\\ud800\""})
        CHECK(of_reply(line, "text") != "");
}
