// SPDX-License-Identifier: Apache-2.0
// Runs `gatehouse import litellm` with a file in a folder.
#pragma once

#include "tests/core/cli/program.hpp"

#include <string>

namespace gatehouse::core::test {

struct Made {
    Outcome outcome;
    std::string file;  // the new configuration; empty if the command wrote no file
};

/// Writes `yaml` as config.yaml and imports it into made.toml.
inline Made import(const Folder& folder, const std::string& yaml) {
    const std::string from = folder.file("config.yaml", yaml), to = folder.path / "made.toml";
    fs::remove(to);
    Outcome outcome = run("import litellm " + from + " -o " + to);
    return {std::move(outcome), content_of(to)};
}

}  // namespace gatehouse::core::test
