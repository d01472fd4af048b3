// SPDX-License-Identifier: Apache-2.0
#include "core/instances/secret_report.hpp"

#include "core/observe/log.hpp"

namespace gatehouse::core {

void report_secrets(const CheckedConfig& table, bool strict, Log& log, Mistakes& mistakes) {
    for (const Exposed& exposed : table.exposed()) {
        if (strict)
            mistakes.add(table.error(exposed));
        else
            log.write(Level::warning, table.instance(),
                      "file with a secret is readable by other users: `chmod 600` it",
                      {{"file", exposed.file.string()}});
    }
    for (const Doubt& doubt : table.doubts())
        log.write(Level::warning, table.instance(), "secret is probably wrong",
                  {{"key", doubt.key}, {"reason", doubt.reason}});
}

}  // namespace gatehouse::core
