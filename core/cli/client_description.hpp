// SPDX-License-Identifier: Apache-2.0
// A client that `gatehouse connect` knows: a file of config/connect.  Plain values.  [main thread]
//
// In each string of the file, ${url}, ${key} and ${model} are replaced.
#pragma once

#include "core/cli/patches.hpp"

#include <gatehouse/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

struct ClientRequest {
    std::string path, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string text;  // JSON pointer to the interesting part of the response
};

struct ClientDescription {
    /// The client's configuration file.
    std::filesystem::path file;
    /// For the list of models, and for a question.
    ClientRequest models, turn;
    /// Lines for the user, for after the change.
    std::vector<std::string> notes;
    std::string model;
    /// The dialect plugin that the gateway must have.
    std::string dialect;

    static Result<ClientDescription> read(const std::filesystem::path& path);

    /// Replaces the place holders.  The last call decides.
    Result<void> fill(const std::map<std::string, std::string>& values);

    /// Whether patched() leaves out comments of the file.
    bool loses_comments(const std::string& before) const;

    /// The text of the client's file with the gateway.
    Result<std::string> patched(const std::string& before) const;

    /// The members that `patched` adds, as JSON.
    std::string shown_members() const { return members_.dump(2) + "\n"; }

private:
    Members description_, members_;
    std::string format_;
};

/// The string at `pointer` in JSON text; empty if there is no string.
std::string text_at(const std::string& json, const std::string& pointer);

}  // namespace gatehouse::core
