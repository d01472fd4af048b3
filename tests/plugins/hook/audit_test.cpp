// SPDX-License-Identifier: Apache-2.0
// The audit hook through its entry point: the recorded clients, the content of a line and the file.
#include "tests/file_size_limit.hpp"
#include "tests/plugins/auth/scripted_host.hpp"
#include "tests/plugins/auth/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

using namespace gatehouse;
using namespace gatehouse::testing;

extern "C" const Descriptor gatehouse_plugin;

namespace {

struct Fixture {
    ScriptedHost host;
    TemporaryFolder folder;
    const std::string file = (folder.path / "audit.jsonl").string();
    Fixture() {
        host.time = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'800'000'000'123));
    }

    Table table(const std::vector<std::string>& clients, std::int64_t max = 65'536) const {
        return {{{"file", Value{file}}, {"clients", Value{clients}}, {"max_text_bytes", Value{max}}}};
    }
    std::unique_ptr<Hook> hook(Table config) {
        auto made = create<Hook>(gatehouse_plugin, std::move(config), host);
        if (!made) FAIL(made.error().message);
        return *std::move(made);
    }
    std::string error(Table config) {
        auto made = create<Hook>(gatehouse_plugin, std::move(config), host);
        REQUIRE(!made);
        return made.error().message;
    }
    static ChatRequest chat(const std::string& text) {
        return {
            .model = "gpt-5",
            .messages = {{.role = Role::user, .parts = {Text{text}, Image{"data:image/png;base64,xyz"}}}}};
    }
    /// Runs a chat of `client` with this response, and returns the text that the client received.
    static std::vector<Event> run(Hook& hook, const std::string& client, const std::string& text,
                                  const std::vector<Event>& answer, const Error* error = nullptr) {
        const FakeRequest request{.who = {client}};
        auto state = hook.begin(request.info());
        Operation operation = chat(text);
        REQUIRE(state->request(operation));
        CHECK(std::get<ChatRequest>(operation).messages.size() == 1);
        Events out;
        state->attempt({});
        for (const Event& event : answer) state->event(event, out);
        state->end(out);
        state->done({.error = error, .provider = "oci", .route = "gpt-4.1"});
        return out.list;
    }
    std::string lines() const { return folder.read("audit.jsonl"); }
};

const std::vector<Event> hello = {TextDelta{"hel"}, TextDelta{"lo"}, Finish{},
                                  Usage{.prompt = 3, .completion = 2, .total = 5}};
const std::string hello_line =
    R"({"time":"2027-01-15T08:00:00.123Z","request_id":"req_test","client":"ci","route":"oci/gpt-4.1","ms":0,"request":{"model":"gpt-5","messages":[{"role":"user","content":"hi[image]"}]},)"
    R"("answer":[{"text":"hello","finish":"stop"}],"prompt_tokens":3,"completion_tokens":2})"
    "\n";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "the journal has a line for each request of a named client, and none for others") {
    auto hook = this->hook(table({"ci", "sso:*"}));
    CHECK(run(*hook, "ci", "hi", hello).size() == hello.size());
    CHECK(lines() == hello_line);
    for (const char* other : {"ci2", "c", "", "anonymous", "SSO:a"})
        CHECK(run(*hook, other, "secret", hello).size() == hello.size());
    CHECK(lines() == hello_line);
    run(*hook, "sso:alice", "hi", hello);
    CHECK(lines().find("\"client\":\"sso:alice\"") != std::string::npos);
    CHECK(host.logged.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a line has the id of its request, and the route that answered or was tried last") {
    auto hook = this->hook(table({"*"}));
    auto line_of = [&](const RequestOutcome& outcome) {
        const FakeRequest request{.id = "req_7", .who = {"a"}};
        hook->begin(request.info())->done(outcome);
        const std::string all = lines();
        return all.substr(all.rfind("\"request_id\":"));
    };
    const Error error{ErrorKind::upstream, "the upstream failed"};
    CHECK(
        line_of({.error = &error, .provider = "oci", .route = "gpt-4.1"}) ==
        R"("request_id":"req_7","client":"a","route":"oci/gpt-4.1","ms":0,"request":{},"answer":[],"error":"the upstream failed"})"
        "\n");
    CHECK(line_of({.provider = "hello"}).find(R"("route":"hello",)") != std::string::npos);
    CHECK(line_of({}).find("route") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a line has tool calls, failures, rankings and only the last attempt") {
    auto hook = this->hook(table({"*"}));
    const Error error{ErrorKind::timeout, "too slow"};
    run(*hook, "a", "x\n\"\xff",
        {ToolCallDelta{.id = "1", .name = "f", .arguments = "{\"a\":"}, ToolCallDelta{.arguments = "1}"},
         ReasoningDelta{"why"}, RefusalDelta{"no"}},
        &error);
    CHECK(lines().find("\"content\":\"x\\n\\\"\xEF\xBF\xBD[image]\"") != std::string::npos);
    CHECK(
        lines().find(
            R"("answer":[{"text":"","reasoning":"why","refusal":"no","calls":[{"name":"f","arguments":"{\"a\":1}"}]}],"error":"too slow"})") !=
        std::string::npos);

    const FakeRequest request{.who = {"b"}};
    auto state = hook->begin(request.info());
    Operation operation = RerankRequest{.model = "r", .query = "q", .documents = {"one", "two"}};
    REQUIRE(state->request(operation));
    Events out;
    state->attempt({});
    state->event(TextDelta{"lost"}, out);
    state->attempt({});
    state->done({});
    CHECK(lines().ends_with(R"("request":{"model":"r","query":"q","documents":["one","two"]},"answer":[]})"
                            "\n"));
}

TEST_CASE_FIXTURE(Fixture,
                  "a line has custom calls, stand-ins for thoughts, and tokens written to the cache") {
    auto hook = this->hook(table({"*"}));
    const FakeRequest request{.who = {"a"}};
    auto state = hook->begin(request.info());
    Operation operation = ChatRequest{
        .model = "m",
        .messages = {{.role = Role::assistant,
                      .parts = {Thought{.text = "secret", .signature = "sig"}, Text{"I see"}, ToolCallRef{0},
                                Text{"."}},
                      .tool_calls = {{.name = "f", .arguments = "not \"JSON\"", .custom = true}}}}};
    REQUIRE(state->request(operation));
    Events out;
    state->attempt({});
    state->event(ToolCallDelta{.id = "1", .name = "f", .arguments = "print(", .custom = true}, out);
    state->event(BlockEnd{}, out);
    state->event(ThoughtEnd{"sig", "enc", "anthropic"}, out);
    state->event(OtherBlock{"anthropic", "result", {"{}"}}, out);
    state->event(ToolCallDelta{.arguments = "1)", .custom = true}, out);
    state->event(Finish{}, out);
    state->event(Usage{.prompt = 3, .completion = 2, .total = 5, .cache_written = 1}, out);
    state->end(out);
    state->done({});
    CHECK(out.list.size() == 7);
    CHECK(
        lines().find(
            R"("messages":[{"role":"assistant","content":"[thought]I see.","calls":[{"name":"f","arguments":"not \"JSON\""}]}])") !=
        std::string::npos);
    CHECK(lines().ends_with(
        R"x("answer":[{"text":"","calls":[{"name":"f","arguments":"print(1)"}],"finish":"stop"}],"prompt_tokens":3,"completion_tokens":2,"cache_written_tokens":1})x"
        "\n"));
}

TEST_CASE_FIXTURE(Fixture, "a line has the chat of a count of tokens, and no body of an unknown operation") {
    auto hook = this->hook(table({"*"}));
    auto line_of = [&](Operation operation) {
        const FakeRequest request{.who = {"a"}};
        auto state = hook->begin(request.info());
        REQUIRE(state->request(operation));
        Events out;
        state->attempt({});
        state->event(TokenCount{7}, out);
        state->event(RawBytes{"text/plain", "secret"}, out);
        state->done({});
        const std::string all = lines();
        return all.substr(all.rfind("\"request\":"));
    };
    CHECK(
        line_of(TokenCountRequest{chat("hi")}) ==
        R"("request":{"model":"gpt-5","operation":"count_tokens","messages":[{"role":"user","content":"hi[image]"}]},"answer":[]})"
        "\n");
    CHECK(line_of(RawRequest{.operation = "moderations", .model = "m", .body = "secret"}) ==
          R"("request":{"model":"m","operation":"moderations"},"answer":[]})"
          "\n");
}

TEST_CASE_FIXTURE(Fixture, "long texts are cut between characters, and the line reports the cut") {
    auto hook = this->hook(table({"*"}, 256));
    run(*hook, "a", std::string(255, 'x') + "\u00e9 and more",
        {TextDelta{std::string(200, 'y')}, TextDelta{std::string(200, 'z')}});
    CHECK(lines().find(std::string(255, 'x') + "[image]") != std::string::npos);
    CHECK(lines().find(std::string(200, 'y') + std::string(56, 'z') + "\"") != std::string::npos);
    CHECK(lines().ends_with("\"cut\":true}\n"));
}

TEST_CASE_FIXTURE(Fixture, "only the owner may read the file, and a link in its place is not followed") {
    CHECK(error({{{"file", Value{std::string("audit.jsonl")}},
                  {"clients", Value{std::vector<std::string>{"*"}}}}}) ==
          "file: cannot write to audit.jsonl: the path is relative; give an absolute path");
    CHECK(error({{{"file", Value{std::string("/nowhere/x")}},
                  {"clients", Value{std::vector<std::string>{"*"}}}}}) ==
          "file: cannot write to /nowhere/x: No such file or directory");
    auto hook = this->hook(table({"*"}));
    CHECK(!std::filesystem::exists(file));
    run(*hook, "a", "x", {});
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    ::chmod(file.c_str(), 0644);
    CHECK(error(table({"*"})) == "file: cannot write to " + file +
                                     ": users other than its owner may read or write it: `chmod 600` it");
    std::filesystem::remove(file);
    std::filesystem::create_symlink(folder.path / "target", file);
    CHECK(error(table({"*"})).starts_with("file: cannot write to " + file + ": "));
    CHECK(!std::filesystem::exists(folder.path / "target"));
    std::filesystem::remove(file);
    ::mkfifo(file.c_str(), 0600);
    CHECK(error(table({"*"})).starts_with("file: cannot write to " + file + ": "));
    std::filesystem::remove(file);
    CHECK(error(table({})) == "clients: no clients; list at least one name; \"*\" is all of them");
    for (const char* client : {"", "a*b", "**"})
        CHECK(
            error(table({client})) ==
            "clients[0]: must be a name, or a prefix with a star at its end; \"*\" alone matches every name");
}

TEST_CASE_FIXTURE(Fixture,
                  "a request does not wait for the disk, and what waits is written when the instance goes") {
    auto hook = this->hook(table({"*"}));
    host.busy = true;
    run(*hook, "a", "one", hello);
    run(*hook, "a", "two", hello);
    CHECK(lines().empty());
    CHECK(host.tasks.size() == 1);
    host.tasks.clear();
    hook.reset();
    CHECK(std::ranges::count(lines(), '\n') == 2);
}

TEST_CASE_FIXTURE(Fixture, "a full disk uses bounded memory, and the log reports lost lines") {
    auto hook = this->hook(table({"*"}, 16'777'216));
    host.busy = true;
    for (int i = 0; i < 5; ++i) run(*hook, "a", std::string(5'000'000, 'x'), {});
    host.work();
    CHECK(host.has_logged("error: requests not recorded, the disk is too slow file=" + file + " count=2"));
    CHECK(std::ranges::count(lines(), '\n') == 3);
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    run(*hook, "a", "x", {});
    CHECK(host.has_logged("error: requests not recorded file=" + file + " reason=Is a directory"));
    CHECK(host.meters["lines_lost_total"].numbers[""] == 3);
}

TEST_CASE_FIXTURE(Fixture, "lines that the disk does not take are counted, and none is torn") {
    auto hook = this->hook(table({"*"}));
    auto lost = [&] { return host.meters["lines_lost_total"].numbers[""]; };
    {
        const FileSizeLimit limit(1'000);
        for (int i = 0; i < 20; ++i) run(*hook, "ci", "hi", hello);
        host.busy = true;  // several lines in one write
        for (int i = 0; i < 20; ++i) run(*hook, "ci", "hi", hello);
        host.work();
    }
    const auto kept = std::ranges::count(lines(), '\n');
    CHECK(kept == 1'000 / static_cast<long>(hello_line.size()));
    CHECK(lost() == 40 - kept);
    CHECK(lines().ends_with("}\n"));
    CHECK(host.logged ==
          std::vector<std::string>{"error: requests not recorded file=" + file + " reason=File too large"});
    host.logged.clear();
    run(*hook, "ci", "hi", hello);
    CHECK(lines().ends_with(hello_line));
    CHECK(std::ranges::count(lines(), '\n') == kept + 1);
    CHECK(host.logged == std::vector<std::string>{"info: requests recorded again file=" + file +
                                                  " count=" + std::to_string(40 - kept)});
    run(*hook, "ci", "hi", hello);
    CHECK(host.logged.size() == 1);
    CHECK(lost() == 40 - kept);
}

TEST_CASE_FIXTURE(Fixture, "a line follows the torn line of a process that died on a line of its own") {
    folder.write("audit.jsonl", "{\"time\":");
    auto hook = this->hook(table({"*"}));
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == "{\"time\":\n" + hello_line);
}

TEST_CASE_FIXTURE(Fixture, "the open file is left when another one takes its place") {
    auto hook = this->hook(table({"*"}));
    run(*hook, "ci", "hi", hello);
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == hello_line + hello_line);
    std::ofstream(file, std::ios::app) << "{\"time\":";  // another process died
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == hello_line + hello_line + "{\"time\":\n" + hello_line);
    std::filesystem::resize_file(file, 0);
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == hello_line);
    std::filesystem::rename(file, file + ".1");
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == hello_line);
    CHECK(std::filesystem::file_size(file + ".1") == hello_line.size());
    ::chmod(file.c_str(), 0644);
    run(*hook, "ci", "hi", hello);
    CHECK(lines() == hello_line);
    CHECK(host.logged.back().ends_with("`chmod 600` it"));
}
