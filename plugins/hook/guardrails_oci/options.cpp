// SPDX-License-Identifier: Apache-2.0
// The keys with their documentation.
#include "plugins/hook/guardrails_oci/options.hpp"

namespace gatehouse::guardrails_oci {

const Fields<Options> fields = {
    optional("region", &Options::region, "Region of the service, such as us-chicago-1."),
    optional("endpoint", &Options::endpoint,
             "http(s)://host[:port] of the inference service, instead of the region's own host."),
    required("compartment_id", &Options::compartment_id,
             "OCID of the compartment or tenancy that owns the checks and pays for them."),
    optional("check", &Options::check, "Directions to check: \"request\", \"response\", or both."),
    choice("messages", &Options::messages, {"all", "new"},
           "Texts of a chat that are checked: all, or those after the last turn of the assistant."),
    choice("moderation", &Options::moderation, {"block", "report", "off"},
           "Action for content that content moderation flags."),
    optional("categories", &Options::categories, "Categories of content moderation."),
    choice("injection", &Options::injection, {"block", "report", "off"},
           "Action for prompt injections, in requests only."),
    choice("personal", &Options::personal, {"block", "mask", "report", "off"},
           "Action for personal data; mask replaces it with its label, such as [EMAIL]."),
    optional("personal_types", &Options::personal_types, "Types of personal data."),
    optional("version", &Options::version, "Version of the guardrails; the service's default if left out."),
    optional("language", &Options::language, "Code of the texts' language, such as \"en\"."),
    choice("hold", &Options::hold, {"sentence", "pieces", "all"},
           "Part of a stream that is held back and checked at once: sentences, hold_pieces pieces of the "
           "model, or the complete response."),
    ranged("hold_pieces", &Options::hold_pieces, 1, 100'000,
           "Pieces of a stream, usually tokens, that are held back at most; 0 is not allowed."),
    choice("on_failure", &Options::on_failure, {"refuse", "allow"},
           "Whether requests and responses are refused or allowed if they cannot be checked."),
    ranged("timeout_ms", &Options::timeout_ms, 1, 60'000,
           "Time for one check, in milliseconds; shorter than hook_timeout_ms of the gateway."),
    ranged("max_text_bytes", &Options::max_text_bytes, 1'024, 67'108'864,
           "Longer texts are not sent, and count as a failure of the check."),
};

}  // namespace gatehouse::guardrails_oci
