// SPDX-License-Identifier: Apache-2.0
// Reads the document of a shard in one pass, because a start reads 100,000 records.
#include "plugins/auth/managed_keys/key_record.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace gatehouse::managed_keys {

namespace {

/// Walks over valid JSON.
class JsonWalk {
public:
    explicit JsonWalk(std::string_view json) : rest_(json) {}

    std::string_view rest() const { return rest_; }
    /// Calls each(key) at the value of each member of the next value; `each` takes that value.
    template <typename Each>
    void members(Each&& each) {
        if (!take('{')) return (void)value();
        while (is_next('"')) {
            const std::string_view key = spelling();
            take(':');
            each(key);
            take(',');
        }
        take('}');
    }
    /// Calls each() at each element of the next value; `each` takes it.
    template <typename Each>
    void items(Each&& each) {
        if (!take('[')) return (void)value();
        while (!rest_.empty() && !take(']')) {
            each();
            take(',');
        }
    }
    /// The text of the next value; empty for another type.
    std::string text() {
        if (!is_next('"')) return value(), std::string();
        const std::string_view whole = rest_, inside = spelling();
        if (inside.find('\\') == inside.npos) return std::string(inside);
        return JsonValue::unchecked(whole.substr(0, inside.size() + 2)).str();
    }
    /// Its bytes between the quotes; empty for another type.
    std::string_view spelling() {
        if (!is_next('"')) return value(), std::string_view();
        std::size_t end = 1;
        do {
            end = std::min(rest_.find('"', end), rest_.size() - 1) + 1;
        } while (end < rest_.size() && is_escaped(end - 1));
        const std::string_view inside = rest_.substr(1, end - 2);
        rest_.remove_prefix(end);
        return inside;
    }
    std::int64_t number() { return value().integer().value_or(0); }
    JsonValue value() {
        const JsonValue next = JsonValue::unchecked(rest_);
        const std::string_view raw = next.raw();
        rest_ = raw.empty() ? raw
                            : rest_.substr(static_cast<std::size_t>(raw.data() + raw.size() - rest_.data()));
        return next;
    }

private:
    bool is_next(char c) {
        const std::size_t first = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(std::min(first, rest_.size()));
        return !rest_.empty() && rest_.front() == c;
    }
    bool take(char c) {
        if (!is_next(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Whether an odd number of backslashes is before the character at `place`.
    bool is_escaped(std::size_t place) const {
        std::size_t first = place;
        while (first > 1 && rest_[first - 1] == '\\') --first;
        return (place - first) % 2 == 1;
    }

    std::string_view rest_;
};

/// A member that a KeyRecord has as it is.
struct Place {
    std::string_view name;
    std::string KeyRecord::*text = nullptr;
    std::int64_t KeyRecord::*number = nullptr;
    std::vector<std::string> KeyRecord::*list = nullptr;
};

constexpr Place places[] = {{.name = "id", .text = &KeyRecord::id},
                            {.name = "name", .text = &KeyRecord::name},
                            {.name = "groups", .list = &KeyRecord::groups},
                            {.name = "models", .list = &KeyRecord::models},
                            {.name = "created_by", .text = &KeyRecord::created_by},
                            {.name = "created_at", .number = &KeyRecord::created_at},
                            {.name = "expires_at", .number = &KeyRecord::expires_at},
                            {.name = "blocked_at", .number = &KeyRecord::blocked_at},
                            {.name = "revoked_at", .number = &KeyRecord::revoked_at}};

bool read_digest(std::string_view spelling, Digest& out) {
    const auto digest = from_base64url(spelling);
    if (!digest || digest->size() != out.size()) return false;
    std::copy(digest->begin(), digest->end(), out.begin());
    return true;
}

/// At most two, the newest first.  Returns false if one has no digest.
bool read_secrets(JsonWalk& walk, KeyRecord& key) {
    bool is_good = true;
    int count = 0;
    walk.items([&] {
        Secret one;
        bool has_digest = false;
        walk.members([&](std::string_view name) {
            if (name == "digest")
                has_digest = read_digest(walk.spelling(), one.digest);
            else if (name == "valid_until")
                one.valid_until = walk.number();
            else
                walk.value();
        });
        is_good = is_good && has_digest;
        if (count++ == 0)
            key.secret = one;
        else
            key.old_secret = one;
    });
    return is_good;
}

void read_place(JsonWalk& walk, const Place& place, KeyRecord& key) {
    if (place.text) key.*place.text = walk.text();
    if (place.number) key.*place.number = walk.number();
    if (place.list) walk.items([&] { (key.*place.list).push_back(walk.text()); });
}

Error defect(std::string what) { return {ErrorKind::internal, "internal error", std::move(what)}; }

Result<std::shared_ptr<KeyRecord>> read_record(JsonWalk& walk) {
    const auto key = std::make_shared<KeyRecord>();
    bool has_digests = true;
    const std::string_view begin = walk.rest();
    walk.members([&](std::string_view name) {
        const auto place = std::ranges::find(places, name, &Place::name);
        if (place != std::end(places))
            read_place(walk, *place, *key);
        else if (name == "secrets")
            has_digests = read_secrets(walk, *key);
        else if (name == "note")
            key->note = walk.text();
        else if (name == "blocked_because")
            key->blocked_because = walk.text();
        else
            walk.value();
    });
    if (!has_digests) return defect("a key in the store has no digest");
    if (key->id.empty()) return defect("a key in the store has no id");
    key->hash_of_text = std::hash<std::string_view>()(begin.substr(0, begin.size() - walk.rest().size()));
    return key;
}

/// The record in `known` with the same text as the next value, which it takes then; null: it is another one.
KeyPointer take_known(JsonWalk& walk, const Known& known) {
    JsonWalk after = walk;
    const JsonValue item = after.value();
    KeyPointer same = known(item["id"].str());
    if (!same || same->hash_of_text != std::hash<std::string_view>()(item.raw())) return nullptr;
    walk = after;
    return same;
}

}  // namespace

Result<Shard> read_shard(std::string_view body, const Known& known) {
    if (const auto top = read_json(body); !top) return defect("the store's keys: " + top.error().message);
    Shard shard;
    JsonWalk walk(body);
    Result<void> result;
    walk.members([&](std::string_view name) {
        if (name == "revision") {
            shard.revision = walk.number();
        } else if (name == "keys") {
            walk.items([&] {
                KeyPointer same = known ? take_known(walk, known) : nullptr;
                if (same) return shard.keys.push_back(std::move(same));
                auto key = read_record(walk);
                if (key)
                    shard.keys.push_back(*std::move(key));
                else
                    result = key.error();
            });
        } else {
            walk.value();
        }
    });
    if (!result) return result.error();
    return shard;
}

}  // namespace gatehouse::managed_keys
