// SPDX-License-Identifier: Apache-2.0
#include "core/clients_tls.hpp"

#include "core/config/check.hpp"
#include "core/observe/log.hpp"

namespace gatehouse::core {

Result<std::shared_ptr<const ServerTls>> make_clients_tls(const ConfigFile& file, const Settings& settings,
                                                          const std::shared_ptr<TicketKeys>& tickets,
                                                          Log& log) {
    if (!settings.tls) return std::shared_ptr<const ServerTls>();
    const ServerTlsOptions& options = *settings.tls;
    auto error_at = [&](const std::string& key, const std::string& message) {
        auto table = check(file, "server.tls", keys_of(server_tls_fields));
        return table ? table->error(key, message) : table.error();
    };
    auto made = ServerTls::make(options, tickets);
    if (!made) return error_at(made.error().param, made.error().message);
    if (others_may_read(options.key)) {
        if (settings.server.strict_permissions) return error_at("key", exposed_message(options.key));
        log.write(Level::warning, "server",
                  "others than its owner may read a file with a secret: `chmod 600` it",
                  {{"file", options.key}});
    }
    if (const std::string& remark = (*made)->remark(); !remark.empty())
        log.write(Level::warning, "server", "the certificate " + remark,
                  {{"file", options.certificate}, {"not_after", (*made)->not_after()}});
    return made;
}

}  // namespace gatehouse::core
