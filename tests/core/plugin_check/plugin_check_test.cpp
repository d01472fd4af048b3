// SPDX-License-Identifier: Apache-2.0
// Runs `gatehouse plugin-check` on plugins with one planted defect each, which it must report,
// and on correct plugins, for which it must not report a finding.
#include "core/util/sanitizers.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        char name[] = "/tmp/gatehouse-plugin-check-test-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { fs::remove_all(path); }
    std::string file(const std::string& name, const std::string& content) const {
        std::ofstream(path / name, std::ios::binary) << content;
        return (path / name).string();
    }
    fs::path path;
};

// With AddressSanitizer the memory in use cannot be measured, and valgrind does not run.
#if defined(GATEHOUSE_ADDRESS_SANITIZER)
constexpr bool memory_is_seen = false;
#else
constexpr bool memory_is_seen = true;
#endif

struct Outcome {
    int status = -1;
    std::string text;  // both outputs

    bool says(const std::string& part) const { return text.find(part) != std::string::npos; }
    /// The ids of the findings of one severity.
    std::set<std::string> ids(const std::string& severity) const {
        std::set<std::string> found;
        const std::regex line("(?:^|\n)" + severity + " +[^\n]*  \\[([a-z0-9-]+)\\]");
        for (std::sregex_iterator at(text.begin(), text.end(), line); at != std::sregex_iterator(); ++at)
            found.insert((*at)[1]);
        return found;
    }
};

Outcome run(const std::string& command) {
    Outcome outcome;
    // A sanitizer must not turn a crash into an exit.  The check makes many processes: each page they touch
    // costs.
    const std::string options =
        "handle_segv=0:detect_leaks=0:quarantine_size_mb=4:thread_local_quarantine_size_kb=16:malloc_context_size=6";
    FILE* pipe = ::popen(("ASAN_OPTIONS=" + options + " " + command + " 2>&1").c_str(), "r");
    REQUIRE(pipe);
    std::array<char, 4096> buffer{};
    while (const std::size_t size = ::fread(buffer.data(), 1, buffer.size(), pipe))
        outcome.text.append(buffer.data(), size);
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

Outcome check(const std::string& arguments) { return run(GATEHOUSE " plugin-check " + arguments); }

Outcome check_bad(const std::string& name, const std::string& more = "") {
    return check(BAD "/" + name + ".so " + more);
}

using Ids = std::set<std::string>;

}  // namespace

TEST_CASE("a plugin that keeps the contract has no findings") {
    for (const std::string name : {"good_words", "good_computing"}) {
        const Outcome good = check_bad(name);
        CAPTURE(good.text);
        CHECK(good.status == 0);
        CHECK(good.says("provider \"" + name + "\" 1.0.0, plugin ABI "));
        CHECK(good.says("0 errors, 0 warnings, 0 notes; "));
    }
}

TEST_CASE("each planted defect is found, and no other finding is reported") {
    struct Planted {
        std::string name;
        Ids errors, warnings;
    };
    const std::vector<Planted> all = {
        {"no_finish", {"finish-missing", "half-answer"}, {}},
        {"whole_events_only", {"cut-dependent"}, {}},
        {"remembers", {"retry-remembers"}, {}},
        {"half_is_whole", {"half-answer"}, {"delta-utf8"}},
        {"relative_url", {"url"}, {}},
        {"own_framing", {"header-framing"}, {}},
        {"injected_header", {"header-value"}, {}},
        {"other_request", {"request-again", "retry-remembers"}, {}},
        {"throws_on_garbage", {"exception"}, {}},
        {"null_on_empty", {"crash"}, {}},
        {"exits", {"exit"}, {}},
        {"nameless_tools", {"tool-first", "tool-index", "tool-arguments"}, {}},
        {"text_after_finish", {"after-finish", "usage-twice"}, {}},
        {"tells_token", {"message-control"}, {}},
        {"blames_client", {"upstream-credentials"}, {}},
        {"ignores_status", {"status-ignored", "status-events"}, {"status-kind"}},
        {"amends_forever", {"amend-same"}, {}},
        {"next_forever", {"next-endless", "after-finish", "finish-twice"}, {}},
        {"unbounded", {"unbounded"}, {}},
        {"leaks_memory", {}, {"leak"}},
        {"bad_keys", {"key-twice", "key-reserved", "key-default"}, {"key-doc", "key-secret", "version"}},
        {"fragile_constructor", {"config-exception", "config-secret"}, {}},
        {"drops_completion", {"completion-dropped"}, {}},
        {"completes_twice", {"completion-twice"}, {}},
        {"signs_framing", {"header-framing", "header-value"}, {"sign-changes", "sign-drops"}},
        {"lets_everybody_in", {"identity", "identity-secret"}, {"lets-in"}},
        {"wrong_refusal", {"auth-kind", "echoes-credential", "message-control"}, {}},
        {"lost_routes", {"no-routes", "unknown-provider", "model-id"}, {}},
        {"talkative_dialect",
         {"endpoint-path", "endpoint-method", "exception", "parse-status", "half-request", "error-status",
          "error-detail", "error-silent", "answer-json", "sse"},
         {}},
        {"careless_resource", {"admin-resource", "admin-status", "admin-kind", "exception"}, {}},
        {"greedy_hook", {"finish-lost", "attempt-remembers"}, {"cut-dependent"}},
        {"answers_half", {"completion-dropped", "finish-missing", "header-value", "log-prompt"}, {}},
        {"leaky_store",
         {"store-owner", "store-differs", "store-refusal", "store-expiry", "store-threads"},
         {}},
        {"recalls_forever", {"recall", "record-id", "keep-time", "half-request"}, {}},
        {"crashes_at_load", {"crash"}, {}},
        {"ignores_leaving", {"ignores-gone"}, {}},
        {"computes_throwing", {"exception"}, {}},
        {"computes_unfinished", {"finish-missing"}, {}},
        {"emits_elsewhere", {"sink-thread"}, {}},
    };
    for (const Planted& planted : all) {
        if (!memory_is_seen && (planted.name == "unbounded" || planted.name == "leaks_memory")) continue;
        CAPTURE(planted.name);
        const Outcome found = check_bad(planted.name);
        CAPTURE(found.text);
        CHECK(found.status == (planted.errors.empty() ? 0 : 1));
        CHECK(found.ids("error") == planted.errors);
        CHECK(found.ids("warning") == planted.warnings);
    }
}

TEST_CASE("state that requests share is found, with one thread and with many") {
    const Outcome shared = check_bad("shared_state");
    CAPTURE(shared.text);
    CHECK(shared.ids("error").contains("shared-state"));
    CHECK(shared.says("where:    two exchanges take turns: "));
}

TEST_CASE("a call that does not return is found within the time limit") {
    const Outcome loop = check_bad("endless_loop", "--time-limit 1");
    CAPTURE(loop.text);
    CHECK(loop.status == 1);
    CHECK(loop.ids("error") == Ids{"endless"});
    CHECK(loop.says("a call did not return within 1 s of processor time (3 s if idle)"));
    CHECK(loop.says("where:    chat, answered with a stream without line ends, whole"));
    const Outcome kept = check_bad("never_completes", "--time-limit 1");
    CAPTURE(kept.text);
    CHECK(kept.ids("error") == Ids{"completion-missing"});
}

TEST_CASE("a computation that does not return is waited for once, and then left behind") {
    const Outcome endless = check_bad("computes_forever", "--time-limit 1");
    CAPTURE(endless.text);
    CHECK(endless.status == 1);
    CHECK(endless.ids("error") == Ids{"endless"});
    CHECK(endless.ids("warning") == Ids{"never-looks"});
    CHECK(endless.says(
        "where:    a chat: for 1 s of processor time (3 s if idle); raise --time-limit if the computation needs more time\n"
        "         contract: local.hpp, LocalProvider::run\n"));
    CHECK_FALSE(endless.says("cases more"));
    CHECK(
        endless.says("; 5 parts checked"));  // the entry point, configurations good and bad, a chat, the end
}

TEST_CASE("a slow client of a computation that holds up the others is found") {
    const Outcome locking = check_bad("locks_while_emitting", "--time-limit 1");
    CAPTURE(locking.text);
    CHECK(locking.status == 0);
    CHECK(locking.ids("warning") == Ids{"stalls-others"});
    CHECK(locking.says("is something locked during emit()?"));
    const Outcome shared = check_bad("computes_shared");
    CAPTURE(shared.text);
    CHECK(shared.ids("error").contains("concurrent"));
}

TEST_CASE("a thread's use of the sink after run() has returned is found") {
    const Outcome keeping = check_bad("keeps_sink");
    CAPTURE(keeping.text);
    CHECK(keeping.ids("error").contains("sink-kept"));
    CHECK(keeping.says("contract: local.hpp, LocalSink\n"));
}

TEST_CASE("a finding says where it showed and where the contract says so") {
    const Outcome cut = check_bad("whole_events_only");
    CHECK(cut.says("error    the events depend on where the bytes are cut  [cut-dependent]\n"));
    CHECK(std::regex_search(
        cut.text,
        std::regex(
            R"(where:    chat, a stream of words with an end event, cut in two at byte \d+ of \d+: )")));
    CHECK(cut.says("contract: provider.hpp, Exchange::body\n"));
    const Outcome crash = check_bad("null_on_empty");
    CHECK(crash.says("the plugin crashed: Segmentation fault"));
    CHECK(crash.says("where:    chat, a stream of words with an end event, ended after byte 0 of "));
    const Outcome exit = check_bad("exits");
    CHECK(exit.says("exit status 3"));
}

TEST_CASE("a configuration is taken from a file, and its secrets are not printed") {
    const Folder folder;
    const std::string config = folder.file("gatehouse.toml",
                                           "[provider.mine]\nuse = \"tells_token\"\n"
                                           "token = \"a-very-secret-token\"\n");
    const Outcome told = check_bad("tells_token", "--config " + config);
    CAPTURE(told.text);
    CHECK(told.ids("error") == Ids{"error-secret", "message-control"});
    CHECK_FALSE(told.says("a-very-secret"));
    CHECK(told.says("token = \"…\""));

    const Outcome other = check_bad("good_words", "--config " + config);
    CHECK(other.status == 2);
    CHECK(other.says("has no [provider.NAME] with use = \"good_words\""));
}

TEST_CASE("fetches of an authenticator get recorded answers") {
    const Folder folder;
    const Outcome alone = check_bad("asks_service");
    CAPTURE(alone.text);
    CHECK(alone.status == 0);
    CHECK(alone.ids("note") == Ids{"fetch-unanswered"});
    folder.file("1-good.http",
                "HTTP/1.1 200 OK\nx-check-operation: fetch\nx-check-url: https://auth.example/*\n"
                "x-check-contains: the-good-key\n\nann");
    folder.file("2-bad.http",
                "HTTP/1.1 401 Unauthorized\nx-check-operation: fetch\nx-check-method: GET\n"
                "x-check-url: https://auth.example/check\n\n");
    const std::string answers = " --answers " + folder.path.string();
    const Outcome good = check_bad("asks_service", answers);
    CAPTURE(good.text);
    CHECK(good.says("0 errors, 0 warnings, 0 notes; "));
    CHECK(good.says("answers used: 2 of 2\n"));
    const Folder other;
    const std::string config =
        other.file("a.toml", "[authenticator.a]\nuse = \"asks_service\"\nconfused = true\n");
    CHECK(check_bad("asks_service", answers + " --config " + config).ids("error") == Ids{"auth-kind"});
    folder.file("3.http", "HTTP/1.1 200 OK\nx-check-operation: fetch\n\n");
    const Outcome nameless = check_bad("asks_service", answers);
    CHECK(nameless.status == 2);
    CHECK(nameless.says("3.http: an answer of a fetch needs x-check-url: a URL, or its beginning and *"));
}

TEST_CASE("an authenticator gets the credential that a recorded response accepts") {
    const Folder folder;
    const std::string fetch = "x-check-operation: fetch\nx-check-url: https://auth.example/*\n";
    folder.file("1-good.http",
                "HTTP/1.1 200 OK\n" + fetch + "x-check-contains: the-good-key\n\nthe-good-key");
    folder.file("2-bad.http", "HTTP/1.1 401 Unauthorized\n" + fetch + "\n");
    const std::string answers = " --answers " + folder.path.string();
    const Outcome named = check_bad("asks_service", answers);
    CAPTURE(named.text);
    CHECK(named.ids("error") == Ids{"identity-secret"});
    CHECK(named.says("the text of x-check-contains in 1-good.http as the credential"));

    folder.file("1-good.http", "HTTP/1.1 200 OK\n" + fetch + "x-check-contains: the-good-key\n\n");
    CHECK(check_bad("asks_service", answers).ids("error") == Ids{"identity"});

    folder.file("1-good.http",
                "HTTP/1.1 200 OK\n" + fetch + "x-check-contains: k\nx-check-method: PUT\n\nann");
    const Outcome unused = check_bad("asks_service", answers);
    CAPTURE(unused.text);
    CHECK(unused.ids("note") == Ids{"none-accepted"});
    CHECK(unused.says("\nanswers used: 1 of 2; never used: 1-good.http\n"));
}

TEST_CASE("the findings are printed as JSON") {
    const Outcome bad = check_bad("relative_url", "--json");
    CHECK(bad.status == 1);
    CHECK(bad.text.starts_with("{\"library\":\""));
    CHECK(bad.says("\"kind\":\"provider\",\"name\":\"relative_url\",\"version\":\"1.0.0\",\"findings\":[{"));
    CHECK(bad.says("\"severity\":\"error\",\"word\":\"url\","));
    CHECK(bad.says("\"errors\":1,\"warnings\":0,\"notes\":0}\n"));
    const Outcome refused = check(BAD "/no_such.so --json");
    CHECK(refused.status == 2);
    CHECK(refused.says("\"refused\":\""));
}

TEST_CASE("recorded answers are taken, cut everywhere, and must be understood") {
    const Folder folder;
    folder.file("words.http",
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\nevent: end\ndata:\n\n");
    folder.file("busy.http", "429\nx-check-operation: stream\n\nslow down");
    CHECK(check_bad("good_words", "--answers " + folder.path.string()).status == 0);
    const Outcome cut = check_bad("whole_events_only", "--answers " + folder.path.string());
    CHECK(cut.says("stream, the recorded answer words.http, cut in two at byte "));
    folder.file("wrong.http", "HTTP/1.1 200 OK\ncontent-type: text/event-stream\n\ndata: and no end");
    const Outcome refused = check_bad("good_words", "--answers " + folder.path.string());
    CHECK(refused.ids("error") == Ids{"recorded-refused"});
    folder.file("broken.http", "hello");
    const Outcome broken = check_bad("good_words", "--answers " + folder.path.string());
    CHECK(broken.status == 2);
    CHECK(broken.says("broken.http: expected a status line first, such as HTTP/1.1 200 OK"));
    CHECK(check_bad("good_words", "--answers /no/such/folder").status == 2);
}

TEST_CASE("valgrind's errors are findings, and a missing valgrind is an error that says how to install it") {
    const std::string arguments = " plugin-check " BAD "/reads_freed.so --valgrind";
    const Outcome none = run("PATH=/nowhere " GATEHOUSE + arguments);
    CHECK(none.status == 2);
    CHECK(none.says("valgrind is not installed: apt install valgrind"));
    if (!memory_is_seen || std::system("command -v valgrind >/dev/null") != 0) return;
    const Outcome freed = run(GATEHOUSE + arguments);
    CAPTURE(freed.text);
    CHECK(freed.status == 1);
    CHECK(freed.ids("error") == Ids{"valgrind"});
    CHECK(freed.says("where:    Invalid read of size 8 in (anonymous namespace)::Freed::map("));
}

TEST_CASE("a library that cannot be checked gives status 2 and advice") {
    const Outcome stale = check(DOORS "/stale.so");
    CHECK(stale.status == 2);
    CHECK(stale.says("was built for plugin ABI 0"));
    CHECK(stale.says("rebuild it against the SDK of this gateway"));
    CHECK(stale.says("rebuild with: the headers that `pkg-config --cflags gatehouse-sdk` names"));
    const Outcome none = check("/no/such/plugin.so");
    CHECK(none.status == 2);
    CHECK(none.says("does not exist"));
    CHECK(check("").status == 2);
}

TEST_CASE("the plugins of this project have no errors") {
    for (const char* plugin :
         {"provider/hello/hello.so", "provider/openai/openai.so", "provider/anthropic/anthropic.so",
          "provider/echo/echo.so", "hook/redact/redact.so", "dialect/openai/openai.so",
          "mapper/table/table.so", "auth/api_key/api_key.so", "auth/bearer/bearer.so", "auth/jwt/jwt.so",
          "store/memory/memory.so"}) {
        CAPTURE(plugin);
        const Outcome good = check(PLUGINS "/" + std::string(plugin));
        CAPTURE(good.text);
        CHECK(good.status == 0);
        CHECK(good.ids("error").empty());
        CHECK(good.ids("warning").empty());
    }
}

TEST_CASE("ollama has no findings with recorded responses") {
    const Outcome ollama = check(PLUGINS "/provider/ollama/ollama.so --answers " FIXTURES "/ollama");
    CAPTURE(ollama.text);
    CHECK(ollama.status == 0);
    CHECK(ollama.says("0 errors, 0 warnings, 0 notes; "));
}

TEST_CASE("bedrock and its signer have no findings, with recorded event streams") {
    const Outcome bedrock = check(PLUGINS "/provider/bedrock/bedrock.so --answers " FIXTURES "/bedrock");
    CAPTURE(bedrock.text);
    CHECK(bedrock.status == 0);
    CHECK(bedrock.says("0 errors, 0 warnings, 0 notes; "));
    const Outcome signer = check(PLUGINS "/auth/aws_sigv4/aws_sigv4.so");
    CHECK(signer.says("0 errors, 0 warnings, 0 notes; "));
}

TEST_CASE("audit has no errors with a configuration") {
    const Folder folder;
    const std::string journal = folder.file("audit.jsonl", "");
    std::filesystem::permissions(journal, std::filesystem::perms(0600));
    const std::string config = folder.file(
        "gatehouse.toml", "[hook.audit]\nuse = \"audit\"\nfile = \"" + journal + "\"\nclients = [\"*\"]\n");
    const Outcome audit = check(PLUGINS "/hook/audit/audit.so --config " + config);
    CAPTURE(audit.text);
    CHECK(audit.status == 0);
}

TEST_CASE("guardrail and ledger have no errors with a configuration") {
    const Folder folder;
    const std::string guard =
        folder.file("guard.toml", "[hook.a]\nuse = \"guardrail\"\nurl = \"https://guard.example\"\n");
    const Outcome guardrail = check(PLUGINS "/hook/guardrail/guardrail.so --config " + guard);
    CAPTURE(guardrail.text);
    CHECK(guardrail.status == 0);
    CHECK(guardrail.ids("warning").empty());
    const std::string journal = folder.file("ledger.jsonl", "");
    std::filesystem::permissions(journal, std::filesystem::perms(0600));
    const std::string config =
        folder.file("ledger.toml", "[hook.a]\nuse = \"ledger\"\nfile = \"" + journal + "\"\n");
    const Outcome ledger = check(PLUGINS "/hook/ledger/ledger.so --config " + config);
    CAPTURE(ledger.text);
    CHECK(ledger.status == 0);
    CHECK(ledger.ids("warning").empty());
}

TEST_CASE("the external authenticator has no findings with recorded answers of its service") {
    const Outcome external = check(PLUGINS "/auth/external/external.so --config " FIXTURES
                                           "/external/gatehouse.toml --answers " FIXTURES "/external");
    CAPTURE(external.text);
    CHECK(external.status == 0);
    CHECK(external.says("0 errors, 0 warnings, 0 notes; "));
}

TEST_CASE("the cache and the exporter have neither errors nor warnings") {
    const Folder folder;
    const std::string url =
        folder.file("exporter.toml", "[hook.a]\nuse = \"exporter\"\nurl = \"https://usage.example\"\n");
    const Outcome exporter = check(PLUGINS "/hook/exporter/exporter.so --config " + url);
    CAPTURE(exporter.text);
    CHECK(exporter.status == 0);
    CHECK(exporter.ids("warning").empty());
    const std::string config =
        folder.file("cache.toml", "[hook.a]\nuse = \"exact_cache\"\nwhen = \"always\"\n");
    const Outcome cache = check(PLUGINS "/hook/exact_cache/exact_cache.so --config " + config);
    CAPTURE(cache.text);
    CHECK(cache.status == 0);
    CHECK(cache.ids("warning").empty());
}

TEST_CASE("sqlite has no errors with a configuration") {
    if (!std::filesystem::exists(PLUGINS "/store/sqlite/sqlite.so")) return;
    const Folder folder;
    const std::string config =
        folder.file("gatehouse.toml",
                    "[store.s]\nuse = \"sqlite\"\npath = \"" + (folder.path / "store.db").string() + "\"\n");
    const Outcome sqlite = check(PLUGINS "/store/sqlite/sqlite.so --config " + config);
    CAPTURE(sqlite.text);
    CHECK(sqlite.status == 0);
    CHECK(sqlite.ids("warning").empty());
    CHECK(sqlite.ids("note").empty());
}

TEST_CASE("certificate has no errors with a configuration") {
    const Folder folder;
    const std::string config =
        folder.file("gatehouse.toml",
                    "[authenticator.a]\nuse = \"certificate\"\nclients = [{ common_name = \"agent\" }]\n");
    const Outcome certificate = check(PLUGINS "/auth/certificate/certificate.so --config " + config);
    CAPTURE(certificate.text);
    CHECK(certificate.status == 0);
}

TEST_CASE("oci has no errors with a configuration") {
    const Folder folder;
    const std::string config = folder.file("gatehouse.toml",
                                           "[provider.oci]\nuse = \"oci\"\nregion = \"us-chicago-1\"\n"
                                           "compartment_id = \"ocid1.compartment.oc1..check\"\n");
    const Outcome oci =
        check(PLUGINS "/provider/oci/oci.so --model meta.llama-3.3-70b-instruct --config " + config);
    CAPTURE(oci.text);
    CHECK(oci.status == 0);
}
