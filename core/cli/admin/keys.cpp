// SPDX-License-Identifier: Apache-2.0
// `gatehouse keys`: a client of the resource of keys in the admin API.
#include "core/cli/admin/operator_commands.hpp"
#include "core/cli/output.hpp"
#include "core/util/suggest.hpp"

#include <gatehouse/json.hpp>
#include <gatehouse/json_writer.hpp>
#include <gatehouse/spend_sums.hpp>
#include <gatehouse/url.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_keys_bytes = 1u << 30;  // all pages together

const std::vector<std::string> actions = {"list",   "show",  "create",  "set",
                                          "rotate", "block", "unblock", "revoke"};

std::int64_t in_days(int days) {
    const auto end = std::chrono::system_clock::now() + std::chrono::hours(24 * days);
    return std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
}

/// The end of a key's life in Unix seconds; 0: never.
Result<std::int64_t> end_of(const std::string& text) {
    if (text == "never") return 0;
    const bool absolute = text.find_first_not_of("0123456789-") == text.npos;
    const auto ms = spend_time(text, 0);
    if (!absolute || !ms)
        return Error{ErrorKind::bad_config,
                     "--expires must be never, a date in UTC such as 2026-12-31, or Unix seconds"};
    if (*ms / 1000 <= in_days(0))
        return Error{ErrorKind::bad_config, "--expires has a time in the past: give a later one, or never"};
    return *ms / 1000;
}

/// All pages as one document.
Result<std::string> all_keys(const KeysOptions& asked) {
    std::string out, cursor;
    JsonWriter json(out);
    json.begin_object().key("keys").begin_array();
    do {
        const std::string query =
            "?limit=1000" + (cursor.empty() ? "" : "&cursor=" + percent_encoded(cursor));
        auto page = ask_admin(asked.target, {.path = "/" + asked.resource + query});
        if (!page) return page.error();
        const JsonValue read = JsonValue::unchecked(*page);
        for (const JsonValue key : read["keys"].items()) json.raw(key.raw());
        // Cursors are ids, which ascend.
        const std::string next = read["cursor"].string().value_or("");
        if (!next.empty() && (next <= cursor || out.size() > most_keys_bytes))
            return Error{ErrorKind::upstream, "the list of keys does not end"};
        cursor = next;
    } while (!cursor.empty());
    json.end_array().end_object();
    return out;
}

std::string names(const std::string& option, const std::string& action) {
    return option + " is not an option of `keys " + action + "`";
}

/// Why the action has no use for an option that is given; empty: it uses them all.
std::string unused_option(const KeysOptions& asked) {
    const bool lists = asked.action == "list", writes = asked.action == "create" || asked.action == "set";
    if (!asked.groups.empty() && !lists && !writes) return names("--group", asked.action);
    if (!asked.models.empty() && !lists && !writes) return names("--model", asked.action);
    if (asked.days > 0 && !lists && !writes) return names("--days", asked.action);
    if (asked.expires && !writes) return names("--expires", asked.action);
    if (asked.note && !writes) return names("--note", asked.action);
    if (!asked.reason.empty() && asked.action != "block") return names("--reason", asked.action);
    if (asked.grace_seconds >= 0 && asked.action != "rotate") return names("--grace-seconds", asked.action);
    return {};
}

/// Whether the list has one of `wanted`, or nothing is wanted.
bool has_one_of(const JsonValue& list, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return true;
    const auto items = list.items();
    return std::ranges::any_of(wanted, [&](const std::string& name) {
        for (const JsonValue item : items)
            if (item.string() == name) return true;
        return false;
    });
}

bool is_listed(const KeysOptions& asked, const JsonValue& key) {
    if (!asked.id.empty() && key["id"].string() != asked.id && key["name"].string() != asked.id) return false;
    if (!has_one_of(key["groups"], asked.groups) || !has_one_of(key["models"], asked.models)) return false;
    if (asked.days == 0) return true;
    const std::int64_t end = key["expires_at"].integer().value_or(0);
    return key["state"].string() == "active" && end > 0 && end <= in_days(asked.days);
}

/// The keys that `asked` selects, as a document.
Result<std::string> listed_keys(const KeysOptions& asked) {
    auto all = all_keys(asked);
    if (!all) return all;
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("keys").begin_array();
    for (const JsonValue key : JsonValue::unchecked(*all)["keys"].items())
        if (is_listed(asked, key)) json.raw(key.raw());
    json.end_array().end_object();
    return out;
}

/// The id of the key that `asked` names by its id or its name.
Result<std::string> id_of(const KeysOptions& asked) {
    if (asked.id.empty()) return Error{ErrorKind::bad_config, "name a key by its id or its name"};
    auto all = all_keys(asked);
    if (!all) return all;
    std::string found;
    bool is_revoked = false;
    for (const JsonValue key : JsonValue::unchecked(*all)["keys"].items()) {
        const std::string id = key["id"].string().value_or("");
        const bool exact = id == asked.id, revoked = key["state"].string() == "revoked";
        if (!exact && key["name"].string() != asked.id) continue;
        // Revoked keys keep their names, which other keys may have since.
        if (exact || found.empty() || !revoked) found = id, is_revoked = revoked;
        if (exact) break;
    }
    if (is_revoked && asked.action != "show")
        return Error{ErrorKind::conflict, "the key \"" + asked.id +
                                              "\" is revoked, and that is final: make another key with "
                                              "`gatehouse keys create`"};
    if (!found.empty()) return found;
    return Error{ErrorKind::not_found, "there is no key with the id or name \"" + asked.id + "\""};
}

/// A list of names; "" alone is an empty list, which `set` may give.  An empty shell variable must not allow
/// a new key more than its maker means.
Result<std::vector<std::string>> list_of(const KeysOptions& asked, const std::vector<std::string>& given,
                                         const std::string& option) {
    if (std::ranges::count(given, "") == 0) return given;
    if (asked.action == "set" && given.size() == 1) return std::vector<std::string>();
    return Error{ErrorKind::bad_config,
                 option + " is empty: give a name" +
                     (asked.action == "set" ? ", or \"\" alone for an empty list" : ", or omit the option")};
}

/// The body of a new key, or of a change.
Result<std::string> fields_of(const KeysOptions& asked) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (asked.action == "create") json.member("name", asked.id);
    const auto groups = list_of(asked, asked.groups, "--group");
    if (!groups) return groups.error();
    const auto models = list_of(asked, asked.models, "--model");
    if (!models) return models.error();
    if (!asked.groups.empty()) json.member("groups", *groups);
    if (!asked.models.empty()) json.member("models", *models);
    if (asked.note) json.member("note", *asked.note);
    if (asked.days > 0) json.member("expires_at", in_days(asked.days));
    if (asked.expires) {
        const auto end = end_of(*asked.expires);
        if (!end) return end.error();
        json.member("expires_at", *end);
    }
    json.end_object();
    if (body == "{}")
        return Error{ErrorKind::bad_config,
                     "`keys set` has nothing to change: give --group, --model, --days, --expires or --note"};
    return body;
}

Result<AdminQuestion> question_of(const KeysOptions& asked) {
    const std::string root = "/" + asked.resource;
    const bool creates = asked.action == "create";
    if (creates || asked.action == "set") {
        auto body = fields_of(asked);
        if (!body) return body.error();
        if (creates) return AdminQuestion{.method = "POST", .path = root, .body = *std::move(body)};
        const auto id = id_of(asked);
        if (!id) return id.error();
        return AdminQuestion{
            .method = "PATCH", .path = root + "/" + percent_encoded(*id), .body = *std::move(body)};
    }
    const auto id = id_of(asked);
    if (!id) return id.error();
    const std::string path = root + "/" + percent_encoded(*id);
    if (asked.action == "show") return AdminQuestion{.path = path};
    if (asked.action == "revoke") return AdminQuestion{.method = "DELETE", .path = path};
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (asked.action == "rotate" && asked.grace_seconds >= 0)
        json.member("grace_seconds", asked.grace_seconds);
    if (asked.action == "block" && !asked.reason.empty()) json.member("reason", asked.reason);
    json.end_object();
    return AdminQuestion{.method = "POST", .path = path + "/" + asked.action, .body = body};
}

}  // namespace

int manage_keys(const KeysOptions& asked) {
    if (!std::ranges::count(actions, asked.action))
        return fail(exit_status::usage, "there is no action \"" + asked.action + "\"" +
                                            suggestion(asked.action, actions) +
                                            " (there are: " + joined(actions) + ")");
    if (const std::string unused = unused_option(asked); !unused.empty())
        return fail(exit_status::usage, unused);
    if (asked.action == "list") {
        const auto keys = listed_keys(asked);
        if (!keys) return fail(exit_status::failure, keys.error().message);
        std::cout << rows_of(
            *keys, asked.format.chosen(),
            {"id", "name", "state", "groups", "models", "expires_at", "last_used_at", "note"});
        return exit_status::ok;
    }
    const auto question = question_of(asked);
    if (!question) return fail(exit_status::failure, question.error().message);
    const auto answer = ask_admin(asked.target, *question);
    if (!answer) return fail(exit_status::failure, answer.error().message);
    if (asked.format.json)
        std::cout << *answer << "\n";
    else
        std::cout << lines_of(*answer);
    if (!asked.format.json && JsonValue::unchecked(*answer)["key"])
        std::cerr << "the secret in `key` is shown only now: the gateway keeps a digest of it\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core
