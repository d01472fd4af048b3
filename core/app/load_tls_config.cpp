// SPDX-License-Identifier: Apache-2.0
#include "core/app/load_tls_config.hpp"

#include "core/config/checked_config.hpp"
#include "core/tls/identity.hpp"
#include "core/util/suggest.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

/// Makes errors and warnings that point at the keys of one table.
class At {
public:
    At(const ConfigFile& file, std::string table, std::vector<Key> keys, Mistakes& mistakes)
        : file_(file), table_(std::move(table)), keys_(std::move(keys)), mistakes_(mistakes) {}
    Error error(const std::string& key, const std::string& message) const {
        auto checked = check(file_, table_, keys_);
        return checked ? checked->error(key, message) : checked.error();
    }
    void warn(const std::string& key, const std::string& message, LogForm log) const {
        mistakes_.warn(error(key, message), std::move(log));
    }

private:
    const ConfigFile& file_;
    const std::string table_;
    const std::vector<Key> keys_;
    Mistakes& mistakes_;
};

Result<void> allow_key(const std::string& path, const std::string& key, const At& at,
                       const Settings& settings) {
    if (!others_may_read(path)) return {};
    if (settings.server.strict_permissions) return at.error(key, exposed_message(path, Exposure::refused));
    at.warn(key, exposed_message(path, Exposure::allowed), exposed_log("gatehouse", path));
    return {};
}

/// `key`: that of the certificate.
void note_end(const Validity& validity, const std::string& path, const std::string& table, const At& at,
              const std::string& key, CertificateEnds& ends) {
    ends[table] = validity.end_seconds;
    if (validity.remark.empty()) return;
    const std::string message = "certificate " + validity.remark;
    at.warn(key, path + ": the " + message + " (notAfter: " + validity.end + ")",
            {"gatehouse", message, {{"file", path}, {"not_after", validity.end}}});
}

/// `prefix`: the prefix of the host's keys.  Files that the host shares with `usual` are already read.
Result<void> check_host(const HostTls& host, const HostTls& usual, const std::string& prefix, const At& at,
                        const Settings& settings, CertificateEnds& ends) {
    if (!host.ca_file.empty() && host.ca_file != usual.ca_file)
        if (auto read = read_authorities(host.ca_file); !read)
            return at.error(prefix + "ca_file", read.error().message);
    if (host.client_certificate.empty() ||
        (host.client_certificate == usual.client_certificate && host.client_key == usual.client_key))
        return {};
    const TlsContextOwner scratch(SSL_CTX_new(TLS_client_method()));
    if (!scratch) return Error{ErrorKind::internal, "no TLS context: " + take_openssl_reason()};
    auto chain = use_identity(*scratch, host.client_certificate, host.client_key);
    if (!chain) return at.error(prefix + "client_" + chain.error().param, chain.error().message);
    note_end(validity_of(*chain->front()), host.client_certificate,
             prefix.empty() ? "upstream" : "upstream." + prefix.substr(0, prefix.size() - 1), at,
             prefix + "client_certificate", ends);
    return allow_key(host.client_key, prefix + "client_key", at, settings);
}

/// Returns null without an error if there is no table.
Result<std::shared_ptr<const ServerTls>> read_server_tls(const ConfigFile& file, const Settings& settings,
                                                         const std::shared_ptr<TicketKeys>& tickets,
                                                         CertificateEnds& ends, Mistakes& mistakes) {
    if (!settings.tls || !settings.is_right("server.tls")) return std::shared_ptr<const ServerTls>();
    const At at(file, "server.tls", keys_of(server_tls_fields), mistakes);
    auto made = ServerTls::make(*settings.tls, tickets);
    if (!made) return at.error(made.error().param, made.error().message);
    if (auto ok = allow_key(settings.tls->key, "key", at, settings); !ok) return ok.error();
    note_end((*made)->validity(), settings.tls->certificate, "server.tls", at, "certificate", ends);
    return made;
}

}  // namespace

std::shared_ptr<const ServerTls> make_server_tls(const ConfigFile& file, const Settings& settings,
                                                 const std::shared_ptr<TicketKeys>& tickets,
                                                 CertificateEnds& ends, Mistakes& mistakes) {
    auto made = read_server_tls(file, settings, tickets, ends, mistakes);
    if (made) return *std::move(made);
    mistakes.add(made.error());
    return nullptr;
}

void check_upstream_tls(const ConfigFile& file, const Settings& settings, CertificateEnds& ends,
                        Mistakes& mistakes) {
    if (!settings.is_right("upstream")) return;
    const At at(file, "upstream", keys_of(upstream_fields), mistakes);
    const UpstreamTls& tls = settings.upstream_tls;
    auto check_one = [&](const HostTls& host, const HostTls& usual, const std::string& prefix) {
        if (auto ok = check_host(host, usual, prefix, at, settings, ends); !ok) mistakes.add(ok.error());
    };
    check_one(tls.usual, {}, "");
    for (const auto& [name, host] : tls.hosts) check_one(host, tls.usual, "hosts." + as_key(name) + ".");
}

}  // namespace gatehouse::core
