// SPDX-License-Identifier: Apache-2.0
// Rows of the admin API as a table and as CSV, and the public list of prices as TOML.
#include "core/cli/admin/rows.hpp"

#include "tests/core/cli/program.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;
using gatehouse::core::test::contains;
using gatehouse::core::test::Folder;
using gatehouse::core::test::run;

TEST_CASE("rows are a table, or values with commas") {
    const char* document =
        R"({"currency":"USD","rows":[{"key":"ann","cost":"1.50","groups":["a","b"]},{"key":"=1+1, \"x\"","cost":"-2"}]})";
    CHECK(rows_of(document, RowFormat::table) ==
          "key        cost  groups\nann        1.50  a,b\n=1+1, \"x\"  -2\n");
    CHECK(rows_of(document, RowFormat::csv) ==
          "key,cost,groups\r\nann,1.50,\"a,b\"\r\n\"'=1+1, \"\"x\"\"\",-2,\r\n");
    CHECK(rows_of(document, RowFormat::table, {"cost"}) == "cost\n1.50\n-2\n");
    CHECK(rows_of(R"({"keys":[]})", RowFormat::table) == "nothing found\n");
    CHECK(rows_of(R"({"keys":[{"a":"x\u001b[31m"}]})", RowFormat::table) == "a\nx [31m\n");
    CHECK(lines_of(R"({"id":"k1","name":"ann"})") == "id    k1\nname  ann\n");
    CHECK(lines_of(R"({"created_at":1797327000,"expires_at":0,"warn_at":-1})") ==
          "created_at  2026-12-15 09:30 UTC\nexpires_at  never\nwarn_at     -1\n");
    const char* times = R"({"keys":[{"id":"k1","expires_at":1797327000},{"id":"k2","expires_at":1e99}]})";
    CHECK(rows_of(times, RowFormat::table) == "id  expires_at\nk1  2026-12-15 09:30 UTC\nk2  1e99\n");
    CHECK(rows_of(times, RowFormat::csv) == "id,expires_at\r\nk1,1797327000\r\nk2,1e99\r\n");
}

TEST_CASE("prices import converts the public list") {
    const Folder folder;
    const std::string list = folder.file("list.json", R"({
  "sample_spec": {"input_cost_per_token": 1},
  "big": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "litellm_provider": "lab",
          "input_cost_per_token_above_200k_tokens": 5e-06},
  "lab/small": {"input_cost_per_token": 1e-07, "output_cost_per_token": 0, "litellm_provider": "lab"},
  "other/x": {"input_cost_per_second": 1}
})");
    const auto all = run("prices import " + list);
    CHECK(all.status == 0);
    CHECK(contains(
        all.out,
        "[\"big\"]\ninput = 2.5\noutput = 10.0\n[[\"big\".tiers]]\nabove_prompt_tokens = 200000\ninput = 5.0\noutput = 10.0\n"));
    CHECK(contains(all.err,
                   "left out other/x: has no price for tokens, requests or images\n2 prices, 1 left out\n"));
    const auto some = run("prices import " + list + " --for main=lab");
    CHECK(contains(some.out, "[\"main/big\"]\n"));
    CHECK(contains(some.out, "[\"main/small\"]\ninput = 0.1\n"));
    CHECK(run("prices import /nowhere").status == 2);
    CHECK(run("prices import " + list + " --for lab").status == 2);
}

TEST_CASE("an operator's commands say what they need") {
    CHECK(contains(run("limits").err, "name the running gateway: --config FILE or --url URL"));
    const auto refused = run("keys remove --url http://127.0.0.1:1");
    CHECK(refused.status == 2);
    CHECK(contains(refused.err, "there is no action \"remove\""));
    CHECK(contains(refused.err, "(there are: list, show, create, set, rotate, block, unblock, revoke)\n"));
    const auto unused = run("keys revoke mine --group team:red --url http://127.0.0.1:1");
    CHECK(unused.status == 2);
    CHECK(unused.err == "--group is not an option of `keys revoke`\n");
    for (const char* wrong : {"list --note x", "list --reason x", "list --grace-seconds 5",
                              "create a --reason x", "show a --days 5", "rotate a --expires never",
                              "rotate a --model x", "block a --note x", "unblock a --grace-seconds 0"}) {
        CAPTURE(wrong);
        const auto told = run(std::string("keys ") + wrong + " --url http://127.0.0.1:1");
        CHECK(told.status == 2);
        CHECK(contains(told.err, " is not an option of `keys "));
    }
    CHECK(run("keys set a --url http://127.0.0.1:1").err ==
          "`keys set` has nothing to change: give --group, --model, --days, --expires or --note\n");
    // An empty variable of a shell does not make a key for every model.
    for (const char* empty :
         {"create a --model \"\"", "create a --model m --model \"\"", "set a --model m --model \"\""})
        CHECK(run(std::string("keys ") + empty + " --url http://127.0.0.1:1")
                  .err.starts_with("--model is empty: give a name"));
    CHECK(run("keys create a --group \"\" --url http://127.0.0.1:1").err ==
          "--group is empty: give a name, or omit the option\n");
    for (const char* time : {"7d", "tomorrow", "2026-13-01"}) {
        CAPTURE(time);
        CHECK(run("keys set a --url http://127.0.0.1:1 --expires " + std::string(time)).err ==
              "--expires must be never, a date in UTC such as 2026-12-31, or Unix seconds\n");
    }
    for (const char* time : {"0", "1700000000", "2024-01-01"}) {
        CAPTURE(time);
        CHECK(run("keys set a --url http://127.0.0.1:1 --expires " + std::string(time)).err ==
              "--expires has a time in the past: give a later one, or never\n");
    }
    // A part of a word is not an action.
    CHECK(run("keys lock mine --url http://127.0.0.1:1").err.starts_with("there is no action \"lock\""));
    CHECK(contains(run("spend --url http://127.0.0.1:1").err, "127.0.0.1:1: "));
    const Folder folder;
    const std::string file = folder.file(
        "spend.jsonl", R"({"time_ms":1794744000000,"client":"ci","cost":"0.5","currency":"USD"})");
    CHECK(contains(run("spend --file " + file + " --by key,day").out, "ci   2026-11-15  1 "));
    CHECK(contains(run("spend --file " + file + " --csv").out, "ci,1,0,0,0.50,0\r\n"));
    CHECK(contains(run("spend --file " + file + " --by who").err, "by has words of key"));
}

TEST_CASE("upstream names the tables, the providers and the reason why none has the table") {
    const auto wrong = run("upstream model -c /nowhere");
    CHECK(wrong.status == 2);
    CHECK(
        wrong.err ==
        "there is no table \"model\"; did you mean \"models\"? (there are: models, endpoints, profiles, keys)\n");
    CHECK(run("upstream models").status == 2);
    CHECK(contains(run("upstream models -c /nowhere").err, "/nowhere"));
    const Folder folder;
    const std::string file = folder.file("upstream.toml",
                                         "[server]\nlisten = \"127.0.0.1:0\"\nallow_anonymous = true\n"
                                         "[provider.greeter]\nuse = \"hello\"\n"
                                         "[mapper.all]\nuse = \"table\"\nunknown = \"greeter/*\"\n"
                                         "[dialect.openai]\nuse = \"openai\"\n");
    const auto none = run("upstream keys -c " + file);
    CHECK(none.status == 1);
    CHECK(none.out == "");
    CHECK(none.err ==
          "provider greeter: the provider has no such table\n"
          "no provider of this configuration has a table of keys\n");
    CHECK(contains(run("upstream models -c " + file).err,
                   "provider greeter: this provider cannot list its models\n"));
    const auto unknown = run("upstream models --provider greater -c " + file);
    CHECK(unknown.status == 2);
    CHECK(unknown.err ==
          "there is no provider \"greater\"; did you mean \"greeter\"? (there are: greeter)\n");
}
