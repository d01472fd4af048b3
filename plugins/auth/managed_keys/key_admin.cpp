// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_admin.hpp"

#include "plugins/auth/managed_keys/key_fields.hpp"
#include "plugins/auth/managed_keys/key_uses.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/url.hpp>

#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

namespace gatehouse::managed_keys {

namespace {

constexpr std::int64_t longest_grace = 365 * 86'400;
constexpr std::size_t usual_page = 100, largest_page = 1'000;

Error no_such_key() { return {ErrorKind::not_found, "there is no key with this id"}; }

http::Response json_response(int status, std::string body) {
    return {.head = {status, {{"content-type", "application/json"}}}, .body = std::move(body)};
}

std::string document(const KeyRecord& key, std::int64_t now, std::string_view secret) {
    std::string body;
    JsonWriter json(body);
    write_public(json, key, now, KeyUses::of_process().last(key.id));
    if (!secret.empty()) body.insert(1, "\"key\":\"" + std::string(secret) + "\",");
    return body;
}

}  // namespace

std::vector<AdminMethod> KeyAdmin::methods() const {
    return {{"GET", "read", "The keys, without their secrets."},
            {"POST", "keys", "Makes a key; /ID/rotate, /ID/block and /ID/unblock change one."},
            {"PATCH", "keys", "Changes name, groups, models, expires_at and note of a key."},
            {"DELETE", "keys", "Revokes a key for good."}};
}

std::int64_t KeyAdmin::now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
}

void KeyAdmin::handle(AdminRequest request, Completion<http::Response> done) {
    if (!keys_.loaded()) return done(Error{ErrorKind::unavailable, "the keys have not been loaded yet"});
    const bool reads = request.method == "GET";
    if (request.path.empty() || request.path == "/") {
        if (reads) return list(request, std::move(done));
        if (request.method == "POST") return make(request, std::move(done));
        return done(Error{ErrorKind::not_found, "name a key: /ID"});
    }
    const std::string_view path = std::string_view(request.path).substr(1);
    const std::size_t slash = path.find('/');
    const std::string id(path.substr(0, slash));
    if (slash != path.npos) {
        const std::string verb(path.substr(slash + 1));
        if (request.method != "POST")
            return done(Error{.kind = ErrorKind::unsupported, .message = "use POST", .status = 405});
        return act(id, verb, request, std::move(done));
    }
    if (reads) return show(id, std::move(done));
    if (request.method == "PATCH") return edit(id, request, std::move(done));
    if (request.method == "DELETE")
        return change(
            id,
            [time = now()](KeyRecord& key) -> Result<void> {
                if (!key.revoked_at) key.revoked_at = time;
                key.secret = {}, key.old_secret = {};
                return {};
            },
            std::move(done));
    done(Error{ErrorKind::not_found, "expected /ID/rotate, /ID/block or /ID/unblock"});
}

void KeyAdmin::list(const AdminRequest& request, Completion<http::Response> done) const {
    const auto encoded_limit = query_value(request.query, "limit"),
               cursor = query_value(request.query, "cursor");
    if (!encoded_limit || !cursor)
        return done(Error{ErrorKind::bad_request, "the query is not percent-encoded correctly"});
    const std::string& asked = *encoded_limit;
    std::size_t limit = usual_page;
    if (!asked.empty()) {
        const auto read = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
        if (read.ec != std::errc() || read.ptr != asked.data() + asked.size() || limit < 1 ||
            limit > largest_page)
            return done(Error{ErrorKind::bad_request, "limit must be an integer from 1 to 1000"});
    }
    const auto page = keys_.table().page(*cursor, limit);
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("keys").begin_array();
    for (const KeyPointer& key : page) write_public(json, *key, now(), KeyUses::of_process().last(key->id));
    json.end_array();
    if (page.size() == limit) json.member("cursor", page.back()->id);
    json.end_object();
    done(json_response(200, std::move(body)));
}

void KeyAdmin::show(const std::string& id, Completion<http::Response> done) const {
    const KeyPointer key = keys_.table().find(id);
    if (!key) return done(no_such_key());
    done(json_response(200, document(*key, now(), {})));
}

void KeyAdmin::make(const AdminRequest& request, Completion<http::Response> done) {
    const auto fields = read_body(request.body, {"name", "groups", "models", "expires_at", "note"});
    if (!fields) return done(fields.error());
    KeyRecord made{.id = make_id(), .created_by = request.who, .created_at = now()};
    if (auto ok = apply_fields(*fields, made); !ok) return done(ok.error());
    if (made.name.empty())
        return done(Error{.kind = ErrorKind::bad_request, .message = "name is missing", .param = "name"});
    if (keys_.table().has_name(made.name, made.id))
        return done(Error{ErrorKind::conflict, "there is a key of this name already"});
    if (keys_.table().size() >= static_cast<std::size_t>(options_.max_keys))
        return done(Error{ErrorKind::conflict, "there are as many keys as max_keys allows"});
    const std::string secret = make_key(made.id);
    made.secret = {parse_key(secret)->digest, 0};
    auto waiting = std::make_shared<Completion<http::Response>>(std::move(done));
    keys_.change(
        made.id,
        [made](KeyRecord& key) -> Result<void> {
            if (!key.id.empty()) return Error{ErrorKind::unavailable, "the new id is in use; try again"};
            key = made;
            return {};
        },
        Completion<KeyRecord>([this, secret, waiting](Result<KeyRecord> key) {
            if (!key) return (*waiting)(key.error());
            (*waiting)(json_response(201, document(*key, now(), secret)));
        }));
}

void KeyAdmin::edit(const std::string& id, const AdminRequest& request, Completion<http::Response> done) {
    auto body = std::make_shared<const std::string>(request.body);
    const auto fields = read_body(*body, {"name", "groups", "models", "expires_at", "note"});
    if (!fields) return done(fields.error());
    if (const JsonValue name = (*fields)["name"]; name && keys_.table().has_name(name.str(), id))
        return done(Error{ErrorKind::conflict, "there is a key of this name already"});
    change(
        id, [body, fields = *fields](KeyRecord& key) { return apply_fields(fields, key); }, std::move(done));
}

void KeyAdmin::act(const std::string& id, const std::string& verb, const AdminRequest& request,
                   Completion<http::Response> done) {
    if (verb == "rotate") return rotate(id, request, std::move(done));
    if (verb == "block") {
        const auto fields = read_body(request.body, {"reason"});
        if (!fields) return done(fields.error());
        auto reason = text_field(*fields, "reason");
        if (!reason) return done(reason.error());
        return change(
            id,
            [time = now(), reason = *std::move(reason)](KeyRecord& key) -> Result<void> {
                key.blocked_at = time, key.blocked_because = reason;
                return {};
            },
            std::move(done));
    }
    if (verb == "unblock") {
        if (const auto fields = read_body(request.body, {}); !fields) return done(fields.error());
        return change(
            id,
            [](KeyRecord& key) -> Result<void> {
                key.blocked_at = 0, key.blocked_because = {};
                return {};
            },
            std::move(done));
    }
    done(Error{ErrorKind::not_found, "expected /ID/rotate, /ID/block or /ID/unblock"});
}

void KeyAdmin::rotate(const std::string& id, const AdminRequest& request, Completion<http::Response> done) {
    const auto fields = read_body(request.body, {"grace_seconds"});
    if (!fields) return done(fields.error());
    const auto grace = number_field(*fields, "grace_seconds", options_.grace_seconds, longest_grace);
    if (!grace) return done(grace.error());
    const std::string secret = make_key(id);
    const auto parsed = parse_key(secret);
    if (!parsed) return done(no_such_key());
    change(
        id,
        [time = now(), grace = *grace, digest = parsed->digest](KeyRecord& key) -> Result<void> {
            key.secret.valid_until = time + grace;
            key.old_secret = key.secret;
            key.secret = {digest, 0};
            return {};
        },
        std::move(done), 200, secret);
}

void KeyAdmin::change(const std::string& id, KeyStore::Change change, Completion<http::Response> done,
                      int status, std::string secret) {
    auto waiting = std::make_shared<Completion<http::Response>>(std::move(done));
    keys_.change(
        id,
        [change = std::move(change)](KeyRecord& key) -> Result<void> {
            if (key.id.empty()) return no_such_key();
            if (key.revoked_at) return Error{ErrorKind::conflict, "the key is revoked"};
            return change(key);
        },
        Completion<KeyRecord>([this, status, secret = std::move(secret), waiting](Result<KeyRecord> key) {
            if (!key) return (*waiting)(key.error());
            (*waiting)(json_response(status, document(*key, now(), secret)));
        }));
}

}  // namespace gatehouse::managed_keys
