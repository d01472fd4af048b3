// SPDX-License-Identifier: Apache-2.0
// `gatehouse init` as a script uses it, and its templates.
#include "core/cli/init_template.hpp"
#include "tests/core/cli/program.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace gatehouse::core;
using namespace gatehouse::core::test;

namespace {

unsigned mode_of(const fs::path& file) {
    struct stat found {};
    return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777u : 0;
}

}  // namespace

TEST_CASE("a template has questions, and answers are escaped") {
    const Folder folder;
    const auto form =
        read_init_template(folder.file("form",
                                       "#! title\n#? a | first\n#? b | second | x y\n#? c | third |\n"
                                       "k = \"@a@-@b@\" # @other@ me@home\n?c l = \"@c@\"\n?c\nend\n"));
    REQUIRE(form);
    CHECK(form->title == "title");
    REQUIRE(form->questions.size() == 3);
    CHECK((form->questions[0].required && !form->questions[1].required && !form->questions[2].required));
    CHECK(form->questions[1].fallback == "x y");
    CHECK(filled(*form, {{"a", "q\"\\"}, {"b", "x"}, {"c", ""}}) ==
          "k = \"q\\\"\\\\-x\" # @other@ me@home\nend\n");
    CHECK(filled(*form, {{"a", ""}, {"b", ""}, {"c", "1"}}) ==
          "k = \"-\" # @other@ me@home\nl = \"1\"\n\nend\n");
}

TEST_CASE(
    "init writes a configuration of each backend, which only its owner may read and which passes check") {
    const Folder folder;
    for (const std::string& backend :
         {std::string("demo"), std::string("compatible --set model=m --set upstream_key=k"),
          std::string("compatible --set model=m"), std::string("ollama --set model=m"),
          std::string("anthropic --set model=m --set upstream_key=k")}) {
        CAPTURE(backend);
        const std::string file = folder.path / "made.toml";
        const Outcome made = run("init " + backend + " -o " + file);
        CHECK(made.status == 0);
        CHECK(made.err == "");
        CHECK(contains(made.out, "key for clients, which is shown only now: sk-"));
        CHECK(mode_of(file) == 0600u);
        CHECK(run("check -c " + file).status == 0);
        CHECK_FALSE(contains(content_of(file), "@"));
        fs::remove(file);
    }
}

TEST_CASE("init keeps an existing file, and replaces it only if it is told to") {
    const Folder folder;
    const std::string file = folder.file("g.toml", "mine\n");
    ::chmod(file.c_str(), 0640);
    const Outcome refused = run("init demo -o " + file);
    CHECK(refused.status == 2);
    CHECK(refused.err == file + " exists; --replace keeps it as " + file + ".old\n");
    CHECK(content_of(file) == "mine\n");
    CHECK(run("init -o " + file).err == refused.err);  // before a question
    CHECK(contains(run("init foo -o " + file).err, "there is no backend \"foo\"; there are:\n"));
    CHECK(contains(run("init demo --set kye=x -o " + file).err, "did you mean \"key\"?"));
    CHECK(run("init demo --replace --set key=mine -o " + file).status == 0);
    CHECK(content_of(file + ".old") == "mine\n");
    CHECK(mode_of(file) == 0640u);
    CHECK(contains(content_of(file), "sha256:"));
}

TEST_CASE("answers that are missing, unknown or wrong leave no configuration") {
    const Folder folder;
    const std::string file = folder.path / "g.toml";
    const Outcome none = run("init -o " + file);
    CHECK(none.status == 2);
    CHECK(contains(none.err, "name a backend; there are:\n"));
    CHECK(contains(run("init dem -o " + file).err, "there is no backend \"dem\"; did you mean \"demo\"?"));
    CHECK(contains(run("init ollama -o " + file).err, "an answer is missing: --set model=…"));
    CHECK(contains(run("init ollama --set model= -o " + file).err, "must not be empty"));
    CHECK(contains(run("init ollama --set modle=x -o " + file).err, "did you mean \"model\"?"));
    const Outcome wrong = run("init ollama --set model=x --set base_url=ftp://x -o " + file);
    CHECK(wrong.status == 2);
    CHECK(contains(wrong.err, "base_url"));
    CHECK(contains(wrong.err, "g.toml.new has the mistakes above and is not used"));
    CHECK_FALSE(fs::exists(file));
}
