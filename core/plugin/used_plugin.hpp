// SPDX-License-Identifier: Apache-2.0
// The plugin behind an instance of the configuration.  Plain values.
#pragma once

#include <string>

namespace gatehouse::core {

struct UsedPlugin {
    std::string kind, instance, name, version;
    std::string library;  // the path of its file
    std::string digest;   // SHA-256 of the bytes that run, in hexadecimal digits
};

}  // namespace gatehouse::core
