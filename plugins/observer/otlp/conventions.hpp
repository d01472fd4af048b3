// SPDX-License-Identifier: Apache-2.0
// Names and words of OpenTelemetry's semantic conventions: GenAI 1.41 and genai-0.1, HTTP 1.44.
// Plain functions: [any thread].
#pragma once

#include "plugins/observer/otlp/options.hpp"

#include <gatehouse/observer.hpp>

#include <string>
#include <string_view>

namespace gatehouse::otlp {

/// The value of gen_ai.provider.name: that of the options, or by the plugin of the provider.  Valid as long
/// as both arguments.
std::string_view provider_name(const StoryAttempt& attempt, const Options& options);

/// The names that differ between the versions of the GenAI conventions.
struct GenAiNames {
    const char *cache_read, *cache_write, *reasoning;
};
const GenAiNames& gen_ai_names(std::string_view conventions);

/// The value of error.type: the status of a response, or the kind of an error.
std::string error_type(int status, ErrorKind kind);

/// "https://host:8443" as server.address and server.port.  An IPv6 address has no brackets.
struct Server {
    std::string address = {};
    int port = 0;
};
Server server_of(std::string_view endpoint);

}  // namespace gatehouse::otlp
