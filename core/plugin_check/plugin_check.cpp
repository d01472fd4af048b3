// SPDX-License-Identifier: Apache-2.0
// `gatehouse plugin-check`: drives a plugin as the core would, and as the core hopes
// never to, and says in its author's terms what is wrong.
//
// This process never runs the plugin's code: each part of the check has its own.
#include "core/cli/output.hpp"
#include "core/plugin_check/answers.hpp"
#include "core/plugin_check/child.hpp"
#include "core/plugin_check/plausible.hpp"
#include "core/plugin_check/report.hpp"
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/valgrind.hpp"

#include <gatehouse/layout.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace gatehouse::core {

namespace plugin_check {

namespace {

// Facts: "refused": the message of load(); "kind", "name", "version", "keys"; "table": the configuration
// in use, as TOML, "shown": the same for display, "secret N": its secrets; "unusable": why there is no table;
// "local": a provider that computes; "stuck": it does not return, so that the rest would not either.

/// Loads the library for the first time, where a crash of its static constructors does no harm.
void open_library(Check& check, const Given& given) {
    check.context("the library is loaded");
    auto target = Target::load(given);
    if (!target) return check.fact("refused", target.error().message);
    check.fact("kind", target->kind());
    check.fact("name", printable(target->descriptor().name, 100));
    check.fact("version", printable(target->descriptor().version, 100));
    std::string keys;
    for (const Key& key : target->keys()) keys += key.name + "\n";
    check.fact("keys", keys);
    check_entry_point(check, *target);
}

void find_configuration(Check& check, const Given& given) {
    check.context("configuration");
    auto target = Target::load(given);
    if (!target) return;
    if (given.config) {
        if (auto ok = target->use_file(); !ok) return check.fact("unusable", ok.error().message);
        if (auto refusal = target->refusal(check, target->table()))
            return check.fact("unusable", refusal->error.message);
    } else {
        auto table = plausible_table(check, *target);
        if (!table)
            return check.fact("unusable", "cannot guess a configuration (the plugin reports: " +
                                              table.error().message + "); give one with --config FILE");
        target->use(*std::move(table));
    }
    if (target->kind() == "provider" && computes(check, *target)) check.fact("local", "yes");
    check.fact("table", target->toml(target->table(), false));
    check.fact("shown", target->toml(target->table(), true));
    const auto& secrets = target->confidential().secrets;
    for (std::size_t i = 0; i < secrets.size(); ++i) check.fact("secret " + std::to_string(i), secrets[i]);
}

/// From here on nothing may tell a secret of the configuration.
void forget_secrets(Record& record) {
    std::vector<std::string> secrets;
    for (const auto& [name, value] : record.facts)
        if (name.starts_with("secret ")) secrets.push_back(value);
    std::erase_if(record.facts, [](const auto& fact) { return fact.first.starts_with("secret "); });
    record.facts.erase("table");
    mask(record, secrets);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

std::vector<Suite> parts_of(const std::string& kind, const Given& given, bool local) {
    if (kind == "provider" && local) return local_provider_suites(given);
    if (kind == "provider") return provider_suites(given);
    if (kind == "signer") return signer_suites();
    if (kind == "authenticator") return authenticator_suites();
    if (kind == "mapper") return mapper_suites();
    if (kind == "dialect") return dialect_suites();
    if (kind == "limiter") return limiter_suites();
    if (kind == "observer") return observer_suites();
    if (kind == "store") return store_suites();
    return hook_suites();
}

/// The library goes with the process: its static destructors run then.
void leave(Check& check, Target& target) {
    check.context("the process ends");
    (void)target.refusal(check, target.table());
    check.fact("ended", "yes");
    std::exit(0);
}

void judge_understanding(Record& record, const std::string& kind, const Given& given) {
    auto& facts = record.facts;
    if ((kind == "provider" && facts.contains("asks") && !facts.contains("understood")) ||
        (kind == "dialect" && !facts.contains("understood")))
        record.findings.push_back(
            {Severity::note, "not-understood",
             kind == "dialect"
                 ? "the dialect parses no request of a well-known protocol, so most checks are skipped"
             : given.answers
                 ? "the provider understands no response, so cuts, retries and threads are not checked"
                 : "the provider understands no response of a well-known form, so cuts, retries and threads "
                   "are not checked: give recorded responses with --answers FOLDER",
             "", ""});
}

/// Everything; false: the plugin cannot be checked, as record.facts["refused" or "unusable"] says.
bool run(const Given& given, const Effort& effort, Record& record) {
    if (!run_apart(effort, record, [&](Check& check) { open_library(check, given); })) return true;
    if (record.facts.contains("refused")) return false;
    const std::string kind = record.facts["kind"];
    run_apart(effort, record, [&](Check& check) { find_configuration(check, given); });
    if (!record.facts.contains("table")) return !record.facts.contains("unusable");

    std::vector<Suite> parts = configuration_suites(lines_of(record.facts["keys"]));
    for (Suite& part : parts_of(kind, given, record.facts.contains("local")))
        parts.push_back(std::move(part));
    for (Suite& part : admin_suites()) parts.push_back(std::move(part));
    parts.push_back({"the end", leave});
    std::size_t checked = 2;
    for (const Suite& part : parts) {
        if (record.facts.contains("stuck") && &part != &parts.back()) continue;
        ++checked;
        run_apart(effort, record, [&](Check& check) {
            check.context(part.name);
            auto target = Target::load(given);
            if (!target) return;
            auto table = target->parsed(record.facts["table"]);
            if (!table)
                return check.error("config", "its own table cannot be read back", "", table.error().message);
            target->use(*std::move(table));
            part.run(check, *target);
        });
    }
    record.facts["parts"] = std::to_string(checked);
    judge_understanding(record, kind, given);
    return true;
}

void write_record(const std::filesystem::path& path, const Record& record) {
    std::ofstream file(path, std::ios::binary);
    for (const Finding& finding : record.findings) file << encoded(finding);
    for (const auto& [name, value] : record.facts) file << encoded_fact(name, value);
}

std::string counted(std::size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// "answers used: 2 of 3; never used: a_no.http"
std::string uses_of_answers(const std::filesystem::path& folder, const Record& record) {
    const auto answers = recorded_answers(folder);
    if (!answers) return {};
    std::string unused;
    std::size_t used = 0;
    for (const Answer& answer : *answers)
        if (record.facts.contains(used_fact + answer.name))
            ++used;
        else
            unused += (unused.empty() ? "; never used: " : ", ") + printable(answer.name, 100);
    return "answers used: " + std::to_string(used) + " of " + std::to_string(answers->size()) + unused;
}

int report_json(const Given& given, const Record& record) {
    const Summary summary = print_json(given.library.string(), record);
    if (summary.errors > 0) return exit_status::failure;
    const bool checked = !record.facts.contains("refused") && !record.facts.contains("unusable");
    return checked ? exit_status::ok : exit_status::usage;
}

int report(const Given& given, Record& record) {
    auto& facts = record.facts;
    if (facts.contains("refused")) {
        const bool explained = facts["refused"].find("rebuild it") != std::string::npos;
        return fail(
            exit_status::usage,
            facts["refused"] + (explained ? "\n  rebuild with: the headers that `pkg-config --cflags "
                                            "gatehouse-sdk` names (plugin ABI " +
                                                std::to_string(abi) + "), g++ or clang++ with " + toolchain
                                          : ""));
    }
    std::cout << given.library.string() << ": " << facts["kind"] << " \"" << facts["name"] << "\" "
              << facts["version"] << ", plugin ABI " << abi << ", " << toolchain << '\n';
    if (facts.contains("shown")) {
        std::cout << "configuration" << (given.config ? " of " + given.config->string() : ", guessed") << ':';
        const auto lines = lines_of(facts["shown"]);
        std::cout << (lines.empty() ? " defaults only\n" : "\n");
        for (const std::string& line : lines) std::cout << "    " << line << '\n';
    }
    const Summary summary = print(record);
    std::cout << '\n'
              << counted(summary.errors, "error") << ", " << counted(summary.warnings, "warning") << ", "
              << counted(summary.notes, "note") << "; " << facts["parts"]
              << (facts["parts"].empty() ? "the check ended early" : " parts checked") << std::endl;
    if (given.answers && !facts.contains("unusable"))
        std::cout << uses_of_answers(*given.answers, record) << std::endl;
    if (facts.contains("unusable"))
        std::cerr << "cannot create an instance: " << facts["unusable"] << std::endl;
    if (summary.errors > 0) return exit_status::failure;
    return facts.contains("unusable") ? exit_status::usage : exit_status::ok;
}

std::vector<std::string> arguments_of(const PluginCheck& given) {
    std::vector<std::string> words = {"plugin-check", given.library.string(),
                                      "--model",      given.model,
                                      "--time-limit", std::to_string(given.time_limit_s)};
    if (given.config) words.insert(words.end(), {"--config", given.config->string()});
    if (given.answers) words.insert(words.end(), {"--answers", given.answers->string()});
    return words;
}

}  // namespace
}  // namespace plugin_check

int check_plugin(const PluginCheck& asked) {
    using namespace plugin_check;
    const Given given{asked.library, asked.config, asked.answers, asked.model};
    if (given.answers)
        if (auto answers = recorded_answers(*given.answers); !answers)
            return fail(exit_status::usage, answers.error().message);
    Record record;
    if (asked.valgrind) {
        auto found = under_valgrind(arguments_of(asked), given.library);
        if (!found) return fail(exit_status::usage, found.error().message);
        record = *std::move(found);
    } else {
        const Effort effort{.patience = std::chrono::seconds(asked.time_limit_s),
                            .slow = !asked.record.empty()};
        run(given, effort, record);
        forget_secrets(record);
    }
    if (!asked.record.empty()) {
        record.facts["done"] = "yes";
        write_record(asked.record, record);
        return exit_status::ok;
    }
    return asked.json ? report_json(given, record) : report(given, record);
}

}  // namespace gatehouse::core
