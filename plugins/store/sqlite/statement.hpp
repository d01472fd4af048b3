// SPDX-License-Identifier: Apache-2.0
// A connection to SQLite and its prepared statements, with exceptions.  One thread at a time.
#pragma once

#include "plugins/common/store/rules.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gatehouse::sqlite_store {

/// Its text is for the log.
struct SqliteError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

/// The result `code` of SQLite, in an operator's terms.
inline std::string reason(int code, sqlite3* connection) {
    switch (code & 0xff) {
        case SQLITE_BUSY: return "another process uses the file";
        case SQLITE_FULL: return "the disk is full";
        case SQLITE_READONLY: return "the file or its folder is read-only";
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT: return "the file is corrupt: move it away, and a new one is made";
        default: return sqlite3_errmsg(connection);
    }
}

inline void run(sqlite3* connection, const char* sql) {
    if (const int code = sqlite3_exec(connection, sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
        throw SqliteError(reason(code, connection));
}

class Statement {
public:
    Statement(sqlite3* connection, const char* sql) : connection_(connection) {
        sqlite3_stmt* made = nullptr;
        if (const int code =
                sqlite3_prepare_v3(connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr))
            throw SqliteError(reason(code, connection));
        statement_.reset(made);
    }

    /// Binds the values to the parameters in their order.  They must live until the last step().
    template <typename... Values>
    Statement& with(const Values&... values) {
        sqlite3_reset(statement_.get());
        next_ = 0;
        (bind(values), ...);
        return *this;
    }

    /// Whether there is another row.
    bool step() {
        const int code = sqlite3_step(statement_.get());
        if (code == SQLITE_ROW) return true;
        if (code != SQLITE_DONE) {
            const std::string why = reason(code, connection_);
            sqlite3_reset(statement_.get());
            throw SqliteError(why);
        }
        sqlite3_reset(statement_.get());
        return false;
    }
    void run() {
        while (step()) {
        }
    }

    std::int64_t integer(int column) { return sqlite3_column_int64(statement_.get(), column); }
    std::string bytes(int column) {
        const void* data = sqlite3_column_blob(statement_.get(), column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
        return data ? std::string(static_cast<const char*>(data), size) : std::string();
    }
    /// Ends the rows before their end, so that no lock remains.
    void end() { sqlite3_reset(statement_.get()); }

private:
    void check(int code) {
        if (code != SQLITE_OK) throw SqliteError(reason(code, connection_));
    }
    void bind(std::string_view bytes) {
        check(sqlite3_bind_blob64(statement_.get(), ++next_, bytes.empty() ? "" : bytes.data(), bytes.size(),
                                  SQLITE_STATIC));
    }
    void bind(std::int64_t value) { check(sqlite3_bind_int64(statement_.get(), ++next_, value)); }
    void bind(const StoreKey& key) {
        bind(std::string_view(key.owner));
        bind(std::string_view(key.space));
        bind(std::string_view(key.id));
    }

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    sqlite3* connection_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    int next_ = 0;
};

}  // namespace gatehouse::sqlite_store
