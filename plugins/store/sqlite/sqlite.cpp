// SPDX-License-Identifier: Apache-2.0
// A store in one file: its keys, the checks of the file at start, its entry point.  [any thread]
#include "plugins/store/sqlite/engine.hpp"

#include <gatehouse/sdk.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace gatehouse::sqlite_store {

namespace {

namespace fs = std::filesystem;

struct Options : stores::BoundOptions {
    std::string path;
};

const Fields<Options> fields = [] {
    Fields<Options> all = {required("path", &Options::path,
                                    "The absolute path of the file, such as /var/lib/gatehouse/store.db.")};
    for (auto& field : stores::bound_fields<Options>()) all.push_back(std::move(field));
    return all;
}();

std::string last_error() { return std::error_code(errno, std::generic_category()).message(); }

/// The first bytes of every file of SQLite.
constexpr std::string_view magic_text("SQLite format 3\0", 16);

/// Why the file, which exists, cannot be used; empty: it can.
std::string wrong_with(int file) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return last_error();
    if (!S_ISREG(info.st_mode)) return "it is not a regular file";
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "users other than its owner may read or write it: `chmod 600` it";
    char head[16] = {};
    const ssize_t size = ::pread(file, head, sizeof head, 0);
    if (size < 0) return last_error();
    if (size > 0 && std::string_view(head, static_cast<std::size_t>(size)) != magic_text)
        return "it is not a file of SQLite: move it away, and a new one is made";
    return {};
}

/// Creates nothing, because `gatehouse check` may run as another user.
void check_file(const std::string& path) {
    if (!fs::path(path).is_absolute())
        throw KeyError("path", "must be absolute, such as /var/lib/gatehouse/store.db");
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file >= 0) {
        const std::string wrong = wrong_with(file);
        ::close(file);
        if (!wrong.empty()) throw KeyError("path", "cannot use " + path + ": " + wrong);
        return;
    }
    if (errno != ENOENT) throw KeyError("path", "cannot open " + path + ": " + last_error());
    if (::access(fs::path(path).parent_path().c_str(), W_OK | X_OK) != 0)
        throw KeyError("path", "cannot create " + path + ": " + last_error());
}

}  // namespace

class Sqlite final : public Store {
public:
    Sqlite(const Options& options, Host& host) : host_(host) {
        const Bounds bounds = stores::bounds_of(options);
        check_file(options.path);
        engine_ = Engine::of(fs::path(options.path).lexically_normal().string(), bounds);
    }
    // The tasks of this instance are dropped with it.
    ~Sqlite() override { engine_->leave(host_); }

    void get(std::vector<StoreKey> keys, std::size_t max_bytes, Completion<Records> done) override {
        engine_->get(host_, std::move(keys), max_bytes, std::move(done));
    }
    void put(Put document, Completion<std::uint64_t> done) override {
        engine_->put(host_, std::move(document), std::move(done));
    }
    void erase(StoreKey key, Completion<bool> done) override {
        engine_->erase(host_, std::move(key), std::move(done));
    }
    void add(std::vector<Count> changes, Completion<Counts> done) override {
        engine_->add(host_, std::move(changes), std::move(done));
    }
    bool shared() const override { return false; }
    StoreSize size() const override { return engine_->size(); }

private:
    Host& host_;
    std::shared_ptr<Engine> engine_;
};

}  // namespace gatehouse::sqlite_store

GATEHOUSE_PLUGIN(gatehouse::sqlite_store::Sqlite, gatehouse::sqlite_store::Options,
                 gatehouse::sqlite_store::fields, "sqlite", "1.0.0");
