// SPDX-License-Identifier: Apache-2.0
// Session tokens: reads their file again, refreshes them and writes them back.
#include "plugins/auth/oci_signer/session.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/federation.hpp"
#include "plugins/auth/oci_signer/file_token.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/auth/oci_signer/token.hpp"

namespace gatehouse::oci {

namespace {

class Session final : public Source {
public:
    Session(FileToken file, std::string auth_endpoint, Host& host)
        : file_(std::move(file)), auth_endpoint_(std::move(auth_endpoint)), host_(host) {
        adopt();
    }
    ~Session() override { wipe(token_); }

    std::optional<Credential> at_once() override {
        auto made = credential();
        return made ? std::optional(*std::move(made)) : std::nullopt;
    }

    void obtain(Why why, Completion<Credential> done) override {
        // An unreadable file changes nothing, because another program may be writing it.
        const bool other = why == Why::look ? is_true(file_.read_if_changed()) : read_again();
        if (other) adopt();
        const bool asks = why == Why::due || why == Why::rejected;
        if (other || !asks || !refreshes() || !credential()) return done(credential());
        refresh(host_, auth_endpoint_, token_, key_,
                Completion<std::string>(
                    [this, waiting = std::make_shared<Completion<Credential>>(std::move(done))](auto token) {
                        (*waiting)(refreshed(std::move(token)));
                    }));
    }

    bool watches() const override { return true; }

    std::string advice() const override {
        return "Signed as a session: " + file_.what() + " and " + file_.key_source().what +
               (auth_endpoint_.empty() ? ", not refreshed by the gateway."
                                       : ", refreshed at " + auth_endpoint_ + ".") +
               "\nIf OCI refuses it, log in again with `oci session authenticate`.";
    }

private:
    static bool is_true(const Result<bool>& result) { return result && *result; }

    bool read_again() {
        const std::string token = file_.token();
        const auto key = file_.key();
        return file_.read() && (file_.token() != token || file_.key() != key);
    }

    void adopt() {
        token_ = file_.token();
        key_ = file_.key();
        is_over_ = false;
    }

    bool refreshes() const { return !auth_endpoint_.empty() && !is_over_; }

    /// Returns the current credential, or an error if its token has expired.
    Result<Credential> credential() const {
        const Time now = host_.now();
        Credential made = credential_of(token_, key_, now);
        if (made.expiry && *made.expiry <= now)
            return Error{ErrorKind::upstream, "the gateway's session with the upstream has expired",
                         "the session token " + file_.path() + " expired on " + to_http_date(*made.expiry) +
                             "; renew it with `oci session refresh` or `oci session authenticate`"};
        if (!refreshes()) made.renew_at = made.expiry;  // no refresh before the expiry
        return made;
    }

    Result<Credential> refreshed(Result<std::string> token) {
        if (token) {
            token_ = *std::move(token);
            write_back();
        } else if (token.error().kind == ErrorKind::upstream) {
            is_over_ = true;
            host_.log(Level::warning,
                      "session refresh rejected; log in again with `oci session authenticate`",
                      {{"file", file_.path()}, {"reason", token.error().detail}});
        } else {
            return token.error();
        }
        return credential();
    }

    void write_back() {
        const auto written = replace_file(file_.path(), token_);
        if (written)
            (void)file_.read();  // our own write does not count as a change
        else
            host_.log(Level::warning, "refreshed session token not written, keeping it in memory",
                      {{"file", file_.path()}, {"reason", written.error().message}});
    }

    FileToken file_;  // the content of the files; token_ may be newer
    const std::string auth_endpoint_;
    Host& host_;
    std::string token_;
    std::shared_ptr<const PrivateKey> key_;
    bool is_over_ = false;  // OCI has refused to refresh this token
};

}  // namespace

std::unique_ptr<Source> make_session(const Settings& settings, std::string auth_endpoint, Host& host) {
    const Setting& setting = settings.need("security_token_file");
    KeySource key(settings);
    (void)key.load_at_start(host);
    FileToken file(setting.value, "", "the session token " + setting.value, std::move(key));
    if (auto good = file.read(); !good)
        throw KeyError(setting.toml_key,
                       "cannot use the session token " + setting.value +
                           (setting.origin == "security_token_file" ? "" : " (" + setting.origin + ")") +
                           ": " + good.error().message + "; make it with `oci session authenticate`");
    check_permissions(setting.value, setting.toml_key, host);
    return std::make_unique<Session>(std::move(file), std::move(auth_endpoint), host);
}

}  // namespace gatehouse::oci
