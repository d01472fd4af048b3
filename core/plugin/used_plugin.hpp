// SPDX-License-Identifier: Apache-2.0
// The plugin behind an instance of the configuration.
#pragma once

#include <string>

namespace gatehouse::core {

class Log;
struct FoundPlugin;

/// Plain values.
struct UsedPlugin {
    std::string kind = {}, instance = {}, name = {}, version = {};
    std::string library = {};  // the path of its file
    std::string digest = {};   // SHA-256 of the bytes that run, in hexadecimal digits
};

/// Notes the library of an instance for reports about it.  Logs a library that replaces another version,
/// once.  [main thread]
UsedPlugin note_use(const std::string& kind, const std::string& instance, const FoundPlugin& found, Log& log);

}  // namespace gatehouse::core
