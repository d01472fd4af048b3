// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/sqlite/database.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::sqlite_store {

namespace {

constexpr std::int64_t layout_version = 2;
constexpr std::int64_t sweep_ms = 60'000;

// `size` is before `body`, so that measuring reads no body.
constexpr const char* tables = R"(
CREATE TABLE documents(owner BLOB, space BLOB, id BLOB, version INTEGER, expires INTEGER, size INTEGER, body BLOB,
                       PRIMARY KEY(owner, space, id)) WITHOUT ROWID;
CREATE INDEX by_age ON documents(version);
CREATE INDEX by_owner ON documents(owner, version);
CREATE INDEX by_expiry ON documents(expires);
CREATE TABLE counters(owner BLOB, space BLOB, id BLOB, value INTEGER, expires INTEGER,
                      changed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(owner, space, id)) WITHOUT ROWID;
PRAGMA user_version = 2;)";

// A counter of the first layout does not drain.
constexpr const char* from_first_layout = R"(
ALTER TABLE counters ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 2;)";

constexpr const char* settings = R"(
PRAGMA busy_timeout = 200;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = MEMORY;)";

/// SQLite would create the file with the permissions of the umask.
void create_private_file(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) throw SqliteError(std::error_code(errno, std::generic_category()).message());
    ::close(file);
}

Connection connect(const std::string& path) {
    create_private_file(path);
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    Connection connection(opened);
    if (code != SQLITE_OK) throw SqliteError(opened ? reason(code, opened) : "there is no memory");
    run(opened, settings);
    run(opened, "BEGIN IMMEDIATE; COMMIT;");  // takes the lock of the file
    return connection;
}

std::int64_t number(sqlite3* connection, const char* sql) {
    Statement statement(connection, sql);
    const std::int64_t value = statement.step() ? statement.integer(0) : 0;
    statement.end();
    return value;
}

Time time_of(std::int64_t ms) { return Time(std::chrono::milliseconds(ms)); }

std::int64_t us_of(Time time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

struct Database::Statements {
    explicit Statements(sqlite3* c)
        : length(c, "SELECT length(body) FROM documents WHERE owner=? AND space=? AND id=? AND expires>?"),
          find(c, "SELECT version, body FROM documents WHERE owner=? AND space=? AND id=? AND expires>?"),
          version(c, "SELECT version FROM documents WHERE owner=? AND space=? AND id=? AND expires>?"),
          insert(c, "INSERT INTO documents VALUES(?,?,?,?,?,?,?)"),
          erase(c, "DELETE FROM documents WHERE owner=? AND space=? AND id=? RETURNING owner, size"),
          expire(c, "DELETE FROM documents WHERE expires<=? RETURNING owner, size"),
          oldest(c,
                 "DELETE FROM documents WHERE (owner, space, id) IN "
                 "(SELECT owner, space, id FROM documents WHERE length(owner)>0 ORDER BY version LIMIT 1) "
                 "RETURNING owner, size"),
          oldest_of(
              c,
              "DELETE FROM documents WHERE (owner, space, id) IN (SELECT owner, space, id FROM documents "
              "WHERE owner=? ORDER BY version LIMIT 1) RETURNING owner, size"),
          count(c, "INSERT OR REPLACE INTO counters VALUES(?,?,?,?,?,?)"),
          expire_counters(c, "DELETE FROM counters WHERE expires<=?") {}
    Statement length, find, version, insert, erase, expire, oldest, oldest_of, count, expire_counters;
};

Database::Database(const std::string& path) : path_(path), connection_(connect(path)) {
    const std::int64_t layout = number(connection_.get(), "PRAGMA user_version");
    const std::int64_t entries = number(connection_.get(), "SELECT count(*) FROM sqlite_master");
    if (layout != layout_version && layout != 1 && (layout != 0 || entries != 0))
        throw SqliteError(
            "the file was not made by this plugin, or by another version of it: name another file in `path`");
    if (layout == 0) change_tables(tables);
    if (layout == 1) change_tables(from_first_layout);
    all_ = std::make_shared<Statements>(connection_.get());
    measure();
}

void Database::change_tables(const char* sql) {
    run(connection_.get(), "BEGIN");
    run(connection_.get(), sql);
    run(connection_.get(), "COMMIT");
}

bool Database::is_in_place() const {
    struct stat now {};
    int fd = -1;
    if (::stat(path_.c_str(), &now) != 0) return false;
    // SQLITE_FCNTL_HAS_MOVED knows the inode that SQLite has opened.
    return sqlite3_file_control(connection_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &fd) == SQLITE_OK &&
           fd == 0;
}

void Database::measure() {
    owners_.clear();
    records_ = bytes_ = records_of_gateway_ = 0;
    Statement sums(connection_.get(), "SELECT owner, sum(size), count(*) FROM documents GROUP BY owner");
    while (sums.step()) {
        const auto bytes = static_cast<std::size_t>(sums.integer(1));
        owners_[sums.bytes(0)] = bytes;
        bytes_ += bytes;
        records_ += static_cast<std::size_t>(sums.integer(2));
        if (sums.bytes(0).empty()) records_of_gateway_ = static_cast<std::size_t>(sums.integer(2));
    }
}

CounterValues Database::counters(std::int64_t now) {
    CounterValues values;
    Statement rows(connection_.get(),
                   "SELECT owner, space, id, value, expires, changed FROM counters WHERE expires>?");
    rows.with(now);
    while (rows.step())
        values.emplace_back(StoreKey{rows.bytes(0), rows.bytes(1), rows.bytes(2)},
                            Counter{rows.integer(3), time_of(rows.integer(4)),
                                    Time(std::chrono::microseconds(rows.integer(5)))});
    return values;
}

StoreSize Database::of_gateway() const {
    const auto found = owners_.find("");
    return {records_of_gateway_, found == owners_.end() ? 0 : found->second};
}

std::uint64_t Database::last_version() {
    return static_cast<std::uint64_t>(number(connection_.get(), "SELECT max(version) FROM documents"));
}

std::optional<std::size_t> Database::length(const StoreKey& key, std::int64_t now) {
    if (!all_->length.with(key, now).step()) return std::nullopt;
    const auto length = static_cast<std::size_t>(all_->length.integer(0));
    all_->length.end();
    return length;
}

std::optional<Record> Database::find(const StoreKey& key, std::int64_t now) {
    if (!all_->find.with(key, now).step()) return std::nullopt;
    Record record{all_->find.bytes(1), static_cast<std::uint64_t>(all_->find.integer(0))};
    all_->find.end();
    return record;
}

std::uint64_t Database::version(const StoreKey& key, std::int64_t now) {
    if (!all_->version.with(key, now).step()) return 0;
    const auto version = static_cast<std::uint64_t>(all_->version.integer(0));
    all_->version.end();
    return version;
}

void Database::write(const Changes& changes, const CounterValues& counters, const Bounds& bounds,
                     std::int64_t now) {
    run(connection_.get(), "BEGIN IMMEDIATE");
    try {
        write_all(changes, counters);
        keep_bounds(changes, bounds);
        const bool sweeps = now - swept_ >= sweep_ms;
        if (sweeps) remove_expired(now);
        run(connection_.get(), "COMMIT");
        if (sweeps) run(connection_.get(), "PRAGMA incremental_vacuum(1000)");
        if (sweeps) swept_ = now;
    } catch (const SqliteError&) {
        sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        measure();
        throw;
    }
}

void Database::write_all(const Changes& changes, const CounterValues& counters) {
    for (const auto& [key, change] : changes) {
        remove(all_->erase.with(key));
        if (!change.body) continue;
        const std::size_t size = stores::bytes_of(key) + change.body->size();
        all_->insert
            .with(key, static_cast<std::int64_t>(change.version), change.expires,
                  static_cast<std::int64_t>(size), std::string_view(*change.body))
            .run();
        owners_[key.owner] += size;
        bytes_ += size;
        ++records_;
        records_of_gateway_ += stores::belongs_to_gateway(key);
    }
    for (const auto& [key, counter] : counters)
        all_->count.with(key, counter.value, stores::ms_of(counter.expires), us_of(counter.changed)).run();
}

/// Runs a deletion that returns owner and size of each row.
void Database::remove(Statement& rows) {
    while (rows.step()) {
        const auto size = static_cast<std::size_t>(rows.integer(1));
        const std::string name = rows.bytes(0);
        const auto owner = owners_.find(name);
        bytes_ -= size;
        --records_;
        records_of_gateway_ -= name.empty();
        if (owner != owners_.end() && (owner->second -= size) == 0) owners_.erase(owner);
    }
}

void Database::keep_bounds(const Changes& changes, const Bounds& bounds) {
    for (const auto& [key, change] : changes)
        for (auto owner = stores::belongs_to_gateway(key) ? owners_.end() : owners_.find(key.owner);
             owner != owners_.end() && owner->second > bounds.bytes_per_owner;
             owner = owners_.find(key.owner))
            remove(all_->oldest_of.with(std::string_view(key.owner)));
    while ((bytes_ > bounds.bytes || records_ > bounds.records) && records_ > records_of_gateway_)
        remove(all_->oldest.with());
}

void Database::remove_expired(std::int64_t now) {
    remove(all_->expire.with(now));
    all_->expire_counters.with(now).run();
}

}  // namespace gatehouse::sqlite_store
