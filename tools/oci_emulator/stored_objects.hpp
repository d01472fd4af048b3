// SPDX-License-Identifier: Apache-2.0
// Files, vector stores and containers of the OpenAI-compatible surface (plugins/provider/oci/PROTOCOL.md,
// section 1.3), in memory.  The shapes are those of OpenAI's reference.
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/json.hpp"

#include <gatehouse/http.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

/// Whether `path` is /openai/v1/files, /vector_stores or /containers, or below one of them.
bool is_stored_object_path(std::string_view path);

/// [any thread]
class StoredObjects {
public:
    /// REQUIRES: is_stored_object_path(head.path).  `now`: Unix seconds.
    http::Response answer(const http::RequestHead& head, const std::string& body, std::int64_t now);
    /// Deletes every object.
    void clear();

private:
    using List = std::vector<Json>;

    http::Response in_list(const http::RequestHead& head, const std::string& name, const std::string& body,
                           std::int64_t now);
    http::Response one(const http::RequestHead& head, const std::string& name, const std::string& id,
                       const std::string& body);
    http::Response make(const std::string& name, const http::RequestHead& head, const std::string& body,
                        std::int64_t now);
    http::Response make_file(const std::string& name, const http::RequestHead& head, const std::string& body,
                             std::int64_t now);
    http::Response attach(const std::string& name, const std::string& store, const Json& request,
                          std::int64_t now);
    http::Response search(const std::string& store, const std::string& body) const;
    http::Response content(const std::string& id) const;
    Json* find(const std::string& name, std::string_view id);
    std::string new_id(std::string_view prefix);

    std::mutex mutex_;
    std::map<std::string, List> lists_;            // by path, "vector_stores/vs_1/files" for instance
    std::map<std::string, std::string> contents_;  // the files' bytes, by id
    int made_ = 0;
};

}  // namespace gatehouse::emulator
