// SPDX-License-Identifier: Apache-2.0
#include "core/app/load_tls_config.hpp"

#include "core/config/checked_config.hpp"
#include "core/observe/log.hpp"
#include "core/tls/identity.hpp"
#include "core/util/suggest.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

/// Makes errors that point at the keys of one table.
class At {
public:
    At(const ConfigFile& file, std::string table, std::vector<Key> keys)
        : file_(file), table_(std::move(table)), keys_(std::move(keys)) {}
    Error error(const std::string& key, const std::string& message) const {
        auto checked = check(file_, table_, keys_);
        return checked ? checked->error(key, message) : checked.error();
    }

private:
    const ConfigFile& file_;
    const std::string table_;
    const std::vector<Key> keys_;
};

Result<void> allow_key(const std::string& path, const std::string& key, const At& at,
                       const Settings& settings, Log& log) {
    if (!others_may_read(path)) return {};
    if (settings.server.strict_permissions) return at.error(key, exposed_message(path));
    log.write(Level::warning, "gatehouse", "file with a secret is readable by other users: `chmod 600` it",
              {{"file", path}});
    return {};
}

void note_end(const Validity& validity, const std::string& path, const std::string& table, Log& log,
              CertificateEnds& ends) {
    ends[table] = validity.end_seconds;
    if (!validity.remark.empty())
        log.write(Level::warning, "gatehouse", "certificate " + validity.remark,
                  {{"file", path}, {"not_after", validity.end}});
}

/// `prefix`: the prefix of the host's keys.  Files that the host shares with `usual` are already read.
Result<void> check_host(const HostTls& host, const HostTls& usual, const std::string& prefix, const At& at,
                        const Settings& settings, Log& log, CertificateEnds& ends) {
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
             prefix.empty() ? "upstream" : "upstream." + prefix.substr(0, prefix.size() - 1), log, ends);
    return allow_key(host.client_key, prefix + "client_key", at, settings, log);
}

/// Returns null without an error if there is no table.
Result<std::shared_ptr<const ServerTls>> read_server_tls(const ConfigFile& file, const Settings& settings,
                                                         const std::shared_ptr<TicketKeys>& tickets, Log& log,
                                                         CertificateEnds& ends) {
    if (!settings.tls || !settings.is_right("server.tls")) return std::shared_ptr<const ServerTls>();
    const At at(file, "server.tls", keys_of(server_tls_fields));
    auto made = ServerTls::make(*settings.tls, tickets);
    if (!made) return at.error(made.error().param, made.error().message);
    if (auto ok = allow_key(settings.tls->key, "key", at, settings, log); !ok) return ok.error();
    note_end((*made)->validity(), settings.tls->certificate, "server.tls", log, ends);
    return made;
}

}  // namespace

std::shared_ptr<const ServerTls> make_server_tls(const ConfigFile& file, const Settings& settings,
                                                 const std::shared_ptr<TicketKeys>& tickets, Log& log,
                                                 CertificateEnds& ends, Mistakes& mistakes) {
    auto made = read_server_tls(file, settings, tickets, log, ends);
    if (made) return *std::move(made);
    mistakes.add(made.error());
    return nullptr;
}

void check_upstream_tls(const ConfigFile& file, const Settings& settings, Log& log, CertificateEnds& ends,
                        Mistakes& mistakes) {
    if (!settings.is_right("upstream")) return;
    const At at(file, "upstream", keys_of(upstream_fields));
    const UpstreamTls& tls = settings.upstream_tls;
    auto check_one = [&](const HostTls& host, const HostTls& usual, const std::string& prefix) {
        if (auto ok = check_host(host, usual, prefix, at, settings, log, ends); !ok) mistakes.add(ok.error());
    };
    check_one(tls.usual, {}, "");
    for (const auto& [name, host] : tls.hosts) check_one(host, tls.usual, "hosts." + as_key(name) + ".");
}

}  // namespace gatehouse::core
