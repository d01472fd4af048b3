// SPDX-License-Identifier: Apache-2.0
#include "core/cli/import/addresses.hpp"

#include "core/cli/output.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

/// The paths that LiteLLM accepts at the end of an address, and that our providers add themselves.
constexpr std::string_view operations[] = {"/chat/completions", "/completions", "/embeddings",   "/responses",
                                           "/rerank",           "/v1/messages", "/api/generate", "/api/chat"};

void remove_operation(std::string& url) {
    while (url.ends_with('/')) url.pop_back();
    for (const std::string_view one : operations)
        if (url.ends_with(one)) return url.resize(url.size() - one.size());
}

/// http(s)://host[:port]
std::string origin_of(const std::string& url) {
    const std::size_t scheme = url.find("://"), host = scheme == std::string::npos ? 0 : scheme + 3;
    return url.substr(0, url.find('/', host));
}

bool is_variable(const std::string& value) { return value.starts_with("env:"); }

/// Whether the API is the one without versions by date, which has a path of its own.
bool is_undated(const OrderedJson& version, const Keys& keys) {
    const auto given = keys.find(version.at("key").get<std::string>());
    if (given != keys.end() && std::ranges::count(version.at("undated"), OrderedJson(given->second)))
        return true;
    return keys.at("base_url").ends_with(version.at("path").get<std::string>());
}

Result<void> use_undated(const OrderedJson& version, Upstream& upstream) {
    std::string& url = upstream.provider["base_url"];
    if (is_variable(url))
        return refused("needs its api_base in the file, because its api_version changes the path");
    upstream.without = version.at("key").get<std::string>();
    url = origin_of(url) + version.at("path").get<std::string>();
    return {};
}

/// The host decides about the path and the header of the key.
Result<void> use_host(const OrderedJson& host, Upstream& upstream) {
    std::string& url = upstream.provider["base_url"];
    if (is_variable(url)) return refused("needs its api_base in the file, because the host changes the path");
    if (origin_of(url).find(host.at("name").get<std::string>()) == std::string::npos) return {};
    url = origin_of(url) + host.at("path").get<std::string>();
    for (const auto& [key, value] : host.at("signer").items())
        upstream.signer.emplace(key, value.get<std::string>());
    return {};
}

}  // namespace

void choose_api(const OrderedJson& table, std::string& model, Keys& keys) {
    const auto found = table.find("models");
    if (found == table.end()) return;
    for (const OrderedJson& one : *found) {
        const auto prefix = one.at("prefix").get<std::string>();
        if (!model.starts_with(prefix)) continue;
        if (prefix.ends_with('/')) model.erase(0, prefix.size());
        for (const auto& [key, value] : one.at("keys").items()) keys.emplace(key, value.get<std::string>());
    }
}

Result<void> choose_address(const OrderedJson& table, Upstream& upstream) {
    const auto url = upstream.provider.find("base_url");
    if (url == upstream.provider.end()) return {};
    if (const auto other = table.find("other_address"); other != table.end())
        return refused(other->get<std::string>());
    if (!is_variable(url->second)) {
        if (url->second.find('?') != std::string::npos)
            return refused("has an api_base with a query, which Gatehouse does not have");
        remove_operation(url->second);
    }
    if (const auto version = table.find("version");
        version != table.end() && is_undated(*version, upstream.provider))
        return use_undated(*version, upstream);
    if (const auto host = table.find("host"); host != table.end()) return use_host(*host, upstream);
    return {};
}

}  // namespace gatehouse::core
