// SPDX-License-Identifier: Apache-2.0
#include "core/instances/secret_report.hpp"

#include <string>

namespace gatehouse::core {

void report_secrets(const CheckedConfig& table, bool strict, Mistakes& mistakes) {
    const std::string instance(table.instance());
    for (const Exposed& exposed : table.exposed()) {
        if (strict)
            mistakes.add(table.error(exposed, Exposure::refused));
        else
            mistakes.warn(table.error(exposed, Exposure::allowed), exposed_log(instance, exposed.file));
    }
    for (const Doubt& doubt : table.doubts())
        mistakes.warn(table.error(doubt.key, "the secret is probably wrong: " + doubt.reason),
                      {instance, "secret is probably wrong", {{"key", doubt.key}, {"reason", doubt.reason}}});
}

}  // namespace gatehouse::core
