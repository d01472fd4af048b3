// SPDX-License-Identifier: Apache-2.0
// `gatehouse init`: asks a few questions, writes a configuration from a template, and checks it before it is
// put in place.
#include "core/app/gateway.hpp"
#include "core/cli/data_folder.hpp"
#include "core/cli/init_template.hpp"
#include "core/cli/key_digest.hpp"
#include "core/cli/output.hpp"
#include "core/cli/replace_file.hpp"
#include "core/config/mistakes.hpp"
#include "core/config/substitute.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/value.hpp>

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;
using Answers = std::map<std::string, std::string>;

constexpr const char* suffix = ".toml.in";
constexpr const char* common = "common";  // the template that precedes each other one
const Question key_question = {"key", "Key that clients must send; empty for a new one", "", false};

bool interactive() { return ::isatty(STDIN_FILENO) != 0; }

/// Asks on the terminal.  Returns the default for an empty line, and nothing at the end of the input.
std::optional<std::string> ask_user(const Question& question) {
    std::cout << question.text << (question.fallback.empty() ? "" : " [" + question.fallback + "]") << ": "
              << std::flush;
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line.empty() ? question.fallback : line;
}

/// The titles of the templates, for the question and for messages.
std::string list_of(const fs::path& folder, const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        auto form = read_init_template(folder / (name + suffix));
        list += "  " + padded(name, 14) + (form ? form->title : form.error().message) + '\n';
    }
    return list;
}

Result<void> may_write(const InitOptions& asked) {
    std::error_code ignored;
    if (asked.replace || !fs::exists(asked.file, ignored)) return {};
    return refused(asked.file.string() + " exists; --replace keeps it as " + asked.file.string() + ".old");
}

Result<std::string> choose(const fs::path& folder, const InitOptions& asked) {
    std::vector<std::string> names = names_with_suffix(folder, suffix);
    std::erase(names, common);
    std::string name = asked.backend;
    if (name.empty()) {
        if (auto ok = may_write(asked); !ok) return ok.error();
    }
    if (name.empty() && interactive()) {
        std::cout << list_of(folder, names);
        name = ask_user({"backend", "Backend", "", true}).value_or("");
    }
    if (std::ranges::count(names, name)) return name;
    return refused((name.empty() ? "name a backend" : "there is no backend " + toml_quoted(name)) +
                   suggestion(name, names) + "; there are:\n" + list_of(folder, names));
}

/// The answers of the command line, NAME=VALUE.
Result<Answers> given_answers(const std::vector<std::string>& given, const std::vector<Question>& questions) {
    std::vector<std::string> known;
    for (const Question& one : questions) known.push_back(one.name);
    Answers answers;
    for (const std::string& text : given) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        if (equals == std::string::npos) return refused("--set needs NAME=VALUE, not " + toml_quoted(text));
        if (!std::ranges::count(known, name))
            return refused("there is no question " + toml_quoted(name) + suggestion(name, known) +
                           " (there are: " + joined(known) + ")");
        answers[name] = text.substr(equals + 1);
    }
    return answers;
}

/// Adds the answers that are missing: from the terminal, or the defaults.
Result<void> complete(Answers& answers, const std::vector<Question>& questions) {
    for (const Question& one : questions) {
        while (!answers.contains(one.name)) {
            const auto answer = interactive() ? ask_user(one) : std::optional(one.fallback);
            if (answer && !(one.required && answer->empty()))
                answers[one.name] = *answer;
            else if (!answer || !interactive())
                return refused("an answer is missing: --set " + one.name + "=…  (" + one.text + ")");
        }
        if (one.required && answers[one.name].empty())
            return refused("the answer to " + one.name + " must not be empty (" + one.text + ")");
    }
    return {};
}

/// Puts the digest of the key into `answers`.  Returns the key if it has to be shown.
Result<std::string> digest_key(Answers& answers) {
    std::string key = answers["key"];
    const bool fresh = key.empty();
    if (fresh) key = new_key();
    answers["key"] = is_reference(key) ? key : key_digest(key);
    if (key.empty()) return refused("OpenSSL cannot make a key");
    return fresh ? key : std::string();
}

/// Whether the gateway could start with `file`.  Prints the mistakes.
bool passes_check(const fs::path& file) {
    Mistakes mistakes(file);
    const auto gateway = Gateway::make(file, Gateway::Purpose::check, mistakes);
    for (const Mistake& one : mistakes.in_order()) std::cerr << one.text << '\n';
    return static_cast<bool>(gateway);
}

Result<void> install(const fs::path& fresh, const fs::path& file) {
    std::error_code ignored;
    if (fs::exists(file, ignored)) {
        if (auto ok = copy_private(file, file.string() + ".old"); !ok) return ok;
        std::cout << "saved the old file as " << file.string() << ".old\n";
    }
    return put_in_place(fresh, file);
}

void print_next(const fs::path& file, const std::string& key) {
    std::cout << "wrote " << file.string() << '\n';
    if (!key.empty()) std::cout << "key for clients, which is shown only now: " << key << '\n';
    std::cout << "next:\n    gatehouse serve -c " << file.string() << "\n    gatehouse connect CLIENT\n";
}

}  // namespace

int init(const InitOptions& asked) {
    auto folder = example_folder("init");
    if (!folder) return fail(exit_status::failure, folder.error().message);
    auto name = choose(*folder, asked);
    if (!name) return fail(exit_status::usage, name.error().message);
    auto first = read_init_template(*folder / (std::string(common) + suffix));
    if (!first) return fail(exit_status::failure, first.error().message);
    auto second = read_init_template(*folder / (*name + suffix));
    if (!second) return fail(exit_status::failure, second.error().message);

    std::vector<Question> questions = second->questions;
    questions.insert(questions.end(), first->questions.begin(), first->questions.end());
    questions.push_back(key_question);
    auto answers = given_answers(asked.answers, questions);
    if (!answers) return fail(exit_status::usage, answers.error().message);
    // Checked after the command line, and before the first question.
    if (auto ok = may_write(asked); !ok) return fail(exit_status::usage, ok.error().message);
    if (auto ok = complete(*answers, questions); !ok) return fail(exit_status::usage, ok.error().message);
    auto key = digest_key(*answers);
    if (!key) return fail(exit_status::failure, key.error().message);

    // In the same folder, because paths in it are relative to its folder.
    const fs::path fresh = asked.file.string() + ".new";
    if (auto ok = write_private(fresh, filled(*first, *answers) + filled(*second, *answers)); !ok)
        return fail(exit_status::failure, ok.error().message);
    if (!passes_check(fresh))
        return fail(exit_status::usage, fresh.string() + " has the mistakes above and is not used");
    if (auto ok = install(fresh, asked.file); !ok) return fail(exit_status::failure, ok.error().message);
    print_next(asked.file, *key);
    return exit_status::ok;
}

}  // namespace gatehouse::core
