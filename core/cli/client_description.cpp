// SPDX-License-Identifier: Apache-2.0
#include "core/cli/client_description.hpp"

#include "core/cli/data_folder.hpp"
#include "core/util/text_file.hpp"

#include <cstdlib>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_description_bytes = 64 * 1024;

using Values = std::map<std::string, std::string>;

std::string with_values(std::string text, const Values& values) {
    for (const auto& [name, value] : values) {
        const std::string holder = "${" + name + "}";
        for (std::size_t at = 0; (at = text.find(holder, at)) != std::string::npos; at += value.size())
            text.replace(at, holder.size(), value);
    }
    return text;
}

/// `from` with all strings and names of members filled.
Members with_values(const Members& from, const Values& values) {
    if (from.is_string()) return with_values(from.get<std::string>(), values);
    if (from.is_array()) {
        Members out = Members::array();
        for (const Members& item : from) out.push_back(with_values(item, values));
        return out;
    }
    if (!from.is_object()) return from;
    Members out = Members::object();
    for (const auto& [name, value] : from.items())
        out[with_values(name, values)] = with_values(value, values);
    return out;
}

ClientRequest request_of(const Members& from) {
    ClientRequest request;
    request.path = from.value("path", "");
    request.text = from.value("text", "");
    if (from.contains("body")) request.body = from["body"].dump();
    const Members headers = from.value("headers", Members::object());
    for (const auto& [name, value] : headers.items())
        request.headers.emplace_back(name, value.get<std::string>());
    return request;
}

/// The folder of a variable, which a user may have set, or the usual one.
std::filesystem::path folder_of(const Members& from) {
    const std::string variable = from.value("folder_variable", "");
    const char* set = variable.empty() ? nullptr : std::getenv(variable.c_str());
    return set && *set ? std::filesystem::path(set) / from.value("below_variable", "")
                       : in_home(from.value("folder", ""));
}

}  // namespace

Result<ClientDescription> ClientDescription::read(const std::filesystem::path& path) {
    auto text = read_text_file(path, max_description_bytes);
    if (!text) return Error{ErrorKind::bad_config, path.string() + ": " + text.error().message};
    ClientDescription client;
    client.description_ = Members::parse(*text, nullptr, false);
    if (!client.description_.is_object())
        return Error{ErrorKind::bad_config, path.string() + " is not a JSON object"};
    client.format_ = client.description_.value("format", "");
    client.dialect = client.description_.value("dialect", "");
    client.file = folder_of(client.description_) / client.description_.value("file", "");
    return client;
}

Result<void> ClientDescription::fill(const std::map<std::string, std::string>& values) {
    const Members all = with_values(description_, values);
    if (!all.contains("members") || !all.contains("models") || !all.contains("turn"))
        return Error{ErrorKind::internal, "the description of this client has no members, models or turn"};
    members_ = all["members"];
    models = request_of(all["models"]);
    turn = request_of(all["turn"]);
    notes = all.value("notes", std::vector<std::string>());
    const auto name = values.find("model");
    model = name == values.end() ? "" : name->second;
    return {};
}

bool ClientDescription::loses_comments(const std::string& before) const {
    return format_ == "json" && !before.empty() &&
           Members::parse(before, nullptr, false, false).is_discarded();
}

Result<std::string> ClientDescription::patched(const std::string& before) const {
    if (format_ == "json") return patched_json(before, members_);
    if (format_ == "toml") return patched_toml(before, members_);
    if (format_ == "yaml") return patched_yaml(before, members_);
    return Error{ErrorKind::internal, "its format " + format_ + " is not known"};
}

std::string text_at(const std::string& json, const std::string& pointer) {
    const Members value = Members::parse(json, nullptr, false);
    if (value.is_discarded() || pointer.empty()) return {};
    const Members::json_pointer place(pointer);
    return value.contains(place) && value[place].is_string() ? value[place].get<std::string>()
                                                             : std::string();
}

}  // namespace gatehouse::core
