// SPDX-License-Identifier: Apache-2.0
// A signer that adds a bearer token.  Change it into your own.
//
// It gets a token as plain text from `POST TOKEN_URL`, keeps it until it expires or an
// upstream rejects it, and puts it into `Authorization`.
#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <mutex>

using namespace gatehouse;

namespace {

// The keys of [signer.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml signer my_plugin` prints them.
struct Options {
    std::string token_url, client_id, client_secret;
    std::int64_t lifetime_s = 3'600;
};

const Fields<Options> fields = {
    required("token_url", &Options::token_url,
             "URL of the token service, such as https://login.example.com/token."),
    required("client_id", &Options::client_id, "The gateway's name at the token service."),
    secret("client_secret", &Options::client_secret, "The secret of client_id."),
    ranged("lifetime_s", &Options::lifetime_s, 1, 86'400, "Lifetime of a token, in seconds."),
};

constexpr std::size_t max_token_bytes = 8 * 1024;

// A line break in a header value would begin another header.
bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= max_token_bytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

// The token, and the calls that wait for it.  A running fetch shares this object and may
// outlive the instance.  Many threads may call it at once.
class Tokens : public std::enable_shared_from_this<Tokens> {
public:
    Tokens(Options options, Host& host) : options_(std::move(options)), host_(host) {}

    void get(Completion<std::string> done) {
        std::unique_lock lock(mutex_);
        if (!token_.empty() && host_.now() < expires_) {
            std::string token = token_;
            lock.unlock();  // done() runs the caller's code
            return done(std::move(token));
        }
        waiting_.push_back(std::move(done));
        if (waiting_.size() > 1) return;  // a fetch is already running
        lock.unlock();
        fetch();
    }

    void forget() {
        std::lock_guard lock(mutex_);
        token_.clear();
    }

private:
    void fetch() {
        http::Request ask{.method = "POST", .url = options_.token_url};
        ask.headers = {{"x-client-id", options_.client_id}, {"x-client-secret", options_.client_secret}};
        ask.total_timeout = std::chrono::seconds(10);
        host_.fetch(std::move(ask), Completion<http::Response>([self = shared_from_this()](auto answer) {
                        self->take(std::move(answer));
                    }));
    }

    void take(Result<http::Response> answer) {
        Result<std::string> token = read(answer);
        std::vector<Completion<std::string>> waiting;
        {
            std::lock_guard lock(mutex_);
            if (token) {
                token_ = *token;
                expires_ = host_.now() + std::chrono::seconds(options_.lifetime_s);
            }
            waiting.swap(waiting_);
        }
        for (auto& done : waiting) done(token);
    }

    static Result<std::string> read(const Result<http::Response>& answer) {
        if (!answer) return answer.error();
        if (answer->head.status != 200)
            return Error{ErrorKind::upstream, "the token service rejected the gateway",
                         "status " + std::to_string(answer->head.status)};
        std::string token = answer->body;
        while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
        if (!is_token(token)) return Error{ErrorKind::upstream, "the token service sent no token"};
        return token;
    }

    const Options options_;
    Host& host_;
    std::mutex mutex_;  // guards the members below
    std::string token_;
    std::chrono::system_clock::time_point expires_{};
    std::vector<Completion<std::string>> waiting_;
};

class TokenSigner final : public Signer {
public:
    TokenSigner(Options options, Host& host) {
        // Rejects a value of the right type that cannot be used.  The message names the key.
        if (!options.token_url.starts_with("http://") && !options.token_url.starts_with("https://"))
            throw KeyError("token_url", "expected http:// or https:// at its beginning");
        tokens_ = std::make_shared<Tokens>(std::move(options), host);
    }

    void sign(http::Request request, Completion<http::Request> done) override {
        // A std::function must be copyable, and a Completion is not.
        struct Task {
            http::Request request;
            Completion<http::Request> done;
        };
        auto task = std::make_shared<Task>(Task{std::move(request), std::move(done)});
        tokens_->get(Completion<std::string>([task](Result<std::string> token) {
            if (!token) return task->done(token.error());
            task->request.headers.set("authorization", "Bearer " + *token);
            task->done(std::move(task->request));
        }));
    }

    // The upstream answered 400, 401 or 403.  After a 401 a new token may help, once.
    void rejected(const Rejection& rejection, Completion<bool> done) override {
        if (rejection.head.status != 401) return done(false);
        tokens_->forget();
        done(true);
    }

private:
    std::shared_ptr<Tokens> tokens_;
};

}  // namespace

GATEHOUSE_PLUGIN(TokenSigner, Options, fields, "my_plugin", "0.1.0");
