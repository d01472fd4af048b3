// SPDX-License-Identifier: Apache-2.0
// A signer without a signature: puts a key into a header, `Authorization: Bearer
// KEY` unless told otherwise.  The key may be in a file that the operator
// replaces: a helper thread checks the file once a second.
#include "plugins/common/files/files.hpp"
#include "plugins/common/text/text.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

namespace gatehouse::bearer {

namespace {

constexpr std::size_t max_key_bytes = 16 * 1024;
constexpr auto between_looks = std::chrono::seconds(1);
// A key this young answers for requests that were sent before it.
constexpr auto recently = std::chrono::seconds(10);

struct Options {
    std::optional<std::string> key = {};
    std::string key_file = {}, header = "authorization", scheme = "Bearer";
};

const Fields<Options> fields = {
    secret("key", &Options::key, "The key, such as \"env:OCI_GENAI_API_KEY\"."),
    optional("key_file", &Options::key_file,
             "A file with the key, instead of key; read again when it has changed."),
    optional("header", &Options::header, "The header for the key."),
    optional("scheme", &Options::scheme, "The word before the key.  Empty: the header has only the key."),
};

bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != std::string_view::npos;
    });
}

/// Why `key` cannot be sent, or nothing.
std::optional<std::string> complaint(std::string_view key) {
    if (key.empty()) return "it is empty";
    if (key.size() > max_key_bytes) return "it is larger than " + std::to_string(max_key_bytes) + " bytes";
    // A line break would end the header and begin another header.
    if (!std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; }))
        return "a key must have only visible ASCII characters, without blanks and line ends";
    return std::nullopt;
}

/// The key in a file, without white space around it; the error is a phrase.
Result<std::string> read_key(const std::string& path) {
    auto content = read_file(path, max_key_bytes + 2);  // and a line end
    if (!content) return content.error();
    std::string key(common::trimmed(*content));
    wipe(*content);
    if (auto wrong = complaint(key)) {
        wipe(key);
        return Error{ErrorKind::bad_config, *wrong};
    }
    return key;
}

/// The key in use.  Shared by the instance and its tasks.  [any thread]
class Key {
public:
    using Time = std::chrono::system_clock::time_point;

    Key(std::string key, std::string file, std::optional<FileStamp> stamp, Time now)
        : file_(std::move(file)), key_(std::move(key)), stamp_(stamp), looked_at_(now) {}
    ~Key() { wipe(key_); }

    const std::string& file() const { return file_; }

    void append_to(std::string& value) {
        std::lock_guard lock(mutex_);
        value += key_;
    }

    /// Whether a second has passed since the last check was started.
    bool is_look_due(Time now) {
        if (file_.empty()) return false;
        std::lock_guard lock(mutex_);
        if (now >= looked_at_ && now - looked_at_ < between_looks) return false;
        looked_at_ = now;
        return true;
    }

    enum class Look { if_changed, always };

    /// Reads the file again.  Returns true if the key has changed within the last seconds.  An
    /// unusable key does not replace the old key.  [a helper thread]
    bool look(Look how, Host& host) {
        std::lock_guard one_at_a_time(reading_);
        const Time now = host.now();
        const auto stamp = stamp_of(file_);
        const bool seen = stamp == stamp_;
        if (!seen || how == Look::always) {
            auto key = read_key(file_);
            if (key)
                replace(*key, now);
            else if (!seen)
                host.log(Level::warning, "new key rejected, keeping the old key",
                         {{"file", file_}, {"reason", key.error().message}});
            stamp_ = stamp;
        }
        return changed_at_ && now - *changed_at_ < recently;
    }

private:
    void replace(std::string& key, Time now) {
        {
            std::lock_guard lock(mutex_);
            if (key != key_) changed_at_ = now;
            key_.swap(key);
        }
        wipe(key);
    }

    const std::string file_;  // empty: the key never changes
    std::mutex mutex_;        // guards key_ and looked_at_
    std::string key_;
    std::mutex reading_;  // guards the members below
    std::optional<FileStamp> stamp_;
    std::optional<Time> changed_at_;
    Time looked_at_;
};

/// Checks the options, reads the file.  Throws KeyError.
std::shared_ptr<Key> make_key(Options& options, Host& host) {
    const bool has_key = options.key && !options.key->empty();
    if (has_key == !options.key_file.empty()) {
        if (has_key) wipe(*options.key);
        throw KeyError(has_key ? "key" : "", has_key ? "give key or key_file, not both"
                                                     : "no key: give key = \"env:...\" or key_file");
    }
    if (has_key) {
        if (auto wrong = complaint(*options.key)) {
            wipe(*options.key);
            throw KeyError("key", "the key cannot be used: " + *wrong);
        }
        return std::make_shared<Key>(std::move(*options.key), "", std::nullopt, host.now());
    }
    const auto stamp = stamp_of(options.key_file);  // before the read, so that a later change is noticed
    auto key = read_key(options.key_file);
    if (!key)
        throw KeyError("key_file", "cannot use the key in " + options.key_file + ": " + key.error().message);
    if (std::string_view("\"'`").find(key->front()) != std::string_view::npos)
        host.log(Level::warning, "the key in the file has quotes around it, which are sent with it",
                 {{"file", options.key_file}});
    try {
        check_permissions(options.key_file, "key_file", host);
    } catch (...) {
        wipe(*key);
        throw;
    }
    return std::make_shared<Key>(*std::move(key), options.key_file, stamp, host.now());
}

/// Whether the upstream rejects the key.  Gemini does so with status 400 and `API_KEY_INVALID`.
bool refuses_key(const Rejection& rejection) {
    return rejection.head.status != 400 || rejection.body.find("API_KEY_INVALID") != rejection.body.npos;
}

}  // namespace

class Bearer final : public Signer {
public:
    Bearer(Options options, Host& host) : host_(host), header_(std::move(options.header)) {
        if (!is_token(header_)) throw KeyError("header", "not a valid header name");
        for (const char* taken : {"host", "content-length", "transfer-encoding", "connection"})
            if (http::equal_ignoring_case(header_, taken))
                throw KeyError("header", "the header " + header_ +
                                             " is reserved for the transport; choose another header");
        if (!options.scheme.empty() && !is_token(options.scheme))
            throw KeyError("scheme", "the scheme must be one word, such as Bearer, or empty");
        if (!options.scheme.empty()) prefix_ = options.scheme + " ";
        key_ = make_key(options, host);
    }

    void sign(http::Request request, Completion<http::Request> done) override {
        if (key_->is_look_due(host_.now()))
            host_.run([key = key_, &host = host_] { key->look(Key::Look::if_changed, host); });
        std::string value = prefix_;
        key_->append_to(value);
        request.headers.set(header_, std::move(value));
        done(std::move(request));
    }

    void rejected(const Rejection& rejection, Completion<bool> done) override {
        if (key_->file().empty() || !refuses_key(rejection)) return done(false);
        auto waiting = std::make_shared<Completion<bool>>(std::move(done));
        host_.run([key = key_, &host = host_, waiting] { (*waiting)(key->look(Key::Look::always, host)); });
    }

    std::string advice() const override {
        const std::string& file = key_->file();
        return "Sent with a key in the header " + header_ +
               (file.empty() ? "." : ", from the file " + file + ".") +
               "\nThe key must be one of this service and, where keys belong to a region, of this region; it "
               "may have expired or have been deleted.";
    }

private:
    Host& host_;
    const std::string header_;
    std::string prefix_;
    std::shared_ptr<Key> key_;
};

}  // namespace gatehouse::bearer

GATEHOUSE_PLUGIN(gatehouse::bearer::Bearer, gatehouse::bearer::Options, gatehouse::bearer::fields, "bearer",
                 "1.0.0");
