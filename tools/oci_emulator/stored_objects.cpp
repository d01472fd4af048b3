// SPDX-License-Identifier: Apache-2.0
#include "tools/oci_emulator/stored_objects.hpp"

#include "tools/oci_emulator/openai_surface.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view surface_base = "/openai/v1/";
constexpr std::array<std::string_view, 3> object_kinds = {"files", "vector_stores", "containers"};

/// The name of a list's objects in the reference, and the beginning of their ids.
struct Named {
    std::string_view list, object, prefix;
};
constexpr std::array<Named, 5> object_names = {{{"files", "file", "file-"},
                                                {"vector_stores", "vector_store", "vs_"},
                                                {"containers", "container", "cntr_"},
                                                {"vector_stores/files", "vector_store.file", ""},
                                                {"containers/files", "container.file", "cfile_"}}};

/// The entry of "vector_stores/vs_1/files" and of "vector_stores".
const Named& named(const std::string& list) {
    const std::string kind =
        list.substr(0, list.find('/')) + (list.find('/') == list.npos ? "" : list.substr(list.rfind('/')));
    return *std::ranges::find(object_names, kind, &Named::list);
}

std::vector<std::string> segments(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        out.emplace_back(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return out;
}

http::Response reply(const Json& body) {
    return {{200, {{"content-type", "application/json"}}}, to_text(body)};
}

http::Response refuse(int status, std::string message, const std::string& param = "") {
    ServiceError error = openai_error(std::move(message), param);
    error.status = status;
    return to_response(error);
}

http::Response not_found(const std::string& id) { return refuse(404, "No such object: " + id, "id"); }

/// The text between `before` and `after`, or an empty text.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
    const std::size_t begin = text.find(before);
    if (begin == text.npos) return {};
    text.remove_prefix(begin + before.size());
    return text.substr(0, text.find(after));
}

/// A part of a multipart body.
struct Part {
    std::string name, filename, content;
};

std::vector<Part> parts_of(std::string_view type, std::string_view body) {
    std::vector<Part> parts;
    std::string boundary(between(std::string(type) + ";", "boundary=", ";"));
    std::erase(boundary, '"');
    if (!type.starts_with("multipart/form-data") || boundary.empty()) return parts;
    const std::string line = "--" + boundary;
    while (body.starts_with(line + "\r\n")) {
        body.remove_prefix(line.size() + 2);
        const std::size_t head = body.find("\r\n\r\n"), end = body.find("\r\n" + line);
        if (head == body.npos || end == body.npos || head > end) return {};
        const std::string_view headers = body.substr(0, head);
        parts.push_back({std::string(between(headers, "; name=\"", "\"")),
                         std::string(between(headers, "filename=\"", "\"")),
                         std::string(body.substr(head + 4, end - head - 4))});
        body.remove_prefix(end + 2);
    }
    return parts;
}

}  // namespace

bool is_stored_object_path(std::string_view path) {
    if (!path.starts_with(surface_base)) return false;
    path.remove_prefix(surface_base.size());
    return std::ranges::count(object_kinds, path.substr(0, path.find('/'))) > 0;
}

http::Response StoredObjects::answer(const http::RequestHead& head, const std::string& body,
                                     std::int64_t now) {
    const std::lock_guard lock(mutex_);
    auto path = segments(std::string_view(head.path).substr(surface_base.size()));
    std::string list = path[0];
    if (path.size() == 1) return in_list(head, list, body, now);
    if (!find(list, path[1])) return not_found(path[1]);
    if (path.size() == 2) return one(head, list, path[1], body);
    if (path[2] == "content" && list == "files" && path.size() == 3) return content(path[1]);
    if (path[2] == "search" && list == "vector_stores" && head.method == "POST") return search(path[1], body);
    if (path[2] != "files" || list == "files") return refuse(404, "Invalid URL");
    list.append("/").append(path[1]).append("/files");
    if (path.size() == 3) return in_list(head, list, body, now);
    if (!find(list, path[3])) return not_found(path[3]);
    if (path.size() == 5 && path[4] == "content") return content(path[3]);
    return one(head, list, path[3], body);
}

void StoredObjects::clear() {
    const std::lock_guard lock(mutex_);
    lists_.clear();
    contents_.clear();
}

http::Response StoredObjects::in_list(const http::RequestHead& head, const std::string& name,
                                      const std::string& body, std::int64_t now) {
    if (head.method == "POST") return make(name, head, body, now);
    if (head.method != "GET") return refuse(405, "Method not allowed");
    const List& list = lists_[name];
    Json page = {{"object", "list"}, {"data", Json::array()}, {"has_more", false}};
    const bool oldest_first = head.query.find("order=asc") != std::string::npos;
    for (const Json& one : list)
        page["data"].insert(oldest_first ? page["data"].end() : page["data"].begin(), one);
    page["first_id"] = list.empty() ? Json() : page["data"].front()["id"];
    page["last_id"] = list.empty() ? Json() : page["data"].back()["id"];
    return reply(page);
}

http::Response StoredObjects::one(const http::RequestHead& head, const std::string& name,
                                  const std::string& id, const std::string& body) {
    Json& object = *find(name, id);
    if (head.method == "GET") return reply(object);
    if (head.method == "DELETE") {
        const std::string kind = object["object"];
        std::erase_if(lists_[name], [&](const Json& other) { return string_member(other, "id") == id; });
        if (name == "files") contents_.erase(id);
        lists_.erase(name + "/" + id + "/files");
        return reply({{"id", id}, {"object", kind + (kind == "file" ? "" : ".deleted")}, {"deleted", true}});
    }
    const auto changes = parse_json(body);
    if (head.method != "POST" || name != "vector_stores" || !changes)
        return refuse(405, "Method not allowed");
    for (const char* key : {"name", "metadata", "expires_after"})
        if (const Json* value = member(*changes, key)) object[key] = *value;
    return reply(object);
}

http::Response StoredObjects::make(const std::string& name, const http::RequestHead& head,
                                   const std::string& body, std::int64_t now) {
    const std::string_view type = head.headers.get("content-type");
    if (type.starts_with("multipart/")) return make_file(name, head, body, now);
    const auto request = parse_json(body.empty() ? "{}" : body);
    if (!request || !request->is_object())
        return refuse(400, "We could not parse the JSON body of your request.");
    const bool inner = name.find('/') != name.npos;
    if (inner) return attach(name, segments(name)[1], *request, now);
    if (name == "files") return refuse(400, "Missing required parameter: 'file'.", "file");
    if (name == "vector_stores" && head.headers.get("openai-beta") != "assistants=v2")
        return refuse(400, "You must provide the 'OpenAI-Beta' header.", "");
    const Json* given = member(*request, "name");
    if (name == "containers" && !given) return refuse(400, "Missing required parameter: 'name'.", "name");
    const std::string id = new_id(named(name).prefix);
    Json object = {
        {"id", id}, {"object", named(name).object}, {"created_at", now}, {"name", given ? *given : Json()}};
    if (name == "containers") {
        object["status"] = "running";
        object["last_active_at"] = now;
        object["expires_after"] = {{"anchor", "last_active_at"}, {"minutes", 20}};
    } else {
        object["usage_bytes"] = 0;
        object["file_counts"] = {
            {"in_progress", 0}, {"completed", 0}, {"failed", 0}, {"cancelled", 0}, {"total", 0}};
        object["status"] = "completed";
        object["metadata"] = member(*request, "metadata") ? *member(*request, "metadata") : Json::object();
    }
    lists_[name].push_back(object);
    if (const Json* ids = member(*request, "file_ids"); ids && ids->is_array())
        for (const Json& file : *ids) attach(name + "/" + id + "/files", id, {{"file_id", file}}, now);
    return reply(*find(name, id));
}

http::Response StoredObjects::make_file(const std::string& name, const http::RequestHead& head,
                                        const std::string& body, std::int64_t now) {
    const std::vector<Part> parts = parts_of(head.headers.get("content-type"), body);
    const auto file = std::ranges::find(parts, "file", &Part::name),
               purpose = std::ranges::find(parts, "purpose", &Part::name);
    if (file == parts.end()) return refuse(400, "Missing required parameter: 'file'.", "file");
    if (name == "files" && purpose == parts.end())
        return refuse(400, "Missing required parameter: 'purpose'.", "purpose");
    const std::string id = new_id(named(name).prefix);
    Json object = {
        {"id", id}, {"object", named(name).object}, {"bytes", file->content.size()}, {"created_at", now}};
    if (name == "files") {
        object["filename"] = file->filename;
        object["purpose"] = purpose->content;
        object["status"] = "processed";
    } else {
        object["container_id"] = segments(name)[1];
        object["path"] = "/mnt/data/" + file->filename;
        object["source"] = "user";
    }
    contents_[id] = file->content;
    lists_[name].push_back(object);
    return reply(object);
}

http::Response StoredObjects::attach(const std::string& name, const std::string& store, const Json& request,
                                     std::int64_t now) {
    const std::string id(string_member(request, "file_id"));
    if (!find("files", id)) return refuse(404, "No file with id '" + id + "'.", "file_id");
    Json object = {{"id", id}, {"object", named(name).object}, {"created_at", now}, {"status", "completed"}};
    if (name.starts_with("containers")) {
        object["container_id"] = store;
    } else {
        object["vector_store_id"] = store;
        object["usage_bytes"] = contents_[id].size();
        object["last_error"] = nullptr;
        Json& counts = (*find("vector_stores", store))["file_counts"];
        for (const char* counter : {"completed", "total"}) counts[counter] = counts[counter].get<int>() + 1;
    }
    lists_[name].push_back(object);
    return reply(object);
}

/// Every file that has the words of the query, as one piece.
http::Response StoredObjects::search(const std::string& store, const std::string& body) const {
    const auto request = parse_json(body);
    const std::string query(request ? string_member(*request, "query") : "");
    if (query.empty()) return refuse(400, "Missing required parameter: 'query'.", "query");
    Json page = {{"object", "vector_store.search_results.page"},
                 {"search_query", Json::array({query})},
                 {"data", Json::array()},
                 {"has_more", false},
                 {"next_page", nullptr}};
    const auto files = lists_.find("vector_stores/" + store + "/files");
    if (files == lists_.end()) return reply(page);
    for (const Json& file : files->second) {
        const std::string id(string_member(file, "id"));
        const auto text = contents_.find(id);
        if (text == contents_.end() || text->second.find(query) == std::string::npos) continue;
        page["data"].push_back({{"file_id", id},
                                {"filename", id + ".txt"},
                                {"score", 0.9},
                                {"attributes", Json::object()},
                                {"content", Json::array({{{"type", "text"}, {"text", text->second}}})}});
    }
    return reply(page);
}

http::Response StoredObjects::content(const std::string& id) const {
    const auto found = contents_.find(id);
    if (found == contents_.end()) return not_found(id);
    return {{200, {{"content-type", "application/octet-stream"}}}, found->second};
}

Json* StoredObjects::find(const std::string& name, std::string_view id) {
    List& list = lists_[name];
    const auto found =
        std::ranges::find_if(list, [&](const Json& one) { return string_member(one, "id") == id; });
    return found == list.end() ? nullptr : &*found;
}

std::string StoredObjects::new_id(std::string_view prefix) {
    return std::string(prefix) + "emulated" + std::to_string(++made_);
}

}  // namespace gatehouse::emulator
